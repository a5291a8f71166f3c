package linux

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// hostZone is what the host has of a zone.
type hostZone struct {
	host      *Host
	key       host.ZoneKey
	name      string
	pid       int    // of zsched
	namespace string // its pid namespace, as /proc names it
	group     *group
	gone      chan struct{} // closed when zsched has ended

	asking   sync.Mutex // one request at a time; taken before mu
	requests int        // the socket for them

	mu        sync.Mutex // guards what follows
	processes map[int]*process
	starting  int           // starts that haven't been answered yet
	early     map[int]ended // ends of processes not known, while there are such
	init      *process
	dying     bool // DestroyZone ends it: its end is no news
	status    unix.WaitStatus
}

// CreateZone starts zsched in namespaces of its own and has it make the zone's
// root directory its own.
func (h *Host) CreateZone(spec *host.Spec) (int32, error) {
	z := &hostZone{host: h, key: spec.Key, name: spec.Name, gone: make(chan struct{}), processes: map[int]*process{}, early: map[int]ended{}}
	// The system takes its time for groups, and so it does for a process.
	var grouping sync.WaitGroup
	var noGroup error
	grouping.Go(func() { z.group, noGroup = h.groups.make(spec.Name, spec.Key) })
	err := z.start(spec)
	grouping.Wait()
	if err != nil || noGroup != nil {
		if err == nil {
			z.end()
		}
		if noGroup == nil {
			z.group.remove()
		}
		return 0, errors.Join(err, noGroup)
	}
	h.mu.Lock()
	h.zones[spec.Key] = z
	h.mu.Unlock()
	err = z.setup(spec)
	if err == nil {
		err = z.attachDevices()
	}
	if err != nil {
		h.DestroyZone(spec.Key)
		return 0, err
	}
	return int32(z.pid), nil
}

// setup gives zsched its root and the way into the zone's control groups, where
// everything is that it starts.
func (z *hostZone) setup(spec *host.Spec) error {
	entrances, err := z.group.entrances()
	if err != nil {
		return err
	}
	fds := make([]int, len(entrances))
	for i, file := range entrances {
		defer file.Close()
		fds[i] = int(file.Fd())
	}
	_, _, err = z.ask(&request{Op: "setup", Root: spec.Root, Nodename: spec.Nodename, Caps: capsOf(spec.Privs, spec.NetExcl), Unified: z.host.groups.v2}, fds...)
	return err
}

// start runs zsched.
func (z *hostZone) start(spec *host.Spec) error {
	requests, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		closeFDs(requests[:])
		return err
	}
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	flags := uintptr(unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC)
	if spec.NetExcl {
		flags |= unix.CLONE_NEWNET
	}
	attr := &syscall.ProcAttr{
		Dir:   "/",
		Env:   []string{},
		Files: []uintptr{null.Fd(), null.Fd(), null.Fd(), uintptr(requests[1]), uintptr(ends[1])},
		Sys:   &syscall.SysProcAttr{Cloneflags: flags, Setsid: true, Pdeathsig: syscall.SIGKILL},
	}
	done := make(chan struct{})
	z.host.spawn <- func() {
		z.pid, err = syscall.ForkExec(fdPath(int(z.host.self.Fd())), []string{zschedName}, attr)
		close(done)
	}
	<-done
	closeFDs([]int{requests[1], ends[1]})
	if err != nil {
		closeFDs([]int{requests[0], ends[0]})
		return fmt.Errorf("zsched: %w", err)
	}
	z.requests = requests[0]
	go z.wait()
	go z.listen(ends[0])
	z.namespace, err = os.Readlink("/proc/" + strconv.Itoa(z.pid) + "/ns/pid")
	if err != nil {
		z.end()
	}
	return err
}

