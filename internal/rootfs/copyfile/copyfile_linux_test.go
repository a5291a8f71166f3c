package copyfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
)

// TestData: the content is the same, and holes take no space.
func TestData(t *testing.T) {
	t.Parallel()
	const block = 1 << 16
	text := bytes.Repeat([]byte("zones"), block/5+1)[:block]
	for _, test := range []struct {
		name  string
		parts []int64 // offsets of a block of text
		size  int64
	}{
		{"empty", nil, 0},
		{"a block", []int64{0}, block},
		{"a hole only", nil, 16 * block},
		{"a hole first", []int64{8 * block}, 9 * block},
		{"a hole last", []int64{0}, 64 * block},
		{"holes between", []int64{0, 4 * block, 5 * block, 100 * block}, 101*block + 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := testenv.MemoryDir(t)
			from, err := os.Create(filepath.Join(dir, "from"))
			if err != nil {
				t.Fatal(err)
			}
			defer from.Close()
			for _, at := range test.parts {
				if _, err := from.WriteAt(text, at); err != nil {
					t.Fatal(err)
				}
			}
			if err := from.Truncate(test.size); err != nil {
				t.Fatal(err)
			}
			for name, copied := range map[string]func(to, from *os.File) (int64, error){
				"copied": Data,
				"by parts": func(to, from *os.File) (int64, error) {
					return data(to, from, test.size)
				},
			} {
				to, err := os.Create(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				defer to.Close()
				n, err := copied(to, from)
				if err != nil {
					t.Fatal(err)
				}
				if want := int64(len(test.parts)) * block; n != want && n != test.size {
					t.Errorf("%s: %d bytes, want %d", name, n, want)
				}
				var was, is unix.Stat_t
				if err := errors.Join(unix.Fstat(int(from.Fd()), &was), unix.Fstat(int(to.Fd()), &is)); err != nil {
					t.Fatal(err)
				}
				if is.Size != was.Size || is.Blocks > was.Blocks {
					t.Errorf("%s: %d bytes in %d blocks, want %d in %d", name, is.Size, is.Blocks, was.Size, was.Blocks)
				}
				if !bytes.Equal(content(t, from), content(t, to)) {
					t.Errorf("%s: the content differs", name)
				}
			}
		})
	}
}

func content(t *testing.T, f *os.File) []byte {
	t.Helper()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestAttributes: files and directories keep their attributes, empty ones and root's too.
func TestAttributes(t *testing.T) {
	t.Parallel()
	dir := testenv.MemoryDir(t)
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	if err := errors.Join(os.WriteFile(from, nil, 0o755), os.WriteFile(to, nil, 0o755), os.Symlink("nowhere", filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	if os.Geteuid() == 0 {
		// CAP_NET_RAW, permitted and effective, in the second version of the format.
		want["security.capability"] = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		want["trusted.zones"] = "root's"
	}
	if err := unix.Lsetxattr(from, "user.zones", nil, 0); err == nil { // not before Linux 6.6 in memory
		want["user.zones"] = ""
	}
	for name, value := range want {
		if err := unix.Lsetxattr(from, name, []byte(value), 0); err != nil {
			t.Fatal(name, err)
		}
	}
	open, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := Attributes(to, open, "from"); err != nil {
		t.Error(err)
	}
	for name, value := range want {
		if got, err := get(to, name); err != nil || string(got) != value {
			t.Errorf("%s is %q, %v, want %q", name, got, err, value)
		}
	}
	if names, err := list(to); err != nil || len(names) != len(want) {
		t.Errorf("%q, %v", names, err)
	}
	if err := Attributes(to, open, "none"); !errors.Is(err, unix.ENOENT) {
		t.Error(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, "link")), os.Symlink("from", filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	if err := Attributes(to, open, "link"); err != nil {
		t.Errorf("of a link: %v", err)
	}
	if names, err := list("/proc/self/status"); len(names) > 0 || err != nil {
		t.Errorf("/proc has attributes %q, %v", names, err)
	}
}
