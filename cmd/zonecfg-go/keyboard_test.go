package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gozones/zones/zonecfg"
)

// Reports of the cursor's position are taken out of what is typed, however it arrives.
func TestReports(t *testing.T) {
	t.Parallel()
	long := "\x1b[" + strings.Repeat("1", 2*maxReport) + ";2R"
	for _, c := range []struct {
		name string
		more bool // more is typed already
		in   []string
		want []string
	}{
		{"no report", false, []string{"info \x1b[A\x1b[1;5D\x1bOR\r"}, []string{"info \x1b[A\x1b[1;5D\x1bOR\r"}},
		{"Shift-F3", false, []string{"a\x1b[1;2Rb"}, []string{"ab"}},
		{"several", false, []string{"\x1b[1;2R\x1b[24;80R\x1b[1;5R"}, []string{""}},
		{"in two parts", false, []string{"a\x1b[1;", "2Rb"}, []string{"a", "b"}},
		{"byte by byte after its first", false, []string{"\x1b[", "1", ";", "2", "Rb"}, []string{"", "", "", "", "b"}},
		{"the Escape key", false, []string{"\x1b", "x"}, []string{"\x1b", "x"}},
		{"the Escape key and what looks like the rest", false, []string{"\x1b", "[1;2Rb"}, []string{"\x1b", "b"}},
		{"the Escape key twice", false, []string{"\x1b\x1b", "\x1b[1;2R"}, []string{"\x1b\x1b", ""}},
		{"nearly reports", false, []string{"\x1b[;2R\x1b[1;R\x1b[1R\x1b[1;2;3R\x1b[1;2S\x1b1;2R"}, []string{"\x1b[;2R\x1b[1;R\x1b[1R\x1b[1;2;3R\x1b[1;2S\x1b1;2R"}},
		{"too long for one", false, []string{long}, []string{long}},
		{"a character in two parts", true, []string{"a\xe4\xb8", "\x96b", "\xc3", "\xa9"}, []string{"a", "世b", "", "é"}},
		{"half a character by itself", false, []string{"\xc3"}, []string{"\xc3"}},
		{"no character", true, []string{"a\xff\x96", "\x96\x96\x96\x96"}, []string{"a\xff\x96", "\x96\x96\x96\x96"}},
		{"Escape with more to come", true, []string{"a\x1b", "[1;2Rb"}, []string{"a", "b"}},
		{"half a character and a report", true, []string{"\xc3", "\x1b[1;2R", "x"}, []string{"", "", "\xc3x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var r reports
			for i, in := range c.in {
				if got := string(r.without([]byte(in), c.more)); got != c.want[i] {
					t.Errorf("%q: %q, want %q", in, got, c.want[i])
				}
			}
		})
	}
}

// Keys that look like an answer of the terminal don't stop the editor, alone or in between.
func TestEditorReports(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	m := s.typist(t, 80, 24, "-z", "z1")
	m.await("zonecfg:z1> ")
	m.keys("\x1b[1;2R")
	m.keys("set pool=a\x1b[1;2R\x1b[1;5Rb\r")
	m.await("zonecfg:z1> set pool=ab\nzonecfg:z1> ")
	m.keys("info po\t\x1b[24;80R\r")
	m.await("pool: ab\nzonecfg:z1> ")
	m.keys("exit\r")
	if status := m.status(); status != 0 {
		t.Errorf("status %d on\n%s", status, m.screen)
	}
}

// Pasted lines are run together after Enter, and a Tab among them is a Tab. What is more
// than the editor reads at once keeps its characters; a word that is too long costs its
// line, and the session goes on.
func TestEditorPaste(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1; add attr; set name=a; set type=string; set value=x; end")
	m := s.typist(t, 120, 60, "-z", "z1")
	m.await("zonecfg:z1> ")
	m.keys("\x1b[200~set pool=a\r\tset pool=b\r\rinfo pool\r\x1b[201~")
	m.keys("info zonename\r")
	m.await("pool: b\nzonename: z1\nzonecfg:z1> ")
	const value = "xé世"
	var script strings.Builder
	for i := range 8 {
		fmt.Fprintf(&script, "select attr name=a; set value=\"%d%s\"; end\r", i, strings.Repeat(value, 40))
	}
	m.keys("\x1b[200~" + script.String() + "info pool\x1b[201~\r")
	m.await("pool: b\nzonecfg:z1> ")
	m.keys("\x1b[200~set pool=c; set bootargs=" + strings.Repeat("b", 1024) + "; set pool=d\rinfo pool\x1b[201~\r")
	m.await("a word of 1024 bytes is longer than the 1023 that a word may have; the rest of what was typed is ignored\nzonecfg:z1> ")
	m.keys("info pool\r")
	m.await("pool: c\nzonecfg:z1> ")
	m.keys("\x04")
	if status := m.status(); status != 1 {
		t.Errorf("status %d on\n%s", status, m.screen)
	}
	if z, err := zonecfg.Open(s.root, s.run).Load("z1"); err != nil || z.Attr[0].Value != "7"+strings.Repeat(value, 40) {
		t.Errorf("not all characters arrived: %v, %v", z, err)
	}
}

// The smallest terminals, and those that don't say their size, show something, and don't
// stop the session.
func TestEditorSizes(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	for _, size := range [][2]int{{1, 24}, {2, 2}, {0, 0}} {
		m := s.typist(t, size[0], size[1], "-z", "z1")
		m.screen = newEmulator(80, 100) // which sees all that is written, in a row as wide as it needs
		m.keys("set po\tp\rexit\r")
		if status := m.status(); status != 0 {
			t.Errorf("%v: status %d on\n%s", size, status, m.screen)
		}
	}
	if out, _, _ := s.zonecfg("-z", "z1", "info pool"); out != "pool: p\n" {
		t.Error(out)
	}
}
