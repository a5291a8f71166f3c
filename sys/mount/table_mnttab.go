//go:build illumos || solaris

package mount

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/internal/abi"
)

// table reads mnttab(5).
func table(hidden bool) ([]Entry, error) {
	f, err := os.Open(Mnttab)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if hidden {
		if err := unix.IoctlSetInt(int(f.Fd()), abi.MNTIOC_SHOWHIDDEN, 0); err != nil {
			return nil, fmt.Errorf("%s: hidden mounts: %w", Mnttab, err)
		}
	}
	return Parse(f)
}
