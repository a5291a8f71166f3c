package linuxhost

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Options say where the host keeps what it needs.
type Options struct {
	RunDir string // doors of zone daemons
}

// Host runs zones as real processes.
type Host struct {
	options Options
	self    *os.File // this program, sealed: what zscheds execute
	groups  *groups
	links   linkTable
	spawn   chan func() // runs on a thread that lives as long as the process
	rooms   *rooms
	mounts  machineMounts
	notify  func(host.Exit)

	mu    sync.Mutex // guards zones; no other lock is taken under it
	zones map[host.ZoneKey]*hostZone
}

var _ host.Host = (*Host)(nil)

// New readies the machine: it needs to be root, in the machine or in a user
// namespace (see Isolate). What a kernel process that was killed has left behind
// is removed.
func New(options Options) (host.Host, error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("the Linux host needs root, of the machine or of a user namespace: %w", unix.EPERM)
	}
	self, err := sealedSelf()
	if err != nil {
		return nil, fmt.Errorf("a sealed copy of this program: %w", err)
	}
	h := &Host{options: options, self: self, groups: findGroups(options.RunDir), spawn: make(chan func()), zones: map[host.ZoneKey]*hostZone{}}
	h.groups.sweep()
	go func() {
		// A zsched is told of the end of the thread that started it, which must
		// therefore never end before the process does.
		runtime.LockOSThread()
		for f := range h.spawn {
			f()
		}
	}()
	h.rooms = h.newRooms()
	h.rooms.Order(false)
	return h, nil
}

// sealedSelf copies this program into memory that nobody can change, so that a
// zone can't reach the program on disk through its zsched's /proc/self/exe.
func sealedSelf() (*os.File, error) {
	program, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	defer program.Close()
	fd, err := unix.MemfdCreate(zschedName, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, err
	}
	sealed := os.NewFile(uintptr(fd), zschedName)
	if _, err := io.Copy(sealed, program); err != nil {
		sealed.Close()
		return nil, err
	}
	_, err = unix.FcntlInt(sealed.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SEAL|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE)
	if err != nil {
		sealed.Close()
		return nil, err
	}
	return sealed, nil
}

// Name returns "linux".
func (h *Host) Name() string { return "linux" }

// Notify keeps where exits are told.
func (h *Host) Notify(f func(host.Exit)) { h.notify = f }

// Resolve looks a zone root up, following links.
func (h *Host) Resolve(path string) (string, error) {
	if path == "" {
		return "", errno.ENOENT
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		var number syscall.Errno
		if errors.As(err, &number) {
			return "", hostErrno(number)
		}
		return "", errno.ELOOP // the only failure that has no number of its own
	}
	if err := unix.Access(resolved, unix.X_OK); err != nil {
		return "", hostErrno(err)
	}
	return resolved, nil
}

// hostErrno translates an error of Linux.
func hostErrno(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errno.Of(err); ok {
		return e
	}
	return errno.EIO
}

// zone finds what the host has of a zone.
func (h *Host) zone(key host.ZoneKey) (*hostZone, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	z := h.zones[key]
	if z == nil {
		return nil, errno.ESRCH
	}
	return z, nil
}

// Mounts is the machine's mount table.
func (h *Host) Mounts() ([]host.Mount, error) { return mountTable("/proc/self/mountinfo") }

// SetRctl makes a control true by a control group or a resource limit.
func (h *Host) SetRctl(key host.ZoneKey, name string, limit uint64) error {
	z, err := h.zone(key)
	if err != nil {
		return err
	}
	if name == "zone.max-locked-memory" {
		if limit == host.NoLimit {
			return nil // what the kernel process itself may is not the zone's to extend
		}
		_, _, err := z.ask(&request{Op: "limit", Limits: [2]uint64{unix.RLIMIT_MEMLOCK, limit}})
		return err
	}
	return z.group.set(name, limit)
}

// SetAttr makes an attribute true for the zone's processes where Linux can.
func (h *Host) SetAttr(key host.ZoneKey, attr zone.Attr, value []byte) error {
	z, err := h.zone(key)
	if err != nil {
		return err
	}
	switch attr {
	case zone.AttrPhysMcap:
		var bytes uint64
		for i, b := range value {
			bytes |= uint64(b) << (8 * i)
		}
		if bytes == 0 {
			bytes = host.NoLimit
		}
		return z.group.set("capped-memory", bytes)
	}
	return nil // kept and reported by the kernel
}

// Usage reads what the zone's control groups have counted.
func (h *Host) Usage(key host.ZoneKey) (host.Usage, error) {
	z, err := h.zone(key)
	if err != nil {
		return host.Usage{}, err
	}
	return z.group.usage(), nil
}

// ZoneOf finds the zone that a process is in by its pid namespace.
func (h *Host) ZoneOf(pid int32) (host.ZoneKey, error) {
	of, err := os.Readlink("/proc/" + strconv.Itoa(int(pid)) + "/ns/pid")
	if err != nil {
		// Another user's process, or one that has just gone: not one of a zone,
		// whose processes this kernel may look at.
		return host.ZoneKey{}, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, z := range h.zones {
		if z.room.namespace == of {
			return key, nil
		}
	}
	return host.ZoneKey{}, nil
}

// Close ends every zone.
func (h *Host) Close() error {
	h.rooms.Close()
	h.mu.Lock()
	var keys []host.ZoneKey
	for key := range h.zones {
		keys = append(keys, key)
	}
	h.mu.Unlock()
	var all []error
	for _, key := range keys {
		all = append(all, h.DestroyZone(key))
	}
	h.groups.sweep()
	return errors.Join(all...)
}
