package scripts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// newBox configures a zone box of brand tar in a home.
func newBox(t *testing.T) *home {
	t.Helper()
	needZones(t)
	h := newHome(t, nil)
	out, err := h.command("sh", "-c", "exec zonecfg-go -z box 'create -t web; set zonepath=/zones/box; set brand=tar'").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return h
}

// nothing checks that the zone box is configured, and that there are no files of it.
func (h *home) nothing() {
	h.Helper()
	if out, err := h.command("sh", "-c", "zoneadm-go -z box list -p").CombinedOutput(); err != nil || !strings.Contains(string(out), ":configured:") {
		h.Errorf("%v: %s", err, out)
	}
	if _, err := os.Lstat(filepath.Join(h.machine, "zones/box")); !os.IsNotExist(err) {
		h.Errorf("the zonepath: %v", err)
	}
}

// TestArchiveFaults: an archive that isn't what its maker meant installs nothing, and the
// message names the entry without what it could do to a terminal.
func TestArchiveFaults(t *testing.T) {
	t.Parallel()
	h := newBox(t)
	id := func(h tar.Header) *tar.Header {
		h.Uid, h.Gid = os.Getuid(), os.Getgid()
		return &h
	}
	pack := func(headers ...*tar.Header) []byte {
		var text bytes.Buffer
		w := tar.NewWriter(&text)
		for _, h := range headers {
			if err := w.WriteHeader(h); err != nil {
				t.Fatal(err)
			}
		}
		w.Close()
		return text.Bytes()
	}
	f := id(tar.Header{Name: "f", Typeflag: tar.TypeReg, Mode: 0o644})
	none := ^uint32(0) // -1 where an int has 32 bits
	odd := "a\x1b[31m\u202eb\n"
	for _, test := range []struct {
		name, says string
		archive    []byte
	}{
		{"a terminal's control sequence in a name", `"a\x1b[31m`, pack(id(tar.Header{Name: odd, Typeflag: tar.TypeReg}), id(tar.Header{Name: odd + "/c", Typeflag: tar.TypeReg}))},
		{"in the target of a link", "no such file", pack(f, id(tar.Header{Name: "l", Typeflag: tar.TypeLink, Linkname: odd}))},
		{"an owner that is none", " is no user id", pack(&tar.Header{Name: "f", Uid: int(none), Format: tar.FormatGNU})},
		{"cut short", "cut short", pack(f)[:512]},
		{"nothing", "is empty", nil},
	} {
		if err := os.WriteFile(filepath.Join(h.top, "a.tar"), test.archive, 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := h.command("sh", "-c", "exec zoneadm-go -z box install -a a.tar").CombinedOutput()
		if err == nil || !strings.Contains(string(out), test.says) || strings.ContainsAny(string(out), "\x1b\u202e") {
			t.Errorf("%s: %v, %q", test.name, err, out)
		}
		h.nothing()
	}
	if err := syscall.Mkfifo(filepath.Join(h.top, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := h.command("sh", "-c", "exec zoneadm-go -z box install -a fifo").CombinedOutput(); err == nil || !strings.Contains(string(out), "not a regular file") {
		t.Errorf("a FIFO: %v, %q", err, out)
	}
	h.nothing()
}

// TestArchiveInterrupted: an interrupted installation stops within a file, leaves nothing, and
// says so.
func TestArchiveInterrupted(t *testing.T) {
	t.Parallel()
	h := newBox(t)
	const size, part = 1 << 30, 1 << 26
	archive, err := os.Create(filepath.Join(h.top, "big.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	member := func(text []byte) []byte {
		var out bytes.Buffer
		g, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		g.Write(text)
		g.Close()
		return out.Bytes()
	}
	var header bytes.Buffer
	if err := tar.NewWriter(&header).WriteHeader(&tar.Header{Name: "big", Size: size, Mode: 0o644, Uid: os.Getuid(), Gid: os.Getgid()}); err != nil {
		t.Fatal(err)
	}
	zeros := member(make([]byte, part))
	if _, err := archive.Write(append(member(header.Bytes()), bytes.Repeat(zeros, size/part)...)); err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		install := h.command("sh", "-c", "exec zoneadm-go -z box install -a big.tar.gz")
		var said bytes.Buffer
		install.Stdout, install.Stderr = &said, &said
		if err := install.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			if _, err := os.Lstat(filepath.Join(h.machine, "zones/box/root/big")); err == nil {
				break
			}
		}
		if err := install.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := install.Wait(); err == nil || !strings.Contains(said.String(), "interrupted: what there was of the zone is removed again") {
			t.Errorf("%v: %v, %q", signal, err, said.String())
		}
		h.nothing()
	}
}
