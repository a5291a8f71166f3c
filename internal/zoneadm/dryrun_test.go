package zoneadm

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/mount"
)

// everything describes all files below the bench's directory.
func (b *bench) everything() []string {
	b.t.Helper()
	var all []string
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		line := fmt.Sprint(path, " ", info.Mode(), " ", info.ModTime())
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += " " + string(text)
		}
		all = append(all, line)
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// TestDryRun: a dry run says what the verb would do and changes nothing; the verb then does it.
func TestDryRun(t *testing.T) {
	t.Parallel()
	hooks := map[string]string{}
	for _, name := range []string{"install", "postinstall", "preuninstall", "uninstall", "clone", "postclone", "predetach", "detach", "attach", "postattach"} {
		hooks[name] = "/b/" + name + " %z"
	}
	for _, test := range []struct {
		name, line, state string
		given             func(b *bench)
		out               []string
	}{
		{"install", "install", "configured", nil, []string{"would create the directory /z/z1", "would change the zone to incomplete", "would run the brand's hook install: /b/install z1 /z/z1", "would change the zone to installed"}},
		{"install of sparse", "install", "configured", func(b *bench) { b.configure(b.t, "z1", "/z/z1", "sparse", "shared") },
			[]string{"would create the directory /z/z1", "would change the zone to incomplete", "would make the root directory /z/z1/root as brand sparse does", "would change the zone to installed"}},
		{"install with hooks and options", "install -a x -u", "configured", func(b *bench) { b.brand(hooks, nil) },
			[]string{"would create the directory /z/z1", "would change the zone to incomplete", "would run the brand's hook install: /b/install z1 -ax -u", "would change the zone to installed", "would run the brand's hook postinstall: /b/postinstall z1 -ax -u"}},
		{"install into a directory of another mode", "install", "configured", func(b *bench) {
			if err := os.Mkdir(filepath.Join(b.dir, "z/z1"), 0o755); err != nil {
				b.t.Fatal(err)
			}
		}, []string{"would repair /z/z1: changing permissions to 0700", "would change the zone to incomplete", "would run the brand's hook install: /b/install z1 /z/z1", "would change the zone to installed"}},
		{"uninstall", "uninstall -F", "installed", nil, []string{"would change the zone to incomplete", "would remove /z/z1 and everything in it", "would change the zone to configured"}},
		{"uninstall without -F", "uninstall", "incomplete", nil, []string{"would change the zone to incomplete", "would remove /z/z1 and everything in it", "would change the zone to configured"}},
		{"uninstall with hooks", "uninstall -F", "installed", func(b *bench) { b.brand(hooks, nil) },
			[]string{"would run the brand's hook preuninstall: /b/preuninstall z1 -F", "would change the zone to incomplete", "would run the brand's hook uninstall: /b/uninstall z1 -F", "would change the zone to configured"}},
		{"uninstall with other files", "uninstall -F", "installed", func(b *bench) { write(b.t, filepath.Join(b.dir, "z/z1/mine"), "x") },
			[]string{"would change the zone to incomplete", "would remove dev, lu, root, SUNWattached.xml of /z/z1, and leave the rest: mine", "would change the zone to configured"}},
		{"clone", "clone src", "configured", nil, []string{"would create the directory /z/z1", "would change the zone to incomplete", "would copy /z/src to /z/z1", "would change the zone to installed"}},
		{"clone with hooks", "clone src", "configured", func(b *bench) { b.brand(hooks, nil) },
			[]string{"would create the directory /z/z1", "would change the zone to incomplete", "would run the brand's hook clone: /b/clone z1 src", "would run the brand's hook postclone: /b/postclone z1 src", "would change the zone to installed"}},
		{"move", "move /z/new", "installed", nil, []string{"would create the directory /z/new", "would rename /z/z1 to /z/new", "would set zonepath=/z/new in the configuration and the index"}},
		{"detach", "detach", "installed", nil, []string{"would write /z/z1/SUNWdetached.xml", "would change the zone to configured"}},
		{"detach with hooks", "detach", "installed", func(b *bench) { b.brand(hooks, nil) },
			[]string{"would run the brand's hook predetach: /b/predetach z1", "would run the brand's hook detach: /b/detach z1", "would change the zone to configured"}},
		{"attach", "attach", "configured", func(b *bench) { b.detached() }, []string{"would remove /z/z1/SUNWdetached.xml", "would change the zone to installed"}},
		{"attach by force", "attach -F", "configured", func(b *bench) { b.detached() }, []string{"would rename /z/z1/SUNWdetached.xml to /z/z1/SUNWattached.xml", "would change the zone to installed"}},
		{"attach with hooks", "attach", "configured", func(b *bench) { b.detached(); b.brand(hooks, nil) },
			[]string{"would run the brand's hook attach: /b/attach z1", "would remove /z/z1/SUNWdetached.xml", "would change the zone to installed", "would run the brand's hook postattach: /b/postattach z1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", test.state)
			b.zone("src", "installed")
			if test.given != nil {
				test.given(b)
			}
			before := b.everything()
			verb, arguments, _ := strings.Cut(test.line, " ")
			for _, line := range []string{"-z z1 " + verb + " --dry-run " + arguments, "--dry-run -z z1 " + test.line} {
				status, out, errs := b.do(line)
				for i := range out {
					out[i] = strings.ReplaceAll(out[i], b.dir, "")
				}
				errs = slices.DeleteFunc(errs, func(line string) bool { return strings.Contains(line, "must not be") }) // what is repaired
				if status != ExitOK || !slices.Equal(out, test.out) || len(errs) > 0 {
					t.Errorf("%s: status %d, %q, %q", line, status, out, errs)
				}
				if after := b.everything(); !slices.Equal(after, before) || b.asked != nil {
					t.Errorf("%s: asked %q, changed:\n%s\nfrom:\n%s", line, b.asked, strings.Join(after, "\n"), strings.Join(before, "\n"))
				}
			}
			b.Terminal = false
			line := "-z z1 " + test.line
			if verb == "uninstall" && arguments == "" {
				line += " -F"
			}
			if status, _, errs := b.do(line); status != ExitOK {
				t.Errorf("%s: status %d, %q", line, status, errs)
			}
			if slices.Equal(b.everything(), before) {
				t.Errorf("%s changes nothing", line)
			}
		})
	}
}

