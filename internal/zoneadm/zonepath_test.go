package zoneadm

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/zonecfg"
)

func TestZonepath(t *testing.T) {
	t.Parallel()
	type change func(t *testing.T, b *bench, path string)
	mode := func(of string, m os.FileMode) change {
		return func(t *testing.T, b *bench, path string) {
			if err := os.Chmod(filepath.Join(path, of), m); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(filepath.Join(path, of), 0o700) }) // for the test to remove it
		}
	}
	for _, test := range []struct {
		name, state, verb string
		change            change
		status            int
		errs              []string // one per line; the last two lines of a failure are always the same
	}{
		{"sound", "installed", "verify", nil, 0, nil},
		{"bits that must not be", "installed", "verify", mode("", 0o705), 1, []string{"/z/z1 must not be world readable.", "/z/z1 must not be world executable."}},
		{"bits that must be", "installed", "verify", mode("", 0o300), 1, []string{"/z/z1 must be owner readable."}},
		{"mended", "installed", "ready", mode("", 0o750), 0, []string{"/z/z1 must not be group readable.", "/z/z1 must not be group executable.", "/z/z1: changing permissions to 0700."}},
		{"the parent isn't", "installed", "ready", mode("..", 0o775), 1, []string{"/z must not be group writable."}},
		{"missing", "installed", "verify", func(t *testing.T, b *bench, path string) { os.RemoveAll(path) }, 0, nil},
		{"missing at ready", "installed", "ready", func(t *testing.T, b *bench, path string) { os.RemoveAll(path) }, 1, []string{"zoneadm: /z/z1: No such file or directory"}},
		{"a file", "installed", "verify", func(t *testing.T, b *bench, path string) { os.RemoveAll(path); write(t, path, "") }, 1, []string{"/z/z1 is not a directory."}},
		{"a file in its parent's place", "installed", "verify", func(t *testing.T, b *bench, path string) {
			os.RemoveAll(filepath.Dir(path))
			write(t, filepath.Dir(path), "")
		}, 1, []string{"zoneadm: /z/z1: Not a directory"}},
		{"a link", "installed", "verify", func(t *testing.T, b *bench, path string) {
			if err := os.Rename(path, path+"x"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(path+"x", path); err != nil {
				t.Fatal(err)
			}
		}, 1, []string{"zoneadm: /z/z1: Resolved path mismatch"}},
		{"another zone's within", "installed", "verify", func(t *testing.T, b *bench, path string) {
			write(t, filepath.Join(b.dir, "etc/zones/index"), "z1:installed:/z/z1:"+usualID+"\nz2:installed:/z/z1/root:"+usualID+"\n")
		}, 1, []string{"z1 zonepath (/z/z1) and z2 zonepath (/z/z1/root) overlap."}},
		{"the index says something else", "installed", "verify", func(t *testing.T, b *bench, path string) {
			write(t, filepath.Join(b.dir, "etc/zones/index"), "z1:installed:/z/zz:"+usualID+"\n")
		}, 1, []string{"The XML repository has zonepath '/z/z1',", "but the index file has zonepath '/z/zz'.", "These must match, so fix the incorrect entry."}},
		{"a detached zone", "configured", "install", func(t *testing.T, b *bench, path string) {
			if err := os.MkdirAll(filepath.Join(path, "root"), 0o755); err != nil {
				t.Fatal(err)
			}
			mode("", 0o700)(t, b, path)
			write(t, filepath.Join(path, zonecfg.DetachedManifest), "")
		}, 1, []string{"Cannot install detached zone.", "Use attach or remove /z/z1 directory."}},
		{"a root with another mode", "configured", "verify", func(t *testing.T, b *bench, path string) {
			if err := os.MkdirAll(filepath.Join(path, "root"), 0o700); err != nil {
				t.Fatal(err)
			}
			mode("", 0o700)(t, b, path)
		}, 1, []string{"/z/z1/root mode is not 0755."}},
		{"on NFS", "installed", "verify", func(t *testing.T, b *bench, path string) {
			b.Mounts = func() ([]mount.Entry, error) {
				return []mount.Entry{{Point: "/", FSType: "ufs"}, {Point: filepath.Dir(path), FSType: "nfs4"}}, nil
			}
		}, 1, []string{"Zonepath /z/z1 is on an NFS mounted file system.", "\tA local file system must be used."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", test.state)
			if test.change != nil {
				test.change(t, b, filepath.Join(b.dir, "z/z1"))
			}
			status, _, errs := b.do("-z z1 " + test.verb)
			if status != 0 && !strings.HasPrefix(test.name, "the index") {
				want := []string{"could not verify zonepath /z/z1 because of the above errors.", "zoneadm: zone z1 failed to verify"}
				if len(errs) < 2 || !slices.Equal(errs[len(errs)-2:], want) {
					t.Fatalf("stderr %q, want %q at the end", errs, want)
				}
				errs = errs[:len(errs)-2]
			} else if status != 0 {
				errs = errs[:len(errs)-1]
			}
			if status != test.status || test.errs != nil && !slices.Equal(errs, test.errs) {
				t.Errorf("exit status %d, want %d; stderr %q, want %q", status, test.status, errs, test.errs)
			}
		})
	}
}

