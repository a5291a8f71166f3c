//go:build illumos || solaris

package mount

import "os"

// table reads mnttab(5).
func table() ([]Entry, error) {
	f, err := os.Open(Mnttab)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Parse(f)
}
