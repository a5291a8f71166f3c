package tree_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/rootfs/tree"
	"github.com/gozones/zones/internal/testenv"
)

// unpack unpacks an archive into a new root directory.
func unpack(t *testing.T, text []byte) (root string, warnings []string, err error) {
	t.Helper()
	source := filepath.Join(t.TempDir(), "archive")
	write(t, source, text)
	root = t.TempDir()
	err = tree.Unpack(context.Background(), source, root, func(line string) { warnings = append(warnings, line) })
	return root, warnings, err
}

func compress(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	g := gzip.NewWriter(&out)
	g.Write(text)
	g.Close()
	return out.Bytes()
}

// TestIntegrity: what an archive says about itself is checked, to its end.
func TestIntegrity(t *testing.T) {
	t.Parallel()
	whole := archive(t, file("etc/motd", "hello"), file("etc/other", "more"))
	zipped := compress(t, whole)
	badSum := bytes.Clone(zipped)
	badSum[len(badSum)-8] ^= 1
	oneBlock := bytes.Clone(whole[:len(whole)-512])
	zeros := append(archive(t, file("zeros", strings.Repeat("\x00", 4096)))[:512+4096], []byte{}...)
	for _, test := range []struct {
		name, want string
		text       []byte
	}{
		{"empty", "is empty", nil},
		{"no entries", "no entries", make([]byte, 1024)},
		{"cut between two entries", "cut short", whole[:1024]},
		{"cut in an entry", "cut short", whole[:700]},
		{"without closing blocks", "cut short", whole[:2048]},
		{"with one closing block", "cut short", oneBlock},
		{"zeros that aren't closing blocks", "cut short", zeros},
		{"wrong checksum", "checksum", badSum},
		{"cut behind the last entry", "unexpected EOF", zipped[:len(zipped)-6]},
		{"followed by data", "followed by other data", append(bytes.Clone(whole), "data"...)},
		{"another format", "xz or bzip2", append([]byte("PK\x03\x04"), make([]byte, 2000)...)},
		{"a header that is none", "invalid tar header", append(bytes.Clone(whole[:1024]), bytes.Repeat([]byte("x"), 1024)...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := unpack(t, test.text); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	padded := append(bytes.Clone(whole), make([]byte, 8192)...)
	if root, _, err := unpack(t, padded); err != nil {
		t.Error(err)
	} else if text, _ := os.ReadFile(filepath.Join(root, "etc/other")); string(text) != "more" {
		t.Errorf("%q", text)
	}
}

// TestFormats: archives that the system's tar has compressed.
func TestFormats(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "etc/motd"), []byte("hello"))
	for tool, from := range map[string]string{"gzip": "gzip", "bzip2": "bzip2", "xz": "xz-utils", "zstd": "zstd"} {
		testenv.Need(t, testenv.Tool(tool, from))
		out := filepath.Join(t.TempDir(), "a")
		c := exec.Command("tar", "--create", "--use-compress-program="+tool, "--file="+out, "etc")
		c.Dir = dir
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", tool, err, said)
		}
		root := t.TempDir()
		if err := tree.Unpack(context.Background(), out, root, nil); err != nil {
			t.Errorf("%s: %v", tool, err)
		}
		if text, err := os.ReadFile(filepath.Join(root, "etc/motd")); string(text) != "hello" {
			t.Errorf("%s: %q, %v", tool, text, err)
		}
	}
}

