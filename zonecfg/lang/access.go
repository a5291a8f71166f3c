package lang

import (
	"errors"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/zonecfg"
)

// Access tells whether a zone's configuration may be changed by this process: its
// file, or where it has none yet the folder, or where that isn't there what it would
// be made in. An error is about neither.
func Access(store *zonecfg.Store, name string) (readOnly bool, err error) {
	path := filepath.Join(store.Root()+"/etc/zones", name+".xml")
	for {
		err = unix.Access(path, unix.W_OK)
		switch {
		case err == nil:
			return false, nil
		case errors.Is(err, fs.ErrPermission):
			return true, nil
		case !errors.Is(err, fs.ErrNotExist) || path == "/":
			return false, zonecfg.ErrMiscFS
		}
		path = filepath.Dir(path)
	}
}
