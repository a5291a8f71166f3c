package main

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	raw, qcow := write(t, dir+"/raw", strings.Repeat("x", 512)), write(t, dir+"/qcow", "QFI\xfb\x00\x00\x00\x03")
	packed, empty := write(t, dir+"/packed", "\xfd7zXZ\x00\x00"), write(t, dir+"/empty", "")
	for _, test := range []struct {
		name, args string
		want       func(*options) bool
		err        string
	}{
		{"raw", raw, func(o *options) bool {
			return o.format == "raw" && o.access == bySeed && slices.Equal(o.as, []string{"root", "user"})
		}, ""},
		{"qcow2", qcow, func(o *options) bool { return o.format == "qcow2" }, ""},
		{"the format is said", "-format raw " + qcow, func(o *options) bool { return o.format == "raw" }, ""},
		{"limits", "-limit boot=3s -limit tests=1m " + raw, func(o *options) bool {
			return o.limits[stepBoot] == 3*time.Second && o.limits[stepTests] == time.Minute && o.limits[stepOff] > 0
		}, ""},
		{"arguments for QEMU", raw + " -- -o x", func(o *options) bool { return slices.Equal(o.qemu, []string{"-o", "x"}) && o.out == "omnios-results" }, ""},
		{"a user only", "-as user " + raw, func(o *options) bool { return slices.Equal(o.as, []string{"user"}) }, ""},
		{"no image", "", nil, "one IMAGE is needed, not 0"},
		{"two images", raw + " " + raw, nil, "one IMAGE is needed, not 2"},
		{"a missing image", dir + "/none", nil, "no such file"},
		{"a missing image of a format", "-format raw " + dir + "/none", nil, "no such file"},
		{"a compressed image", packed, nil, "is compressed"},
		{"an empty image", empty, nil, "only 0 bytes"},
		{"another user", "-as me " + raw, nil, "-as me"},
		{"another access", "-access rsh " + raw, nil, "-access rsh"},
		{"another format", "-format vmdk " + raw, nil, "-format vmdk"},
		{"another accelerator", "-accel hvf " + raw, nil, "-accel hvf"},
		{"key without a file", "-access key " + raw, nil, "needs -key FILE"},
		{"a file without key", "-key k " + raw, nil, "is for -access key"},
		{"a password without console", "-password p " + raw, nil, "is for -access console"},
		{"no memory", "-memory 0 " + raw, nil, "above 0"},
		{"no such step", "-limit bot=3s " + raw, nil, `no step is called "bot"`},
		{"no time", "-limit boot=0s " + raw, nil, "is not STEP=DURATION"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o, err := parse(strings.Fields(test.args), new(bytes.Buffer))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("%v, want %q", err, test.err)
				}
			} else if err != nil || !test.want(o) {
				t.Errorf("%+v, %v", o, err)
			}
		})
	}
}

