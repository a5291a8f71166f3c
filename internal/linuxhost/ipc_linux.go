package linuxhost

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
)

// ipcSetting is the setting of an ipc namespace that enforces a resource control.
type ipcSetting struct {
	file  string // below /proc/sys/kernel
	field int    // of the file's numbers
	unit  uint64 // of the number, in units of the control
	most  uint64 // the highest number that Linux takes
	none  uint64 // no limit: that of a new namespace
}

var ipcSettings = map[string]ipcSetting{
	"zone.max-shm-memory": {file: "shmall", unit: uint64(os.Getpagesize()), most: maxPages, none: maxPages},
	"zone.max-shm-ids":    {file: "shmmni", unit: 1, most: maxIDs, none: 4096},
	"zone.max-msg-ids":    {file: "msgmni", unit: 1, most: maxIDs, none: 32000},
	"zone.max-sem-ids":    {file: "sem", field: 3, unit: 1, most: maxIDs, none: 32000},
}

const (
	maxIDs   = 1 << 15
	maxPages = uint64(^uintptr(0)) - 1<<24 // Linux' own default, which can't overflow
)

// setIPC sets a limit in the zone's ipc namespace.
func (z *hostZone) setIPC(s ipcSetting, limit uint64) error {
	number := s.none
	if limit != host.NoLimit {
		number = min(limit/s.unit, s.most)
	}
	// The settings that a thread finds in /proc/sys are those of its ipc namespace. The
	// thread ends with the goroutine, which doesn't unlock it: no other work is done there.
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- func() error {
			path := fmt.Sprintf("/proc/%d/ns/ipc", z.sandbox.pid)
			fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err != nil {
				return failed("open", path, err)
			}
			defer unix.Close(fd)
			if err := unix.Setns(fd, unix.CLONE_NEWIPC); err != nil {
				return failed("setns", path, err)
			}
			return s.write(number)
		}()
	}()
	return <-done
}

// write replaces the setting's number in its file, in the calling thread's ipc namespace.
func (s ipcSetting) write(number uint64) error {
	path := "/proc/sys/kernel/" + s.file
	text, err := readFile(path)
	if err != nil {
		return err
	}
	numbers := strings.Fields(string(text))
	if s.field >= len(numbers) {
		return failed("read", path, unix.EINVAL)
	}
	numbers[s.field] = strconv.FormatUint(number, 10)
	return os.WriteFile(path, []byte(strings.Join(numbers, "\t")), 0)
}
