package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/zonecfg"
)

// shows checks that a screen shows each text, one after the other.
func shows(t *testing.T, screen string, texts ...string) {
	t.Helper()
	rest := screen
	for _, text := range texts {
		_, after, ok := strings.Cut(rest, text)
		if !ok {
			t.Errorf("%q isn't in its place on\n%s", text, screen)
			return
		}
		rest = after
	}
}

// Tab completes a subcommand, a property, a value and a resource.
// https://github.com/TritonDataCenter/smartos-live/pull/93
func TestSmartosLive93Completion(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	screen, status := s.onTerminal([]string{"-z", "z1"},
		"crea\t", "set zonep\t/zones/z1", "set ip-t\texcl\t", "add capped-m\t", "set phys\t1G", "end", "add attr", "set na\ta", "set ty\tuint", "set val\t3", "en\t",
		"select at\tname=a", "info", "cancel", "ver\t", "exit")
	if status != 0 {
		t.Errorf("status %d\n%s", status, screen)
	}
	shows(t, screen, "z1: No such zone configured", "type: uint")
	z, err := zonecfg.Open(s.root, s.run).Load("z1")
	if err != nil {
		t.Fatalf("%v\n%s", err, screen)
	}
	if !z.Exclusive() || z.CappedMemory == nil || len(z.Attr) != 1 || z.Attr[0].Value != "3" {
		t.Errorf("%+v was made on\n%s", z, screen)
	}
}

// Lines of an earlier session are there again, and only their user can read them.
func TestTerminalHistory(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	const up = "\x1b[A"
	s.onTerminal([]string{"-z", "z1"}, "create; set zonepath=/zones/z1", "set pool=before", "exit")
	screen, status := s.onTerminal([]string{"-z", "z1"}, "set pool=now", up+up+up, "info pool", "exit")
	if status != 0 {
		t.Errorf("status %d", status)
	}
	shows(t, screen, "set pool=now", "set pool=before", "info pool", "pool: before")
	path := filepath.Join(s.run, "zonecfg-go", "history")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	text, _ := os.ReadFile(path)
	if want := "create; set zonepath=/zones/z1\nset pool=before\nexit\nset pool=now\nset pool=before\ninfo pool\nexit\n"; string(text) != want {
		t.Errorf("the history is\n%s, want\n%s", text, want)
	}
	// A state directory that can't be written to costs the history and nothing else.
	s.env = []string{"XDG_STATE_HOME=/dev/null"}
	if screen, status := s.onTerminal([]string{"-z", "z1"}, "info pool", "exit"); status != 0 || !strings.Contains(screen, "pool: before") {
		t.Errorf("status %d\n%s", status, screen)
	}
}

// The history of many sessions doesn't grow for ever.
func TestHistoryIsTrimmed(t *testing.T) {
	t.Parallel()
	h := &history{path: filepath.Join(t.TempDir(), "state", "history")}
	for i := range 2*historyLines - 1 {
		h.Write(fmt.Sprint("line ", i))
	}
	again := func() []string {
		h := &history{path: h.path}
		h.load()
		return h.lines
	}
	if lines := again(); len(lines) != historyLines || lines[historyLines-1] != "line 1998" {
		t.Errorf("%d lines, the last is %s", len(lines), lines[len(lines)-1])
	}
	h.Write("the last")
	for range 2 {
		lines := again()
		if len(lines) != historyLines || lines[historyLines-1] != "the last" || lines[0] != "line 1000" {
			t.Errorf("%d lines, %s to %s", len(lines), lines[0], lines[len(lines)-1])
		}
	}
	if text, _ := os.ReadFile(h.path); strings.Count(string(text), "\n") != historyLines {
		t.Errorf("the file has %d lines", strings.Count(string(text), "\n"))
	}
}

// A hint names what was probably meant, on a terminal only.
func TestTerminalHints(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	for _, c := range []struct{ typed, hint string }{
		{"set zonepth=/x", "zonepath"},
		{"crate", "create"},
		{"add atr", "attr"},
		{"info ip-tpye", "ip-type"},
		{"select nte physical=x", "net"},
	} {
		screen, _ := s.onTerminal([]string{"-z", "z1"}, c.typed, "exit -F")
		shows(t, screen, c.typed, "Did you mean '"+c.hint+"'?")
		if screen, _ := s.onTerminal([]string{"-z", "z1", c.typed}); !strings.Contains(screen, "Did you mean '"+c.hint+"'?") {
			t.Errorf("%s: no hint on\n%s", c.typed, screen)
		}
		if out, errs, _ := s.zonecfg("-z", "z1", c.typed); strings.Contains(out+errs, "Did you mean") {
			t.Errorf("%s: a hint without a terminal:\n%s%s", c.typed, out, errs)
		}
	}
}