// TestResults reads what test programs print.
func TestResults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, stream string
		ended        bool
		passed       bool
		text         string // without the last line
		junit        string // part of it
	}{
		{"nothing", "", false, false, "", "<testsuites></testsuites>"},
		{"a good package", "^=== PACKAGE a\n^=== RUN   T\nhello\n^--- PASS: T (0.50s)\nPASS\n^=== EXIT 0\n^=== END\n", true, true,
			"ok      root  a: 1 passed, 0 failed, 0 skipped\n", `<testsuite name="root/a" tests="1" failures="0" errors="0" skipped="0" time="0.50">`},
		{"no newline before an event", "^=== PACKAGE a\n^=== RUN   T\nx^--- FAIL: T (0.00s)\n^=== EXIT 1\n^=== END\n", true, false,
			"FAILED  root  a: 0 passed, 1 failed, 0 skipped\n  FAIL: T\n    x\n", `<failure message="x">x</failure>`},
		{"subtests and their output", "^=== PACKAGE a\n^=== RUN   T\n^=== RUN   T/b\n^=== PAUSE T/b\n^=== NAME  T\nfor T\n^=== CONT  T/b\nfor b\n^--- FAIL: T/b (0.10s)\n^--- FAIL: T (0.20s)\n^=== EXIT 1\n^=== END\n", true, false,
			"FAILED  root  a: 0 passed, 2 failed, 0 skipped\n  FAIL: T\n    for T\n  FAIL: T/b\n    for b\n", `time="0.20">`},
		{"a skipped test", "^=== PACKAGE a\n^=== RUN   T\nneeds x\n^--- SKIP: T (0.00s)\n^=== EXIT 0\n^=== END\n", true, true,
			"ok      root  a: 0 passed, 0 failed, 1 skipped\n", `<skipped message="needs x">`},
		{"a program that ends badly", "^=== PACKAGE a\nunit.test: not found\n^=== EXIT 127\n^=== END\n", true, false,
			"FAILED  root  a: 0 passed, 0 failed, 0 skipped\n  the test program exited with status 127\n    unit.test: not found\n", `<error message="the test program exited with status 127">`},
		{"a test that ends the program", "^=== PACKAGE a\n^=== RUN   T\nbye\n^=== EXIT 0\n^=== END\n", true, false,
			"FAILED  root  a: 0 passed, 1 failed, 0 skipped\n  did not end: T\n    bye\n", `<error message="did not end">`},
		{"a guest that hangs", "^=== PACKAGE a\n^=== RUN   T\nby", false, false,
			"FAILED  root  a: 0 passed, 1 failed, 0 skipped\n  did not end: T\n    by\n  the test program did not end\n", `errors="1"`},
		{"bytes that XML can't have", "^=== PACKAGE a\n^=== RUN   T\n\x00\x1b<&\n^--- FAIL: T (0.00s)\n^=== EXIT 1\n^=== END\n", true, false,
			"FAILED  root  a: 0 passed, 1 failed, 0 skipped\n  FAIL: T\n    \x00\x1b<&\n", "&lt;&amp;"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{1, 7, 1 << 20} {
				r := new(results)
				s := r.reader("root")
				for chunk := range slices.Chunk([]byte(strings.ReplaceAll(test.stream, "^", "\x16")), size) {
					s.Write(chunk)
				}
				if ended, passed := s.close(), r.passed(); ended != test.ended || passed != test.passed {
					t.Errorf("ended %v, passed %v", ended, passed)
				}
				text := r.text()
				if got := text[:strings.LastIndex(strings.TrimSpace(text), "\n")+1]; got != test.text {
					t.Errorf("text:\n%s\nwant:\n%s", got, test.text)
				}
				x, err := r.junit()
				if err != nil || !strings.Contains(string(x), test.junit) || xml.Unmarshal(x, new(junitSuites)) != nil {
					t.Errorf("%v:\n%s", err, x)
				}
			}
		})
	}
}

// TestReal reads what a test program of this Go prints: this one.
func TestReal(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := new(results)
	s := r.reader("root")
	fmt.Fprint(s, "\x16=== PACKAGE a\n")
	again := exec.Command(self, "-test.run=^(TestParse|TestSeed)$", "-test.v=test2json")
	again.Stdout = s
	if err := again.Run(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(s, "\x16=== EXIT 0\n\x16=== END\n")
	if !s.close() || !r.passed() || r.suites[0].count(pass) < 20 {
		t.Error(r.text())
	}
}

// TestSeed reads the files of a seed disk by their Joliet names.
func TestSeed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seed.iso")
	files := append(seedFiles("root", "ssh-ed25519 AAAA me"), seedFile{"long", strings.Repeat("0123456789abcdef", 300)})
	if err := writeSeed(path, "cidata", files); err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if label := string(image[primaryAt*sector+volumeIDAt:][:6]); label != "CIDATA" {
		t.Errorf("the label is %q", label)
	}
	joliet := image[jolietAt*sector:]
	root := binary.LittleEndian.Uint32(joliet[rootRecordAt+2:]) * sector
	for at, n := root, 0; image[at] != 0; at, n = at+uint32(image[at]), n+1 {
		if n < 2 { // itself and its parent
			continue
		}
		want := files[n-2]
		name := image[at+33:][:image[at+32]]
		start, size := binary.LittleEndian.Uint32(image[at+2:])*sector, binary.LittleEndian.Uint32(image[at+10:])
		if !bytes.Equal(name, ucs2(want.name)) || string(image[start:start+size]) != want.text {
			t.Errorf("%q: %q", name, image[start:start+size])
		}
		if n == len(files)+1 && len(image) != int(start+size+sector-1)/sector*sector {
			t.Errorf("%d bytes", len(image))
		}
	}
	if !strings.Contains(files[1].text, "\n  - ssh-ed25519 AAAA me\n") {
		t.Error(files[1].text)
	}
	if err := writeSeed(path, "cidata", make([]seedFile, 60)); err == nil {
		t.Error("sixty files fit into a sector")
	}
}

