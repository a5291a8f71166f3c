package zoneadm

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/posix"
)

// TestBrokenConfigurations: every subcommand answers at once when a zone's file or the index
// isn't what it should be, names the file, and changes nothing.
func TestBrokenConfigurations(t *testing.T) {
	t.Parallel()
	const file, index = "etc/zones/z1.xml", "etc/zones/index"
	change := func(path, old, changed string) func(b *bench) error {
		return func(b *bench) error {
			text, err := os.ReadFile(filepath.Join(b.dir, path))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(b.dir, path), []byte(strings.Replace(string(text), old, changed, 1)), 0o644)
		}
	}
	instead := func(path string, do func(path string) error) func(b *bench) error {
		return func(b *bench) error {
			path := filepath.Join(b.dir, path)
			return errors.Join(os.Remove(path), do(path))
		}
	}
	fifo := func(path string) error { return posix.Mkfifo(path, 0o644) }
	for _, test := range []struct {
		name   string
		damage func(b *bench) error
		says   string // of every subcommand
		works  bool   // the zone can be used all the same
	}{
		{"a FIFO", instead(file, fifo), "/etc/zones/z1.xml: not a regular file", false},
		{"a directory", instead(file, func(path string) error { return os.Mkdir(path, 0o755) }), "/etc/zones/z1.xml: not a regular file", false},
		{"no file", instead(file, func(string) error { return nil }), "the index has it, but there is no file z1.xml", false},
		{"an empty file", instead(file, func(path string) error { return os.WriteFile(path, nil, 0o644) }), "/etc/zones/z1.xml:1: there is no element", false},
		{"another zone's name", change(file, `name="z1"`, `name="z2"`), `/etc/zones/z1.xml: it is the configuration of a zone "z2"`, false},
		{"a control character in a name", change(file, `name="z1"`, "name=\"z\x1b[31m1\""), "/etc/zones/z1.xml:", false},
		{"a control character in a path", change(file, `zonepath="/z/z1"`, "zonepath=\"/z/\x1b[31m\""), "/etc/zones/z1.xml:", false},
		{"an index that is a FIFO", instead(index, fifo), "/etc/zones/index", false},
		{"an unreadable line", change(index, "z1:", "what \x1b[31m is this\nz1:"), `/etc/zones/index:2: there is no state "": "what \x1b[31m is this" is ignored`, true},
		{"a duplicate line", change(index, "z1:", "global:installed:/:\nz1:"), `/etc/zones/index:2: line 1 is zone global already: "global:installed:/:" is ignored`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range commands {
				line := map[string]string{
					"clone": "clone z2", "move": "move /z/z3", "mark": "mark incomplete", "uninstall": "uninstall -F",
				}[c.name]
				if line == "" {
					line = c.name
				}
				b := newBench(t)
				b.zone("z1", "installed")
				b.zone("z2", "installed")
				if err := test.damage(b); err != nil {
					t.Fatal(err)
				}
				regular := func() bool {
					info, err := os.Lstat(filepath.Join(b.dir, index))
					return err == nil && info.Mode().IsRegular()
				}
				var before []byte
				if regular() {
					before, _ = os.ReadFile(filepath.Join(b.dir, index))
				}
				b.Store.Warn = b.ignored
				status, out, errs := b.do("-z z1 " + line)
				text := strings.Join(slices.Concat(out, errs), "\n")
				if strings.ContainsRune(text, '\x1b') {
					t.Errorf("%s prints a control character: %q", line, text)
				}
				// These don't get as far as the index.
				without := strings.HasPrefix(test.name, "an index") && slices.Contains([]string{"shutdown", "reboot", "apply", "host"}, c.name)
				if c.name != "help" && !without && !strings.Contains(text, test.says) {
					t.Errorf("%s: status %d, %q, without %q", line, status, text, test.says)
				}
				if !test.works && c.name != "help" && status == 0 {
					t.Errorf("%s succeeds", line)
				}
				if test.works || !regular() {
					continue
				}
				if after, err := os.ReadFile(filepath.Join(b.dir, index)); err != nil || string(after) != string(before) {
					t.Errorf("%s changes the index to %q, %v", line, after, err)
				}
			}
		})
	}
}
