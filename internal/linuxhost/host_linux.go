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

// Options configures a host.
type Options struct {
	RunDir string // directory of the doors of the zones' daemons

	devices []string // names in /dev that every zone gets; nil: the defaults in devices
}

// devices that every zone gets from the host.
var devices = []string{"null", "zero", "full", "random", "urandom", "tty"}

// Host runs zones as real processes.
type Host struct {
	options   Options
	self      *os.File // a sealed copy of this program, which zscheds execute
	groups    *groups
	links     linkTable
	filters   filters
	spawn     chan func() // runs functions on a thread that lives as long as the process
	sandboxes *sandboxes
	mounts    machineMounts
	notify    func(host.Exit)

	mu         sync.Mutex // guards the following fields; no other lock is taken under it
	zones      map[host.ZoneKey]*hostZone
	namespaces map[string]host.ZoneKey // by pid namespace
}

var _ host.Host = (*Host)(nil)

// New prepares the host. It must run as root, on the host or in a user namespace (see
// [Isolate]). It removes what a killed kernel process has left behind.
func New(options Options) (host.Host, error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("the Linux host must run as root, on the host or in a user namespace: %w", unix.EPERM)
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
		// A zsched is killed when the thread that started it exits, so this thread must
		// live as long as the process.
		runtime.LockOSThread()
		for f := range h.spawn {
			f()
		}
	}()
	h.sandboxes = h.newSandboxes()
	h.sandboxes.Order(false)
	return h, nil
}

// sealedSelf copies this program into memory that can't be changed, so that a zone
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

// Notify sets the function to which exits are reported.
func (h *Host) Notify(f func(host.Exit)) { h.notify = f }

// Resolve resolves the path of a zone root, following symbolic links.
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

// ZoneOf returns the zone of a process, by its pid namespace.
func (h *Host) ZoneOf(pid int32) (host.ZoneKey, error) {
	namespace, err := pidNamespace(int(pid))
	if err != nil {
		// Another user's process, or one that has just exited. It isn't in a zone: this
		// process may inspect all processes of zones.
		return host.ZoneKey{}, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.namespaces[namespace], nil
}