// TestCopy: what pack has packed, unpack makes; names can't lead out of the directory.
func TestCopy(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), t.TempDir()
	write(t, from+"/a/b", "text")
	write(t, from+"/a/"+strings.Repeat("n", 90)+"/c", "deep")
	var stream bytes.Buffer
	if err := errors.Join(pack(&stream, from), unpack(&stream, to)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a/b": "text", "a/" + strings.Repeat("n", 90) + "/c": "deep"} {
		if text, err := os.ReadFile(filepath.Join(to, path)); err != nil || string(text) != want {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
	if err := os.Symlink("b", from+"/a/link"); err == nil {
		if err := pack(new(bytes.Buffer), from); err == nil || !strings.Contains(err.Error(), "neither a file nor a directory") {
			t.Errorf("a link: %v", err)
		}
	}
	for _, name := range []string{"../out", "/tmp/../../out", "a/../../out"} {
		stream.Reset()
		w := tar.NewWriter(&stream)
		w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644})
		w.Close()
		inner := filepath.Join(to, "inner")
		if err := unpack(&stream, inner); err == nil {
			t.Errorf("%s is unpacked", name)
		}
		if _, err := os.Stat(filepath.Join(to, "out")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stream.Reset()
	w := tar.NewWriter(&stream)
	w.WriteHeader(&tar.Header{Name: "big", Typeflag: tar.TypeReg, Size: mostBytes + 1, Mode: 0o644})
	if err := unpack(&stream, to); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a file that is too large: %v", err)
	}
}

// TestTail: what the guest prints can't command a terminal.
func TestTail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		most       int
		want       string
	}{
		{"all", "a\r\nb\n", 100, "a\nb\n"},
		{"from a line's start", "first\nsecond\nthird\n", 9, "third\n"},
		{"escapes", "\x1b[2J\x1b]0;title\x07red\x1b(B", 100, "0;titlered"},
	} {
		c := &console{text: []byte(test.text)}
		if got := c.tail(test.most); got != test.want {
			t.Errorf("%s: %q", test.name, got)
		}
	}
}

// TestReport makes results of files.
func TestReport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const good = "\x16=== PACKAGE a\n\x16=== RUN   T\n\x16--- PASS: T (0.00s)\n\x16=== EXIT 0\n"
	whole := write(t, dir+"/whole", good+"\x16=== END\n")
	bad := write(t, dir+"/bad", strings.ReplaceAll(good, "PASS", "FAIL")+"\x16=== END\n")
	cut := write(t, dir+"/cut", good)
	for _, test := range []struct {
		name   string
		args   []string
		status int
		errs   string
	}{
		{"all passed", []string{"root=" + whole, "user=" + whole}, 0, ""},
		{"one failed", []string{"root=" + whole, "user=" + bad}, testsFailed, ""},
		{"one didn't end", []string{"root=" + cut}, noResult, "the tests as root did not end"},
		{"no file", []string{"root=" + dir + "/none"}, noResult, "no such file"},
		{"no name", []string{whole}, wrongUsage, "is not WHO=FILE"},
		{"nothing", nil, wrongUsage, "usage: report"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			var said, errs strings.Builder
			if status := execute(t.Context(), append([]string{"report", "-o", out}, test.args...), &said, &errs); status != test.status || !strings.Contains(errs.String(), test.errs) {
				t.Errorf("status %d: %s\n%s", status, errs.String(), said.String())
			}
			if test.status < wrongUsage {
				if x, err := os.ReadFile(out + "/junit.xml"); err != nil || !strings.Contains(string(x), `name="root/a"`) {
					t.Errorf("%v: %s", err, x)
				}
			}
		})
	}
}