// TestPlaced: entries are where a process inside the root directory would put them.
func TestPlaced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		entries []*tar.Header
		files   map[string]string
		fails   string
	}{
		{"below an absolute link", []*tar.Header{dir("run"), symlink("var/run", "/run"), file("var/run/lock", "x")}, map[string]string{"run/lock": "x"}, ""},
		{"below a link with too many dots", []*tar.Header{dir("run"), symlink("var/run", "../../../run"), file("var/run/lock", "x")}, map[string]string{"run/lock": "x"}, ""},
		{"below a link to a link", []*tar.Header{dir("c"), symlink("a", "/b"), symlink("b", "c"), file("a/f", "x")}, map[string]string{"c/f": "x"}, ""},
		{"below a link to nothing yet", []*tar.Header{symlink("a", "/later/on"), file("a/f", "x"), dir("later")}, map[string]string{"later/on/f": "x"}, ""},
		{"dots after a link", []*tar.Header{dir("x/y"), symlink("l", "/x/y"), file("l/../f", "x")}, map[string]string{"x/f": "x"}, ""},
		{"above the root", []*tar.Header{file("../../f", "x")}, map[string]string{"f": "x"}, ""},
		{"a loop", []*tar.Header{symlink("a", "b"), symlink("b", "a"), file("a/f", "x")}, nil, "too many levels"},
		{"below a file", []*tar.Header{file("f", "x"), file("f/g", "y")}, nil, `"f" is not a directory`},
		{"a file over a link", []*tar.Header{file("t", "1"), symlink("l", "t"), file("l", "2")}, map[string]string{"t": "1", "l": "2"}, ""},
		{"a directory over a link, then a file in it", []*tar.Header{dir("t"), symlink("l", "t"), file("l/a", "1"), dir("l"), file("l/b", "2")}, map[string]string{"t/a": "1", "l/b": "2"}, ""},
		{"a hard link below a link", []*tar.Header{file("r/f", "x"), symlink("s", "/r"), {Name: "h", Typeflag: tar.TypeLink, Linkname: "/s/f"}}, map[string]string{"h": "x"}, ""},
		{"a hard link to itself", []*tar.Header{file("f", "x"), {Name: "f", Typeflag: tar.TypeLink, Linkname: "./f"}}, map[string]string{"f": "x"}, ""},
		{"a hard link to nothing", []*tar.Header{{Name: "h", Typeflag: tar.TypeLink, Linkname: "none"}}, nil, `entry "h"`},
		{"a hard link to a directory", []*tar.Header{dir("d"), {Name: "h", Typeflag: tar.TypeLink, Linkname: "d"}}, nil, "hard link to the directory"},
		{"a long path", []*tar.Header{file(strings.Repeat("d/", 2100)+"f", "x")}, nil, "longer than"},
		{"a file as the root directory", []*tar.Header{file(".", "x")}, nil, "replace the root"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root, _, err := unpack(t, archive(t, test.entries...))
			if (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Fatalf("%v, want %q", err, test.fails)
			}
			for path, want := range test.files {
				if text, err := os.ReadFile(filepath.Join(root, path)); string(text) != want {
					t.Errorf("%s: %q, %v", path, text, err)
				}
			}
		})
	}
}

