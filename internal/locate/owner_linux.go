package locate

import (
	"fmt"
	"os"
	"syscall"
)

func ownedByCaller(dir string, info os.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s is owned by another user: set ZONES_RUN to a directory of your own", dir)
	}
	return nil
}
