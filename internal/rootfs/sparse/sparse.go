// Package sparse makes nearly empty root directories: programs and libraries are the
// host's, mounted read-only, and only what a zone writes is its own. It takes
// milliseconds and needs no archive or network.
package sparse

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Init is the path of the zone's init in the zone.
const Init = "/etc/init"

// Shutdown is the command that makes init exit cleanly.
const Shutdown = Init + " shutdown"

//go:embed init.sh
var initScript []byte

// system are the directories of the host that zones share. On many systems most of
// them are symbolic links into /usr, which are then copied.
var system = []string{"/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin", "/usr"}

// Shared returns the host's directories that are shared with zones.
func Shared() []string {
	var shared []string
	for _, dir := range system {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			shared = append(shared, dir)
		}
	}
	return shared
}

// own are the directories that a zone has for itself.
var own = []struct {
	path string
	mode fs.FileMode
}{
	{"dev", 0o755}, {"etc", 0o755}, {"home", 0o755}, {"mnt", 0o755}, {"opt", 0o755}, {"proc", 0o555}, {"root", 0o700},
	{"run", 0o755}, {"srv", 0o755}, {"tmp", 0o777 | fs.ModeSticky}, {"var", 0o755}, {"var/cache", 0o755}, {"var/lib", 0o755},
	{"var/log", 0o755}, {"var/spool", 0o755}, {"var/tmp", 0o777 | fs.ModeSticky},
}

// Install makes the skeleton in an existing directory: the zone's own directories, a
// small /etc, copies of the host's symbolic links, and mount points for what will be
// mounted. It touches nothing outside root, whatever symbolic links that contains.
func Install(root, name string, points []string) error {
	r, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, dir := range own {
		if err := makeDir(r, dir.path, dir.mode); err != nil {
			return err
		}
	}
	for _, link := range [][2]string{{"../run", "var/run"}, {"/proc/self/mounts", "etc/mtab"}, {"../usr/lib/os-release", "etc/os-release"}} {
		if err := r.Symlink(link[0], link[1]); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	for _, dir := range system {
		if err := mirror(r, dir); err != nil {
			return err
		}
	}
	for _, point := range points {
		if err := r.MkdirAll(inside(point), 0o755); err != nil {
			return fmt.Errorf("mount point %s: %w", point, err)
		}
	}
	if err := alternatives(r); err != nil {
		return err
	}
	for _, file := range files(name) {
		if err := r.WriteFile(file.path, file.text, file.mode); err != nil {
			return err
		}
		if err := r.Chmod(file.path, file.mode); err != nil { // whatever the umask is
			return err
		}
	}
	return nil
}

// inside returns a path of the zone in the form that [os.Root] accepts.
func inside(p string) string { return strings.TrimPrefix(path.Clean("/"+p), "/") }

func makeDir(r *os.Root, p string, mode fs.FileMode) error {
	if err := r.Mkdir(p, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return r.Chmod(p, mode)
}

// mirror makes what the host has under that name: the same symbolic link, or a
// directory as the mount point.
func mirror(r *os.Root, dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(dir)
		if err != nil {
			return err
		}
		err = r.Symlink(target, inside(dir))
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	return makeDir(r, inside(dir), 0o755)
}

// alternatives copies Debian's links that select between programs: links in /usr lead
// through them.
func alternatives(r *os.Root) error {
	const dir = "/etc/alternatives"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // not a Debian system
	}
	if err := makeDir(r, inside(dir), 0o755); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type()&fs.ModeSymlink == 0 {
			continue
		}
		target, err := os.Readlink(path.Join(dir, e.Name()))
		if err != nil {
			continue // it has been removed meanwhile
		}
		if err := r.Symlink(target, inside(path.Join(dir, e.Name()))); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

type file struct {
	path string
	mode fs.FileMode
	text []byte
}

// files returns the zone's /etc. Files by which programs find libraries, the time zone
// and network names are copies of the host's.
func files(name string) []file {
	list := []file{
		{"etc/init", 0o755, initScript},
		{"etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n")},
		{"etc/group", 0o644, []byte("root:x:0:\ndaemon:x:1:\ntty:x:5:\nnogroup:x:65534:\n")},
		{"etc/shadow", 0o600, []byte("root:*:0:0:99999:7:::\ndaemon:*:0:0:99999:7:::\nnobody:*:0:0:99999:7:::\n")},
		{"etc/hostname", 0o644, []byte(name + "\n")},
		{"etc/hosts", 0o644, []byte("127.0.0.1\tlocalhost " + name + "\n::1\tlocalhost\n")},
		{"etc/nsswitch.conf", 0o644, []byte("passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")},
		{"etc/profile", 0o644, []byte("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nexport PATH\nif [ \"${PS1-}\" ]; then PS1='$(id -un)@" + name + ":$PWD# '; fi\n")},
		{"etc/shells", 0o644, []byte("/bin/sh\n")},
	}
	for _, copied := range []string{"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/resolv.conf", "/etc/services", "/etc/protocols", "/etc/localtime"} {
		if text, err := os.ReadFile(copied); err == nil {
			list = append(list, file{inside(copied), 0o644, text})
		}
	}
	return list
}
