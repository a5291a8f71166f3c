package zlogin

import (
	"bufio"
	"os"
	"strings"

	"github.com/gozones/zones/internal/posix"
)

// scratchMap is the file in which the system maps each zone mounted under an alternate
// root to its name in the kernel.
const scratchMap = "/tmp/.alt.lu-zone-map"

// scratch returns the kernel's name of a zone mounted under a root. The map is in a
// directory that everybody can write to: it is trusted only if it is a regular file with
// one link, owned by root or by this user.
func (l *Login) scratch(name, root string) (kernelName string, ok bool) {
	file, err := os.OpenFile(l.ScratchMap, os.O_RDONLY|posix.NoFollow|posix.NonBlock, 0)
	if err != nil {
		return "", false
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return "", false
	}
	stat, err := posix.StatOf(info)
	if err != nil || stat.Links != 1 || stat.UID != 0 && int(stat.UID) != os.Geteuid() {
		return "", false
	}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		f := strings.SplitN(lines.Text(), " ", 3)
		if len(f) == 3 && f[0] == name && f[2] == root {
			return f[1], true
		}
	}
	return "", false
}
