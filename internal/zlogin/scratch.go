package zlogin

import (
	"bufio"
	"os"
	"strings"
	"syscall"
)

// scratchMap is the file in which the system maps each zone mounted under an alternate
// root to its name in the kernel.
const scratchMap = "/tmp/.alt.lu-zone-map"

// scratch returns the kernel's name of a zone mounted under a root. The map is in a
// directory that everybody can write to: it is trusted only if it is a regular file with
// one link, owned by root or by this user.
func (l *Login) scratch(name, root string) (kernelName string, ok bool) {
	file, err := os.OpenFile(l.ScratchMap, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", false
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return "", false
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known || stat.Nlink != 1 || stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
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
