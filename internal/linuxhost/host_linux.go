package linuxhost

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Options say where the host keeps what it needs.
type Options struct {
	RunDir string // where the zones' daemons have their doors

	devices []string // names in /dev that every zone gets; nil: those that programs expect
}

// devices that every zone gets from the host.
var devices = []string{"null", "zero", "full", "random", "urandom", "tty"}

// Host runs zones as real processes.
type Host struct {
	options   Options
	self      *os.File // this program, sealed: what zscheds execute
	groups    *groups
	links     linkTable
	spawn     chan func() // runs on a thread that lives as long as the process
	sandboxes *sandboxes
	mounts    machineMounts
	notify    func(host.Exit)

	mu         sync.Mutex // guards what follows; no other lock is taken under it
	zones      map[host.ZoneKey]*hostZone
	namespaces map[string]host.ZoneKey // by the pid namespace
}

var _ host.Host = (*Host)(nil)

// New prepares the host. It needs to be root, on the machine or in a user namespace
// (see [Isolate]). What a kernel process that was killed has left behind is removed.
func New(options Options) (host.Host, error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("the Linux host needs root, on the machine or in a user namespace: %w", unix.EPERM)
	}
	if options.devices == nil {
		options.devices = devices
	}
	self, err := sealedSelf()
	if err != nil {
		return nil, fmt.Errorf("sealed copy of this program: %w", err)
	}
	h := &Host{
		options: options, self: self, groups: findGroups(options.RunDir), spawn: make(chan func()),
		zones: map[host.ZoneKey]*hostZone{}, namespaces: map[string]host.ZoneKey{},
	}
	h.groups.sweep()
	go func() {
		// A zsched is killed when the thread that started it exits, which must
		// therefore live as long as the process.
		runtime.LockOSThread()
		for f := range h.spawn {
			f()
		}
	}()
	h.sandboxes = h.newSandboxes()
	h.sandboxes.Order(false)
	return h, nil
}

// sealedSelf copies this program into memory that nobody can change, so that a zone
// can't reach the program on disk through its zsched's /proc/self/exe.
func sealedSelf() (*os.File, error) {
	program, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	defer program.Close()
	fd, err := unix.MemfdCreate(zschedName, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, failed("memfd_create", zschedName, err)
	}
	sealed := os.NewFile(uintptr(fd), zschedName)
	if _, err = io.Copy(sealed, program); err == nil {
		_, err = unix.FcntlInt(sealed.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SEAL|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE)
	}
	if err != nil {
		sealed.Close()
		return nil, err
	}
	return sealed, nil
}

// Name returns "linux".
func (h *Host) Name() string { return "linux" }

// Notify sets where exits are reported.
func (h *Host) Notify(f func(host.Exit)) { h.notify = f }

// Resolve looks a zone root up, following links.
func (h *Host) Resolve(path string) (string, error) {
	if path == "" {
		return "", failed("lookup", path, errno.ENOENT)
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	resolved, err := filepath.EvalSymlinks(path)
	var named *fs.PathError
	switch {
	case err == nil:
		err = failed("access", resolved, unix.Access(resolved, unix.X_OK))
	case errors.As(err, &named):
	case zone.ErrnoOf(err) == 0:
		err = failed("lookup", path, errno.ELOOP) // the only failure without a number
	default:
		err = failed("lookup", path, err)
	}
	if err != nil {
		return "", err
	}
	return resolved, nil
}

// ZoneOf finds the zone that a process is in by its pid namespace.
func (h *Host) ZoneOf(pid int32) (host.ZoneKey, error) {
	namespace, err := pidNamespace(int(pid))
	if err != nil {
		// Another user's process, or one that has just exited: not one of a zone,
		// whose processes this kernel process may look at.
		return host.ZoneKey{}, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.namespaces[namespace], nil
}