// wait learns of zsched's end. One that wasn't asked for takes the zone's
// processes with it: reboot(2) from inside, or somebody's kill.
func (z *hostZone) wait() {
	var status unix.WaitStatus
	for {
		if _, err := unix.Wait4(z.pid, &status, 0, nil); err != unix.EINTR {
			break
		}
	}
	z.mu.Lock()
	z.status = status
	dying, init := z.dying, z.init
	var rest []*process
	for _, p := range z.processes {
		if p != init {
			rest = append(rest, p)
		}
	}
	clear(z.processes)
	z.mu.Unlock()
	close(z.gone)
	killed := zone.ExitStatus{Signal: int(unix.SIGKILL)}
	for _, p := range rest {
		p.ended(killed)
		z.host.notify(host.Exit{Key: z.key, Pid: p.pid, Status: killed})
	}
	if init == nil {
		// Its end has been told; what else ran there has ended with zsched.
		z.host.notify(host.Exit{Key: z.key, Last: true})
		return
	}
	init.ended(killed)
	exit := host.Exit{Key: z.key, Pid: init.pid, Status: killed, Last: true}
	if !dying {
		exit.Uadmin = uadminOf(status)
	}
	z.host.notify(exit)
}

// uadminOf tells what was asked for inside by the signal with which a pid
// namespace that is rebooted ends; anything else halts the zone.
func uadminOf(status unix.WaitStatus) *host.Uadmin {
	const shutdown, halt, boot = 2, 0, 1 // A_SHUTDOWN, AD_HALT, AD_BOOT
	if status.Signaled() && status.Signal() == unix.SIGHUP {
		return &host.Uadmin{Cmd: shutdown, Fcn: boot}
	}
	return &host.Uadmin{Cmd: shutdown, Fcn: halt}
}

// listen takes zsched's news of ended processes to the kernel.
func (z *hostZone) listen(fd int) {
	defer unix.Close(fd)
	for {
		var e ended
		if _, err := receiveMessage(fd, &e); err != nil {
			return
		}
		if e.Pid == 0 {
			z.host.notify(host.Exit{Key: z.key, Last: true})
			continue
		}
		z.mu.Lock()
		p := z.processes[e.Pid]
		if p == nil {
			// An orphan, or a program whose start hasn't been answered yet.
			if z.starting > 0 {
				z.early[e.Pid] = e
			}
			z.mu.Unlock()
			continue
		}
		z.mu.Unlock()
		z.tell(p, e)
	}
}

// tell is the end of a program that the kernel knows.
func (z *hostZone) tell(p *process, e ended) {
	z.mu.Lock()
	delete(z.processes, p.inside)
	if z.init == p {
		z.init = nil
	}
	z.mu.Unlock()
	status := zone.ExitStatus{Code: e.Code, Signal: e.Signal}
	p.ended(status)
	z.host.notify(host.Exit{Key: z.key, Pid: p.pid, Status: status})
}

// ask makes a request and returns the answer with its descriptors, which the
// caller closes.
func (z *hostZone) ask(r *request, fds ...int) (*response, []int, error) {
	z.asking.Lock()
	defer z.asking.Unlock()
	if err := sendMessage(z.requests, r, fds...); err != nil {
		return nil, nil, z.lost(err)
	}
	answer := new(response)
	passed, err := receiveMessage(z.requests, answer)
	if err != nil {
		return nil, nil, z.lost(err)
	}
	if answer.Errno != 0 {
		closeFDs(passed)
		reason := hostErrno(syscall.Errno(answer.Errno))
		if answer.Point != "" {
			return nil, nil, &host.PointError{Path: answer.Point, Err: reason}
		}
		return nil, nil, fmt.Errorf("%s: %w", answer.Text, reason)
	}
	return answer, passed, nil
}

// lost is the error of a request to a zsched that has gone.
func (z *hostZone) lost(err error) error {
	select {
	case <-z.gone:
		return fmt.Errorf("zone %s has ended: %w", z.name, errno.ESRCH)
	default:
		return fmt.Errorf("zone %s: its zsched doesn't answer: %w", z.name, hostErrno(err))
	}
}

// KillAll has zsched kill everything else in the zone.
func (h *Host) KillAll(key host.ZoneKey) error {
	z, err := h.zone(key)
	if err == nil {
		_, _, err = z.ask(&request{Op: "kill"})
	}
	return err
}

// end kills zsched, and with it whatever is left in its namespaces.
func (z *hostZone) end() {
	z.mu.Lock()
	z.dying = true
	z.mu.Unlock()
	select {
	case <-z.gone:
	default:
		unix.Kill(z.pid, unix.SIGKILL)
		<-z.gone
	}
	unix.Close(z.requests)
}