// TestWhatIsMounted: a zonepath on a temporary file system causes a warning; one
// mounted without set-user-id programs is refused for zones of root that have such
// programs of their own.
func TestWhatIsMounted(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "installed")
	b.Mounts = func() ([]mount.Entry, error) {
		return []mount.Entry{{Point: "/", FSType: "tmpfs", Options: []string{"rw", "nosuid"}}}, nil
	}
	owner := b.Owner
	status, out, errs := b.do("-z z1 verify")
	warning := "WARNING: " + b.dir + "/z/z1 is on a temporary file system."
	if !slices.Contains(out, warning) {
		t.Errorf("stdout %q, want %q", out, warning)
	}
	refused := slices.Contains(errs, "Zonepath /z/z1 is on a nosuid file system.")
	if refused != (owner == 0) || refused != (status != 0) {
		t.Errorf("as user %d: exit status %d, %q", owner, status, errs)
	}
	b.configure(t, "z1", "/z/z1", "sparse", "shared") // whose programs are the host's
	if status, _, errs := b.do("-z z1 verify"); status != 0 {
		t.Errorf("%d, %q", status, errs)
	}
}

// TestDatasets: the messages about datasets, and the reasons of zones-zfs after them.
func TestDatasets(t *testing.T) {
	for _, test := range []struct {
		name, script string
		status       int
		says         []string
		fs           string // the problem of a file system with the dataset, "" for none
	}{
		{"sound", `echo '{"type":"filesystem","mountpoint":"/tank/web"}'`, 0, nil, `zfs 'tank/web' mountpoint is not "legacy"`},
		{"legacy", `echo '{"type":"filesystem","mountpoint":"legacy"}'`, 0, nil, ""},
		{"a volume", `echo '{"type":"volume","mountpoint":"legacy"}'`, 0, nil, "'tank/web' is not a file system"},
		{"inherited", `echo '{"type":"filesystem","inherited":true}'`, 1, []string{"could not verify zfs dataset tank/web: mountpoint cannot be inherited"}, `zfs 'tank/web' mountpoint is not "legacy"`},
		{"missing", `echo "cannot open 'tank/web': dataset does not exist" >&2; exit 1`, 1, []string{"could not verify zfs dataset tank/web: dataset does not exist"}, "could not access zfs dataset 'tank/web'"},
		{"odd", `echo what >&2; exit 1`, 1, []string{"could not verify zfs dataset tank/web: what"}, "could not access zfs dataset 'tank/web'"},
		{"no ZFS", "", 0, []string{"WARNING: this machine has no ZFS; zfs dataset tank/web will be only a name in the zone."}, "could not access zfs dataset 'tank/web'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.zone("z1", "installed")
			z, err := b.Store.Load("z1")
			if err != nil {
				t.Fatal(err)
			}
			z.Dataset = []zonecfg.Dataset{{Name: "tank/web"}}
			if err := b.Store.Save(z); err != nil {
				t.Fatal(err)
			}
			programs := t.TempDir()
			t.Setenv("PATH", programs)
			if test.script != "" {
				t.Setenv("ZONES_ZFS", filepath.Join(programs, "zones-zfs"))
				for _, name := range []string{"zfs", "zones-zfs"} {
					if err := testenv.WriteProgram(filepath.Join(programs, name), []byte("#!/bin/sh\n"+test.script+"\n"), 0o755); err != nil {
						t.Fatal(err)
					}
				}
			}
			want := test.says
			if test.status != 0 {
				want = append(want, "zoneadm: zone z1 failed to verify")
			}
			if status, _, errs := b.do("-z z1 verify"); status != test.status || !slices.Equal(errs, want) {
				t.Errorf("exit status %d, %q, want %q", status, errs, want)
			}
			target := b.On("z1", Observer{})
			sound := target.verifyZFS(zonecfg.FS{Dir: "/mnt", Special: "tank/web", Type: "zfs"})
			if got := strings.Join(target.problems, "; "); sound != (test.fs == "") || strings.TrimPrefix(got, "cannot verify fs /mnt: ") != test.fs {
				t.Errorf("as a file system: sound is %v, %q", sound, got)
			}
		})
	}
}
