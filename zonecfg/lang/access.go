package lang

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/zonecfg"
)

// Access tells whether this process may change a zone's configuration: its file, or
// where it has none yet the directory of the files. first: where that isn't there either,
// it may be made, and what it would be made in decides. An error is about neither.
func Access(store *zonecfg.Store, name string, first bool) (readOnly bool, err error) {
	dir := store.Root() + "/etc/zones"
	path := filepath.Join(dir, name+".xml")
	for {
		err = posix.Access(path)
		switch {
		case err == nil:
			return false, nil
		case errors.Is(err, fs.ErrPermission):
			return true, nil
		case !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) || path == dir && !first:
			return false, zonecfg.ErrMiscFS
		}
		path = filepath.Dir(path)
	}
}