// DestroyZone ends zsched and removes every trace of the zone.
func (h *Host) DestroyZone(key host.ZoneKey) error {
	h.mu.Lock()
	z := h.zones[key]
	delete(h.zones, key)
	h.mu.Unlock()
	if z == nil {
		return nil
	}
	h.links.back(z)
	z.end()
	return z.group.remove()
}

// attachDevices gives the zone the devices that every program may use, and covers
// what /proc would show of the machine.
func (z *hostZone) attachDevices() error {
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		path := "/dev/" + name
		if err := z.attach(path, path, 0, true); err != nil {
			return err
		}
	}
	_, _, err := z.ask(&request{Op: "cover"})
	return err
}

// attach picks a file or directory of the machine up, with all that is mounted
// below, and has zsched put it on a point in the zone.
func (z *hostZone) attach(source, point string, flags uint64, makePoint bool) error {
	tree, err := unix.OpenTree(unix.AT_FDCWD, source, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return fmt.Errorf("%s: %w", source, hostErrno(err))
	}
	defer unix.Close(tree)
	attr := unix.MountAttr{Attr_set: flags, Propagation: unix.MS_PRIVATE}
	if err := unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &attr); err != nil {
		return fmt.Errorf("%s: %w", source, hostErrno(err))
	}
	r := &request{Op: "attach", Point: point}
	if makePoint {
		if r.Make, err = kindOfPoint(tree); err != nil {
			return fmt.Errorf("%s: %w", source, hostErrno(err))
		}
	}
	_, _, err = z.ask(r, tree)
	return err
}

// kindOfPoint tells what kind of mount point fits an open tree.
func kindOfPoint(tree int) (string, error) {
	var stat unix.Stat_t
	if err := unix.Fstat(tree, &stat); err != nil {
		return "", err
	}
	if stat.Mode&unix.S_IFMT == unix.S_IFDIR {
		return makeDir, nil
	}
	return makeFile, nil
}

// Mount mounts inside a zone: directories of the machine (lofs), tmpfs and proc.
func (h *Host) Mount(key host.ZoneKey, m host.Mount) error {
	z, err := h.zone(key)
	if err != nil {
		return err
	}
	flags, data := mountOptions(m.Options)
	switch m.FSType {
	case "lofs":
		return z.attach(m.Resource, m.Point, flags.attr, m.MakePoint)
	case "tmpfs", "proc":
		r := &request{Op: "mount", Point: m.Point, FSType: m.FSType, Flags: flags.mount, Options: data}
		if m.MakePoint {
			r.Make = makeDir
		}
		_, _, err := z.ask(r)
		return err
	}
	return fmt.Errorf("file system type %s on Linux (lofs, tmpfs and proc are possible): %w", m.FSType, errno.ENOTSUP)
}

// Unmount unmounts inside a zone.
func (h *Host) Unmount(key host.ZoneKey, point string, force bool) error {
	z, err := h.zone(key)
	if err == nil {
		_, _, err = z.ask(&request{Op: "umount", Point: point, Force: force})
	}
	return err
}

// bothFlags are mount flags in the two ways that Linux has them.
type bothFlags struct {
	attr  uint64
	mount uintptr
}

// mountOptions splits the options of a file system resource: those that are flags,
// and what the file system itself is given. illumos' names are known too.
func mountOptions(options string) (flags bothFlags, data string) {
	var rest []string
	for _, option := range strings.Split(options, ",") {
		switch option {
		case "", "rw", "devices", "setuid", "exec", "suid":
		case "ro":
			flags.attr |= unix.MOUNT_ATTR_RDONLY
			flags.mount |= unix.MS_RDONLY
		case "nodevices", "nodev":
			flags.attr |= unix.MOUNT_ATTR_NODEV
			flags.mount |= unix.MS_NODEV
		case "nosetuid", "nosuid":
			flags.attr |= unix.MOUNT_ATTR_NOSUID
			flags.mount |= unix.MS_NOSUID
		case "noexec":
			flags.attr |= unix.MOUNT_ATTR_NOEXEC
			flags.mount |= unix.MS_NOEXEC
		default:
			rest = append(rest, option)
		}
	}
	return flags, strings.Join(rest, ",")
}