// diff, apply and JSON are the same on a terminal as in a pipe.
func TestTerminalApply(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1; set pool=p; add attr; set name=a; set type=string; set value=x; end")
	s.must("z2", "create; set zonepath=/zones/z2; set pool=q")
	text, status := s.onTerminal([]string{"-z", "z1", "info", "--json"})
	var z map[string]any
	if err := json.Unmarshal([]byte(text), &z); err != nil || status != 0 || z["pool"] != "p" {
		t.Fatalf("status %d, %v\n%s", status, err, text)
	}
	put := filepath.Join(t.TempDir(), "zone.json")
	if err := os.WriteFile(put, []byte(strings.Replace(text, `"p"`, `"changed"`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	before := s.read("/etc/zones/z1.xml")
	const changes = "-pool: p\n+pool: changed\n"
	if screen, status := s.onTerminal([]string{"apply", "--dry-run", put}); status != 0 || screen != changes || s.read("/etc/zones/z1.xml") != before {
		t.Errorf("the dry run: status %d\n%s", status, screen)
	}
	if screen, status := s.onTerminal([]string{"diff", "z1", put}); status != 1 || screen != changes {
		t.Errorf("diff: status %d\n%s", status, screen)
	}
	if screen, status := s.onTerminal([]string{"apply", put}); status != 0 || screen != changes {
		t.Errorf("apply: status %d\n%s", status, screen)
	}
	if out, _, _ := s.zonecfg("-z", "z1", "info pool"); out != "pool: changed\n" {
		t.Errorf("it made %s", out)
	}
	screen, status := s.onTerminal([]string{"diff", "z1", "z2"})
	if status != 1 || !strings.Contains(screen, "-pool: changed\n+pool: q\n") {
		t.Errorf("diff of zones: status %d\n%s", status, screen)
	}
}

// Control characters of names, paths and values don't reach a terminal, whatever shows
// them; files and pipes get them.
func TestControlCharacters(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	s.must("z2", "create; set zonepath=/zones/z2")
	xml := strings.Replace(s.read("/etc/zones/z1.xml"), "</zone>", "  <attr name=\"a\" type=\"string\" value=\"\u009b31m\u007f\"/>\n</zone>", 1)
	if !strings.Contains(xml, "<attr") {
		xml = strings.Replace(xml, "/>", "><attr name=\"a\" type=\"string\" value=\"\u009b31m\u007f\"/></zone>", 1)
	}
	s.write("/etc/zones/z1.xml", xml)
	const shown = `\u009b31m\x7f`
	for name, args := range map[string][]string{
		"info":   {"-z", "z1", "info attr"},
		"export": {"-z", "z1", "export"},
		"diff":   {"diff", "z1", "z2"},
	} {
		screen, _ := s.onTerminal(args)
		if !strings.Contains(screen, shown) || strings.ContainsAny(screen, "\u009b\x7f") {
			t.Errorf("%s shows\n%q", name, screen)
		}
		if out, _, _ := s.zonecfg(args...); !strings.Contains(out, "\u009b31m\x7f") {
			t.Errorf("%s writes\n%q", name, out)
		}
	}
	screen, _ := s.onTerminal([]string{"-z", "z1"}, "info attr", "exit")
	shows(t, screen, "value: "+shown)
	for name, args := range map[string][]string{
		"a file":         {"-z", "z1", "-f", "/none\x1b[2J"},
		"a name":         {"-z", "z\x1b[2J", "info"},
		"apply":          {"apply", "/none\x1b[2J"},
		"a path":         {"-z", "z1", "set zonepath=x\x1b2J"},
		"a root":         {"-R", "/none\x1b[2J", "-z", "z1", "info"},
		"not UTF-8":      {"-z", "z1", "-f", "/none\x9b\x1b[2J"},
		"an output file": {"-z", "z1", "export -f /none/\x1b2J"},
	} {
		var raw string
		s.raw = &raw
		s.onTerminal(args)
		s.raw = nil
		if strings.Contains(raw, "\x1b") || strings.Contains(raw, "\x9b") || !strings.Contains(raw, `\x1b`) {
			t.Errorf("%s: %q", name, raw)
		}
	}
}

// Without $PAGER what fits is printed directly, and the rest goes through more, which is
// told to exit after the last line. What no pager takes is printed directly too.
func TestPager(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("short", "create; set zonepath=/zones/z1")
	s.must("long", "create; set zonepath=/zones/z2; "+many(30))
	s.must("wide", "create; set zonepath=/zones/z3; set bootargs="+strings.Repeat("w", 200))
	bin := t.TempDir()
	if err := testenv.WriteProgram(filepath.Join(bin, "more"), []byte("#!/bin/sh\necho \"paged $MORE\"\nexec /bin/cat\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		zone  string
		env   []string
		paged string
	}{
		{"short", []string{"PAGER="}, ""},
		{"wide", []string{"PAGER="}, ""},
		{"long", []string{"PAGER="}, "paged -e"},
		{"long", []string{"PAGER=", "MORE=-d"}, "paged -d"},
		{"short", []string{"PAGER=echo mine; cat"}, "mine"},
		{"long", []string{"PAGER=/none/pager"}, "/none/pager"},
		{"short", []string{"PAGER=/none/pager"}, "/none/pager"},
		{"long", []string{"PAGER=", "PATH=/none"}, ""},
	} {
		s.env = append([]string{"PATH=" + bin}, c.env...)
		screen, status := s.onTerminal([]string{"-z", c.zone}, "info", "info zonename", "exit")
		_, first, _ := strings.Cut(screen, "info")
		first, _, _ = strings.Cut(first, "> info zonename")
		if status != 0 || strings.Contains(first, "paged") != strings.HasPrefix(c.paged, "paged") || !strings.Contains(first, c.paged) || !strings.Contains(first, "zonename: "+c.zone) {
			t.Errorf("%s %v: status %d\n%s", c.zone, c.env, status, screen)
		}
	}
}

func many(devices int) string {
	var script strings.Builder
	for i := range devices {
		fmt.Fprintf(&script, "add device; set match=/dev/x%d; end; ", i)
	}
	return script.String()
}