// detached makes the files of a detached zone.
func (b *bench) detached() {
	b.t.Helper()
	for path, mode := range map[string]os.FileMode{"z/z1": 0o700, "z/z1/root": 0o755} {
		if err := os.MkdirAll(filepath.Join(b.dir, path), mode); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(b.dir, "z/z1"), 0o700); err != nil {
		b.t.Fatal(err)
	}
	write(b.t, filepath.Join(b.dir, "z/z1/SUNWdetached.xml"), "<zone/>")
}

// TestDryRunRefuses: a dry run finds what the verb would fail for, and changes nothing either.
func TestDryRunRefuses(t *testing.T) {
	t.Parallel()
	busy := func(b *bench) {
		b.Mounts = func() ([]mount.Entry, error) { return []mount.Entry{{Point: filepath.Join(b.dir, "z/z1/root/x")}}, nil }
	}
	for _, test := range []struct {
		name, line, state string
		given             func(b *bench)
		want              string
	}{
		{"the wrong state", "install", "installed", nil, "zoneadm: zone 'z1': is already installed."},
		{"a running zone", "uninstall -F", "running", nil, "zoneadm: zone 'z1': uninstall operation is invalid for running zones."},
		{"a missing archive", "install -a /nosuch.tar", "configured", func(b *bench) { b.configure(b.t, "z1", "/z/z1", "tar", "shared") }, "zoneadm: zone 'z1': stat /nosuch.tar: no such file or directory"},
		{"files in the way", "install", "configured", func(b *bench) {
			b.configure(b.t, "z1", "/z/z1", "sparse", "shared")
			b.detached()
			os.Remove(filepath.Join(b.dir, "z/z1/SUNWdetached.xml"))
			write(b.t, filepath.Join(b.dir, "z/z1/root/x"), "")
		}, "zoneadm: zone 'z1': /z/z1/root isn't empty: remove what is there, or use attach if it is a zone"},
		{"a mount below", "uninstall -F", "installed", busy, "  /z/z1/root/x"},
		{"a mount below to move", "move /z/new", "installed", busy, "  /z/z1/root/x"},
		{"a mount below to detach", "detach", "installed", busy, "  /z/z1/root/x"},
		{"a target with files", "move /b", "installed", nil, "could not move zone to /b: directory not empty"},
		{"no source", "clone nosuch", "configured", nil, "zoneadm: nosuch: could not get state: No such zone configured"},
		{"a method that there is not", "clone -m nosuch src", "configured", nil, "usage:\tclone [-m method] [-s <ZFS snapshot>] [brand-specific args] zonename"},
		{"nothing to attach", "attach", "configured", func(b *bench) { b.detached(); os.Remove(filepath.Join(b.dir, "z/z1/root")) }, "zoneadm: zone 'z1': there is no zone at /z/z1: it has no directory root"},
		{"a verb that has none", "boot", "installed", nil, "zoneadm: zone 'z1': boot has no --dry-run: it is for install, uninstall, clone, move, detach and attach"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", test.state)
			b.zone("src", "installed")
			if test.given != nil {
				test.given(b)
			}
			before := b.everything()
			status, _, errs := b.do("--dry-run -z z1 " + test.line)
			if status == ExitOK || !slices.ContainsFunc(errs, func(line string) bool { return strings.Contains(line, strings.TrimLeft(test.want, " ")) }) {
				t.Errorf("status %d, %q, want %q", status, errs, test.want)
			}
			if after := b.everything(); !slices.Equal(after, before) {
				t.Errorf("changed:\n%s\nfrom:\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
			}
		})
	}
	// The argument of an option isn't an option.
	b := newBench(t)
	b.zone("z1", "configured")
	if status, _, errs := b.do("-z z1 install -a --dry-run"); status != ExitOK || b.now() != "installed" {
		t.Errorf("status %d, %q; the zone is %s", status, errs, b.now())
	}
}