// TestDirectories: of a directory that occurs twice the last mode and time count.
func TestDirectories(t *testing.T) {
	t.Parallel()
	root, _, err := unpack(t, archive(t, &tar.Header{Name: "d/", Typeflag: tar.TypeDir, Mode: 0o700},
		&tar.Header{Name: "d/", Typeflag: tar.TypeDir, Mode: 0o550}, file("d/f", "x")))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "d")
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o550 {
		t.Error(info.Mode(), err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { // so that an ordinary user can remove it
		t.Error(err)
	}
}

// raw makes an archive of one empty file, without the checks of [archive].
func raw(t *testing.T, h *tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := w.WriteHeader(h); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return out.Bytes()
}

// TestOwners: ids that aren't any are refused: -1 would leave root as the owner.
func TestOwners(t *testing.T) {
	t.Parallel()
	for _, wide := range []int64{-1, 1<<32 - 1, 1 << 32, 1<<33 + 5} {
		id := int(wide)
		if int64(id) != wide {
			continue // package tar can't give it on a 32-bit system
		}
		h := &tar.Header{Name: "f", Typeflag: tar.TypeReg, Mode: 0o4755, Uid: id, Format: tar.FormatGNU}
		if _, _, err := unpack(t, raw(t, h)); err == nil || !strings.Contains(err.Error(), "is no user id") {
			t.Errorf("user %d: %v", id, err)
		}
		h.Uid, h.Gid = 0, id
		if _, _, err := unpack(t, raw(t, h)); err == nil || !strings.Contains(err.Error(), "is no group id") {
			t.Errorf("group %d: %v", id, err)
		}
	}
}

// TestSparse: holes stay holes, and a file that can't fit is refused at once.
func TestSparse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, size := range map[string]int64{"hole": 1 << 30, "large": 8 << 40} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f.WriteAt([]byte("end"), 1<<29)
		if err := f.Truncate(size); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	for _, name := range []string{"hole", "large"} {
		out := filepath.Join(t.TempDir(), "a.tar")
		c := exec.Command("tar", "--create", "--sparse", "--file="+out, name)
		c.Dir = dir
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		root := t.TempDir()
		err := tree.Unpack(context.Background(), out, root, nil)
		if name == "large" {
			if err == nil || !strings.Contains(err.Error(), "don't fit") {
				t.Error(err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil || info.Size() != 1<<30 {
			t.Fatal(info, err)
		}
		if blocks := info.Sys().(*syscall.Stat_t).Blocks; blocks > 64 {
			t.Errorf("%d blocks are allocated", blocks)
		}
	}
}

// TestInterrupted: a done context ends an unpacking within a file.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "a.tar")
	write(t, source, archive(t, file("f", strings.Repeat("x", 4<<20))))
	ctx := &soon{Context: context.Background(), left: 4}
	if err := tree.Unpack(ctx, source, t.TempDir(), nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// soon is a context that is done after some calls of Err.
type soon struct {
	context.Context
	left int
}

func (s *soon) Err() error {
	if s.left--; s.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestNotRegular: a FIFO in the place of a file is refused, not waited for.
func TestNotRegular(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "index.json")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		testenv.Need(t, testenv.Given("FIFOs", err))
	}
	for _, source := range []string{fifo, dir} {
		if err := tree.Unpack(context.Background(), source, t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// TestWhiteouts: whiteouts act on lower layers only, in any order of entries.
func TestWhiteouts(t *testing.T) {
	t.Parallel()
	lower := archive(t, file("d/old", "1"), file("d/sub/old", "1"), file("e", "1"), file("bin/sh", "x"), dir("empty"))
	for _, test := range []struct {
		name  string
		upper []*tar.Header
		files string // with their content, sorted
		fails string
	}{
		{"opaque after the files", []*tar.Header{file("d/new", "2"), file("d/.wh..wh..opq", "")}, "bin/sh=x d/new=2 e=1", ""},
		{"opaque before the files", []*tar.Header{file("d/.wh..wh..opq", ""), file("d/new", "2")}, "bin/sh=x d/new=2 e=1", ""},
		{"opaque keeps what a lower name has again", []*tar.Header{file("d/sub/old", "2"), file("d/.wh..wh..opq", "")}, "bin/sh=x d/sub/old=2 e=1", ""},
		{"a file and its whiteout", []*tar.Header{file("e", "2"), file(".wh.e", "")}, "bin/sh=x d/old=1 d/sub/old=1 e=2", ""},
		{"a whiteout and its file", []*tar.Header{file(".wh.e", ""), file("e", "2")}, "bin/sh=x d/old=1 d/sub/old=1 e=2", ""},
		{"of a directory", []*tar.Header{file(".wh.d", "")}, "bin/sh=x e=1", ""},
		{"of a directory that this layer writes to", []*tar.Header{file("d/new", "2"), file(".wh.d", "")}, "bin/sh=x d/new=2 e=1", ""},
		{"of nothing", []*tar.Header{file("no/.wh.such", "")}, "bin/sh=x d/old=1 d/sub/old=1 e=1", ""},
		{"without a name", []*tar.Header{file("etc/.wh.", "")}, "", "not the name of a whiteout"},
		{"of its directory", []*tar.Header{file("etc/.wh..", "")}, "", "not the name of a whiteout"},
		{"of the parent", []*tar.Header{file("etc/.wh...", "")}, "", "not the name of a whiteout"},
		{"of a whiteout", []*tar.Header{file(".wh..wh.x", "")}, "", "not the name of a whiteout"},
		{"left by an old builder", []*tar.Header{dir(".wh..wh.plnk")}, "bin/sh=x d/old=1 d/sub/old=1 e=1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			err := tree.Unpack(context.Background(), layout(t, lower, archive(t, test.upper...)), root, nil)
			if (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Fatalf("%v, want %q", err, test.fails)
			}
			if err != nil {
				return
			}
			var files []string
			filepath.WalkDir(root, func(path string, d os.DirEntry, _ error) error {
				if d.Type().IsRegular() {
					text, _ := os.ReadFile(path)
					files = append(files, strings.TrimPrefix(path, root+"/")+"="+string(text))
				}
				return nil
			})
			if got := strings.Join(files, " "); got != test.files {
				t.Errorf("%s, want %s", got, test.files)
			}
		})
	}
}

// image is a layout that can be damaged.
type image struct {
	t   *testing.T
	dir string
}

func (m *image) put(text []byte) map[string]any {
	return map[string]any{"digest": blob(m.t, m.dir, text), "size": len(text)}
}

func (m *image) json(value any) map[string]any {
	text, err := json.Marshal(value)
	if err != nil {
		m.t.Fatal(err)
	}
	return m.put(text)
}

// TestImageFaults: an image that isn't what it says is refused, with the reason.
func TestImageFaults(t *testing.T) {
	t.Parallel()
	const vendor = "application/vnd.oci.image."
	sum := func(text []byte) string {
		s := sha256.Sum256(text)
		return "sha256:" + hex.EncodeToString(s[:])
	}
	plain := archive(t, file("f", "x"))
	for _, test := range []struct {
		name, tag, fails string
		damage           func(layer, config, manifest, entry map[string]any, all *[]map[string]any)
		warns            bool
	}{
		{name: "as it should be"},
		{name: "with an entrypoint", warns: true, damage: func(_, config, _, _ map[string]any, _ *[]map[string]any) {
			config["config"] = map[string]any{"Entrypoint": []string{"/f"}}
		}},
		{name: "size of a layer", fails: "bytes, not 7", damage: func(layer, _, _, _ map[string]any, _ *[]map[string]any) { layer["size"] = 7 }},
		{name: "type of a layer", fails: `layer 1: unknown media type "text/plain"`, damage: func(layer, _, _, _ map[string]any, _ *[]map[string]any) { layer["mediaType"] = "text/plain" }},
		{name: "type of the manifest", fails: "unknown media type", damage: func(_, _, _, entry map[string]any, _ *[]map[string]any) {
			entry["mediaType"] = "application/vnd.oci.artifact"
		}},
		{name: "diff_id", fails: "isn't that of the image", damage: func(_, config, _, _ map[string]any, _ *[]map[string]any) {
			config["rootfs"] = map[string]any{"diff_ids": []string{sum(nil)}}
		}},
		{name: "number of diff_ids", fails: "has 0 layers", damage: func(_, config, _, _ map[string]any, _ *[]map[string]any) { config["rootfs"] = map[string]any{} }},
		{name: "for another machine", fails: "the image is for", damage: func(_, config, _, _ map[string]any, _ *[]map[string]any) { config["architecture"] = "mips" }},
		{name: "digest of another kind", fails: "not a SHA-256", damage: func(layer, _, _, _ map[string]any, _ *[]map[string]any) { layer["digest"] = "sha512:00" }},
		{name: "two tags", fails: `name one as DIRECTORY:TAG, with one of: "a" "b"`, damage: twoTags},
		{name: "two tags, one chosen", tag: ":b", damage: twoTags},
		{name: "an unknown tag", tag: ":c", fails: `no image has the tag "c"; there are: "a" "b"`, damage: twoTags},
		{name: "index of another platform only", fails: "no image for", damage: func(_, _, _, entry map[string]any, _ *[]map[string]any) {
			entry["platform"] = map[string]any{"os": "plan9", "architecture": "mips"}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := &image{t: t, dir: t.TempDir()}
			layer := m.put(compress(t, plain))
			layer["mediaType"] = vendor + "layer.v1.tar+gzip"
			config := map[string]any{"os": runtime.GOOS, "architecture": runtime.GOARCH, "rootfs": map[string]any{"diff_ids": []string{sum(plain)}}}
			manifest, entry := map[string]any{"mediaType": vendor + "manifest.v1+json"}, map[string]any{"mediaType": vendor + "manifest.v1+json"}
			all := []map[string]any{entry}
			if test.damage != nil {
				test.damage(layer, config, manifest, entry, &all)
			}
			c := m.json(config)
			c["mediaType"] = vendor + "config.v1+json"
			manifest["config"], manifest["layers"] = c, []any{layer}
			for key, value := range m.json(manifest) {
				for _, e := range all {
					e[key] = value
				}
			}
			text, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": all})
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(m.dir, "index.json"), text)
			root := t.TempDir()
			var warnings []string
			err = tree.Unpack(context.Background(), m.dir+test.tag, root, func(line string) { warnings = append(warnings, line) })
			if (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Fatalf("%v, want %q", err, test.fails)
			}
			if _, there := os.Stat(filepath.Join(root, "f")); err == nil && there != nil {
				t.Error(there)
			}
			if (len(warnings) > 0) != test.warns {
				t.Errorf("%q", warnings)
			}
		})
	}
}

func twoTags(_, _, _, entry map[string]any, all *[]map[string]any) {
	entry["annotations"] = map[string]string{"org.opencontainers.image.ref.name": "a"}
	*all = append(*all, map[string]any{"mediaType": entry["mediaType"], "annotations": map[string]string{"org.opencontainers.image.ref.name": "b"}})
}

// TestMany: an archive with very many entries.
func TestMany(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Long)
	var text bytes.Buffer
	w := tar.NewWriter(&text)
	const n = 20_000 // 100,000 work, too, and take a minute to remove
	for i := range n {
		name := "d" + string(rune('a'+i%26)) + "/" + string(rune('a'+i/26%26)) + "/" + strings.Repeat("x", 1+i/676)
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Uid: os.Getuid(), Gid: os.Getgid()}); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	root, _, err := unpack(t, text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	filepath.WalkDir(root, func(_ string, d os.DirEntry, _ error) error {
		if d.Type().IsRegular() {
			files++
		}
		return nil
	})
	if files != n {
		t.Errorf("%d files", files)
	}
}

// FuzzUnpack: whatever an archive contains, nothing outside the root directory changes, and
// the directory can be removed again.
func FuzzUnpack(f *testing.F) {
	t := &testing.T{}
	for _, entries := range [][]*tar.Header{
		{dir("run"), symlink("var/run", "/run"), file("var/run/lock", "x")},
		{file("../../f", "x"), symlink("a", "../../outside"), file("a/f", "y")},
		{file("f", "x"), {Name: "h", Typeflag: tar.TypeLink, Linkname: "f"}, file(".wh.f", ""), file("d/.wh..wh..opq", "")},
		{{Name: "p", Typeflag: tar.TypeFifo}, {Name: "dev/null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3}},
	} {
		f.Add(archive(t, entries...), true)
		f.Add(archive(t, entries...), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, layer bool) {
		top := t.TempDir()
		outside, root := filepath.Join(top, "outside"), filepath.Join(top, "root")
		write(t, filepath.Join(outside, "file"), []byte("good"))
		if err := os.Mkdir(root, 0o755); err != nil {
			t.Fatal(err)
		}
		source := filepath.Join(top, "a.tar")
		if layer {
			source = layout(t, text)
		} else {
			write(t, source, text)
		}
		err := tree.Unpack(context.Background(), source, root, nil)
		if got, _ := os.ReadFile(filepath.Join(outside, "file")); string(got) != "good" {
			t.Errorf("the file outside is %q; %v", got, err)
		}
		names, _ := os.ReadDir(top)
		if len(names) > 3 || slices.ContainsFunc(names, func(e os.DirEntry) bool { return !strings.Contains("outside root a.tar", e.Name()) }) {
			t.Errorf("%v", names)
		}
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
}
