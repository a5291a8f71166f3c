package linuxhost

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/mounted"
	"github.com/gozones/zones/sys/errno"
)

// machineMounts is the host's mount table. It is read again only after it has changed,
// so that a zone on a host with many mounts can be made just as fast.
type machineMounts struct {
	mu    sync.Mutex // guards the following fields; no other lock is taken under it
	file  *os.File   // nil: not opened yet
	table []*mountinfo.Info
}

// get returns the present table, which must not be modified.
func (m *machineMounts) get() ([]*mountinfo.Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.file == nil {
		// Not os.Open, whose poller would receive the change notifications.
		fd, err := unix.Open("/proc/self/mountinfo", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return nil, &os.PathError{Op: "open", Path: "/proc/self/mountinfo", Err: err}
		}
		m.file = os.NewFile(uintptr(fd), "mountinfo")
	} else if !changed(m.file) {
		return m.table, nil
	}
	if _, err := m.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	table, err := mountinfo.GetMountsFromReader(m.file, nil)
	if err != nil {
		m.file.Close()
		m.file = nil // reread next time, since the notification is lost
		return nil, err
	}
	m.table = table
	return table, nil
}

// changed reports whether the table has changed since the last call or since the file
// was opened.
func changed(file *os.File) bool {
	fds := []unix.PollFd{{Fd: int32(file.Fd()), Events: unix.POLLPRI}}
	n, err := unix.Poll(fds, 0)
	return n != 0 || err != nil
}

// unmounted checks that nothing is mounted below a zone's root, and that the root
// can't be reached through another mount. The EBUSY error says what is mounted.
func (m *machineMounts) unmounted(root string) error {
	table, err := m.get()
	if err != nil {
		return err
	}
	found, err := mounted.In(table, root)
	switch {
	case err != nil:
		return fmt.Errorf("zone root: %w", err)
	case len(found.Through) > 0:
		return fmt.Errorf("zone root %s is also mounted on %s: %w", root, found.Through[0], errno.EBUSY)
	case len(found.Below) > 0:
		return fmt.Errorf("a file system is mounted below the zone root, on %s: %w", found.Below[0], errno.EBUSY)
	}
	return nil
}
