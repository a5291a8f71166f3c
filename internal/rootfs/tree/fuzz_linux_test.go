package tree_test

import (
	"archive/tar"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/rootfs/remove"
	"github.com/gozones/zones/internal/rootfs/tree"
	"github.com/gozones/zones/internal/testenv"
)

// words are what names and link targets of fuzzed entries are made of.
var words = []string{
	"a", "b", "c", "..", ".", "", "outside", "root", ".wh.a", ".wh.b", ".wh..wh..opq", ".wh.", ".wh...", "file",
	strings.Repeat("x", 255), strings.Repeat("y", 256), "\x1b[2J", "a\nb",
}

// types are the types of fuzzed entries.
var types = []byte{
	tar.TypeReg, tar.TypeDir, tar.TypeSymlink, tar.TypeLink, tar.TypeFifo, tar.TypeChar, tar.TypeBlock, tar.TypeReg, tar.TypeDir, tar.TypeSymlink,
}

// entries turns a fuzzer's bytes into headers: a byte for the type, one for the mode, one each
// for the words of the name and of the target, which begin with a slash if their number is odd.
func entries(program []byte) (headers []*tar.Header) {
	next := func() int {
		if len(program) == 0 {
			return 0
		}
		b := program[0]
		program = program[1:]
		return int(b)
	}
	path := func() string {
		n := next() % 12
		parts := make([]string, 0, n/2+1)
		for range n/2 + 1 {
			parts = append(parts, words[next()%len(words)])
		}
		return strings.Repeat("/", n%2) + strings.Join(parts, "/")
	}
	for len(program) > 0 && len(headers) < 64 {
		h := &tar.Header{Typeflag: types[next()%len(types)], Mode: int64(next() * 16), Name: path(), Linkname: path()}
		if h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeSymlink && h.Typeflag != tar.TypeLink {
			h.Linkname = ""
		}
		if h.Typeflag != tar.TypeDir { // the writer refuses it
			h.Name = strings.TrimRight(h.Name, "/")
		}
		headers = append(headers, h)
	}
	return headers
}

// look describes everything below a directory.
func look(t *testing.T, top string) string {
	t.Helper()
	var text strings.Builder
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(&text, path, info.Mode(), info.ModTime())
		if d.Type().IsRegular() {
			content, err := os.ReadFile(path)
			fmt.Fprintf(&text, "%q %v\n", content, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return text.String()
}

// FuzzEntries: whatever entries an archive has, or the two layers of an image, nothing outside
// the root directory changes, and the root can be removed.
func FuzzEntries(f *testing.F) {
	f.Add([]byte{2, 0, 0, 0, 3, 3, 6, 0, 0, 4, 0, 13, 0}, []byte{0, 0, 4, 0, 13, 0, 0}, true)
	f.Add([]byte{1, 4, 0, 0, 0, 0, 0, 2, 0, 1, 5, 6, 0, 0}, []byte{3, 0, 0, 1, 4, 0, 3, 6, 13}, false)
	f.Add([]byte{4, 0, 0, 0, 0, 0, 5, 255, 0, 1, 0, 0}, []byte{0, 0, 2, 0, 8, 0, 0, 0, 0, 2, 0, 10}, true)
	f.Fuzz(func(t *testing.T, first, second []byte, image bool) {
		var layers [][]byte
		for _, program := range [][]byte{first, second} {
			layers = append(layers, archive(t, entries(program)...))
		}
		top := testenv.MemoryDir(t)
		root := filepath.Join(top, "root")
		write(t, filepath.Join(top, "outside/file"), []byte("good"))
		write(t, filepath.Join(top, "outside/a/file"), []byte("good"))
		if err := os.Mkdir(root, 0o755); err != nil {
			t.Fatal(err)
		}
		before := look(t, filepath.Join(top, "outside"))
		source := filepath.Join(t.TempDir(), "a.tar")
		if image {
			source = layout(t, layers...)
		} else {
			write(t, source, layers[0])
		}
		err := tree.Unpack(context.Background(), source, root, func(line string) {
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
				t.Errorf("%q reaches a terminal", line)
			}
		})
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) {
			t.Errorf("%q reaches a terminal", err)
		}
		if after := look(t, filepath.Join(top, "outside")); after != before {
			t.Errorf("outside, before:\n%safter (%v):\n%s", before, err, after)
		}
		names, _ := os.ReadDir(top)
		if len(names) != 2 {
			t.Errorf("%v", names)
		}
		if info, err := os.Lstat(root); err != nil || !info.IsDir() {
			t.Errorf("the root is %v, %v", info, err)
		}
		if err := remove.Tree(context.Background(), root); err != nil {
			t.Error(err)
		}
	})
}
