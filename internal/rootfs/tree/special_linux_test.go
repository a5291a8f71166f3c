package tree_test

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSpecial: device nodes, FIFOs, attributes and capabilities are made, or a warning says
// how many are left out.
func TestSpecial(t *testing.T) {
	t.Parallel()
	// cap_net_raw=ep
	const capability = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	owned := func(h *tar.Header) *tar.Header {
		h.Uid, h.Gid = os.Getuid(), os.Getgid()
		return h
	}
	ping := file("bin/ping", "#!")
	ping.PAXRecords = map[string]string{"SCHILY.xattr.security.capability": capability}
	old := file("bin/old", "#!")
	old.PAXRecords = map[string]string{"LIBARCHIVE.xattr.user.a": "Yg=="}
	root, warnings, err := unpack(t, archive(t,
		owned(&tar.Header{Name: "dev/null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3, Mode: 0o666}),
		owned(&tar.Header{Name: "opt/null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3, Mode: 0o666}),
		owned(&tar.Header{Name: "opt/pipe", Typeflag: tar.TypeFifo, Mode: 0o640}), ping, old))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(filepath.Join(root, "opt/pipe")); err != nil || info.Mode() != os.ModeNamedPipe|0o640 {
		t.Errorf("the FIFO: %v, %v", info, err)
	}
	if _, err := os.Lstat(filepath.Join(root, "dev/null")); !os.IsNotExist(err) {
		t.Errorf("the node in /dev: %v", err)
	}
	devices, attributes := 0, 1
	var stat unix.Stat_t
	switch err := unix.Lstat(filepath.Join(root, "opt/null"), &stat); {
	case err == unix.ENOENT && os.Getuid() != 0:
		devices++
	case err != nil || stat.Mode != unix.S_IFCHR|0o666 || stat.Rdev != unix.Mkdev(1, 3):
		t.Errorf("the node: %v, mode %o, device %x", err, stat.Mode, stat.Rdev)
	}
	value := make([]byte, 64)
	n, err := unix.Getxattr(filepath.Join(root, "bin/ping"), "security.capability", value)
	switch {
	case err == unix.ENODATA && os.Getuid() != 0:
		attributes++
	case err != nil || string(value[:n]) != capability:
		t.Errorf("the capability: %q, %v", value[:max(n, 0)], err)
	}
	text := strings.Join(warnings, "\n")
	if !strings.Contains(text, "1 device nodes in /dev were left out") || strings.Contains(text, "this user can't make them") != (devices > 0) ||
		!strings.Contains(text, map[int]string{1: "1 extended attributes", 2: "2 extended attributes"}[attributes]) {
		t.Errorf("warnings %q", warnings)
	}
}
