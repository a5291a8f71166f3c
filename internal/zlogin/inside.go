package zlogin

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	securejoin "github.com/cyphar/filepath-securejoin"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// largestFile limits what is read of a zone's file, which the zone can make as large as
// it likes.
const largestFile = 8 << 20

// rootOf opens the root directory of a zone as its init sees it, including what is
// mounted there, if init can be reached.
func rootOf(kernel zone.System, id zone.ID) (*os.Root, error) {
	name, err := zone.RootOf(kernel, id)
	if err != nil {
		return nil, err
	}
	if scratchRoot(name) {
		// It has the machine's programs and users. Its own root directory is in memory, which
		// only the zone sees.
		return os.OpenRoot("/")
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	init, err := zone.InitPIDOf(kernel, id)
	if err != nil || init <= 1 {
		return root, nil
	}
	seen, err := os.OpenRoot(fmt.Sprintf("/proc/%d/root", init))
	if err != nil {
		return root, nil
	}
	// The process id may have been reused: then this is another process's root.
	if a, err := root.Stat("."); err == nil {
		if b, err := seen.Stat("."); err == nil && os.SameFile(a, b) {
			root.Close()
			return seen, nil
		}
	}
	seen.Close()
	return root, nil
}

// scratchRoot reports whether a directory is the root of a scratch zone.
func scratchRoot(name string) bool {
	return zonecfg.KernelState(zone.StatusReady, name) == zonecfg.Mounted
}

// inside resolves paths in a zone's root directory as a process in the zone does, for
// which that directory is all there is.
type inside struct{ root *os.Root }

// Lstat implements [securejoin.VFS].
func (i inside) Lstat(name string) (fs.FileInfo, error) { return i.root.Lstat(relative(name)) }

// Readlink implements [securejoin.VFS].
func (i inside) Readlink(name string) (string, error) { return i.root.Readlink(relative(name)) }

func relative(name string) string { return path.Join(".", strings.TrimLeft(name, "/")) }

// readInside reads a file of a zone.
func readInside(root *os.Root, name string) ([]byte, error) {
	at, err := securejoin.SecureJoinVFS("", name, inside{root})
	if err != nil {
		return nil, err
	}
	// If the zone puts a link there meanwhile, root keeps it inside. O_NONBLOCK is for a
	// FIFO, whose other end may never be opened.
	file, err := root.OpenFile(relative(at), os.O_RDONLY|posix.NonBlock, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > largestFile {
		return nil, fmt.Errorf("%s in the zone is no file of at most %d bytes", name, largestFile)
	}
	return io.ReadAll(io.LimitReader(file, largestFile))
}

// ownDir reports whether a zone has a directory of that name, not a link to one.
func ownDir(root *os.Root, name string) bool {
	info, err := root.Lstat(strings.TrimPrefix(name, "/"))
	return err == nil && info.IsDir()
}

// userInside looks up a user in the zone's own files. It returns neither a user nor an
// error if the zone doesn't have the user, or no such file.
func userInside(root *os.Root, name string) (*User, error) {
	passwd, err := readInside(root, "/etc/passwd")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	group, err := readInside(root, "/etc/group")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	u, _ := findUser(name, passwd, group)
	return u, nil
}
