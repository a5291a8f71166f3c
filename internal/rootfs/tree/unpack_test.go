package tree_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/gozones/zones/internal/rootfs/tree"
)

func archive(t *testing.T, headers ...*tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		text := ""
		if h.Typeflag == tar.TypeReg {
			text, h.Linkname = h.Linkname, "" // the content, to keep tables short
			h.Size = int64(len(text))
		}
		if h.Mode == 0 {
			h.Mode = 0o755
		}
		h.Uid, h.Gid = os.Getuid(), os.Getgid()
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func file(name, text string) *tar.Header {
	return &tar.Header{Name: name, Typeflag: tar.TypeReg, Linkname: text}
}
func dir(name string) *tar.Header { return &tar.Header{Name: name, Typeflag: tar.TypeDir} }
func symlink(name, to string) *tar.Header {
	return &tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: to}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestUnpack(t *testing.T) {
	plain := archive(t, dir("bin/"), file("./bin/sh", "#!"), symlink("sh", "bin/sh"),
		&tar.Header{Name: "again", Typeflag: tar.TypeLink, Linkname: "bin/sh"}, &tar.Header{Name: "closed/", Typeflag: tar.TypeDir, Mode: 0o500}, file("closed/in", "x"))
	var zipped, packed bytes.Buffer
	g := gzip.NewWriter(&zipped)
	g.Write(plain)
	g.Close()
	z, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	z.Write(plain)
	z.Close()
	for name, text := range map[string][]byte{"tar": plain, "tar.gz": zipped.Bytes(), "tar.zst": packed.Bytes()} {
		t.Run(name, func(t *testing.T) {
			source, root := filepath.Join(t.TempDir(), name), t.TempDir()
			write(t, source, text)
			if err := tree.Unpack(context.Background(), source, root, nil); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(filepath.Join(root, "closed"), 0o700) }) // for the test to remove it
			for _, path := range []string{"bin/sh", "sh", "again"} {
				if got, err := os.ReadFile(filepath.Join(root, path)); string(got) != "#!" {
					t.Errorf("%s: %q, %v", path, got, err)
				}
			}
			if info, err := os.Stat(filepath.Join(root, "closed")); err != nil || info.Mode().Perm() != 0o500 {
				t.Errorf("closed: %v, %v", info.Mode(), err)
			}
		})
	}
}

// TestConfined: whatever an archive contains, nothing outside the root changes.
func TestConfined(t *testing.T) {
	for name, headers := range map[string][]*tar.Header{
		"dots":             {file("../../outside/file", "bad")},
		"absolute":         {file("/outside/file", "bad")},
		"symlink":          {symlink("way", "../outside"), file("way/file", "bad")},
		"absolute symlink": {symlink("way", "OUTSIDE"), file("way/file", "bad")},
		"hard link":        {{Name: "way", Typeflag: tar.TypeLink, Linkname: "../outside/file"}, file("way", "bad")},
		"over a symlink":   {symlink("way", "../outside/file"), file("way", "bad")},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			outside, root := filepath.Join(top, "outside"), filepath.Join(top, "root")
			write(t, filepath.Join(outside, "file"), []byte("good"))
			if err := os.Mkdir(root, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, h := range headers {
				if h.Linkname == "OUTSIDE" {
					h.Linkname = outside
				}
			}
			source := filepath.Join(top, "a.tar")
			write(t, source, archive(t, headers...))
			err := tree.Unpack(context.Background(), source, root, nil) // may fail
			if got, _ := os.ReadFile(filepath.Join(outside, "file")); string(got) != "good" {
				t.Errorf("the file outside is %q; %v", got, err)
			}
			if entries, _ := os.ReadDir(outside); len(entries) != 1 {
				t.Errorf("outside has %v; %v", entries, err)
			}
		})
	}
}

func blob(t *testing.T, dir string, text []byte) string {
	sum := sha256.Sum256(text)
	name := hex.EncodeToString(sum[:])
	write(t, filepath.Join(dir, "blobs/sha256", name), text)
	return "sha256:" + name
}

func layout(t *testing.T, layers ...[]byte) string {
	t.Helper()
	dir := t.TempDir()
	var list []map[string]string
	for _, l := range layers {
		list = append(list, map[string]string{"digest": blob(t, dir, l)})
	}
	text, err := json.Marshal(map[string]any{"layers": list})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "index.json"), fmt.Appendf(nil, `{"manifests":[{"digest":"x","platform":{"os":"plan9","architecture":"mips"}},{"digest":%q}]}`, blob(t, dir, text)))
	return dir
}

func TestImage(t *testing.T) {
	source := layout(t,
		archive(t, file("etc/kept", "1"), file("etc/gone", "1"), file("opt/a", "1"), file("opt/b", "1")),
		archive(t, file("etc/.wh.gone", ""), file("opt/.wh..wh..opq", ""), file("opt/c", "2")))
	root := t.TempDir()
	if err := tree.Unpack(context.Background(), source, root, nil); err != nil {
		t.Fatal(err)
	}
	for path, there := range map[string]bool{"etc/kept": true, "etc/gone": false, "opt/a": false, "opt/c": true, "etc/.wh.gone": false} {
		if _, err := os.Lstat(filepath.Join(root, path)); (err == nil) != there {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestErrors(t *testing.T) {
	damaged := layout(t, archive(t, file("a", "1")))
	blobs, err := filepath.Glob(filepath.Join(damaged, "blobs/sha256/*"))
	if err != nil || len(blobs) != 2 {
		t.Fatal(blobs, err)
	}
	for _, b := range blobs {
		if text, _ := os.ReadFile(b); !bytes.HasPrefix(text, []byte("{")) {
			write(t, b, append(text, 'x'))
		}
	}
	text := filepath.Join(t.TempDir(), "text")
	write(t, text, bytes.Repeat([]byte("no archive "), 100))
	for source, want := range map[string]string{"": "use -a FILE", "/nowhere": "no such file", damaged: "is damaged", text: "neither a tar archive nor one compressed", t.TempDir(): "not an OCI image layout"} {
		root := t.TempDir()
		err := tree.Unpack(context.Background(), source, root, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", source, err)
		}
		if entries, _ := os.ReadDir(root); len(entries) > 0 {
			t.Errorf("%s: %v was made", source, entries)
		}
	}
}
