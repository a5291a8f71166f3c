package linuxhost

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// hostZone is what the host has of a zone.
type hostZone struct {
	host  *Host
	key   host.ZoneKey
	name  string
	room  *room
	group *group

	mu        sync.Mutex // guards what follows
	processes map[int]*process
	starts    uint64              // that have begun
	starting  map[uint64]struct{} // those that haven't been answered yet, by their number
	answered  sync.Cond           // with mu: one has been
	init      *process
	dying     bool // DestroyZone ends it: its end is no news
	over      bool // zsched has gone, and with it every process
}

func newHostZone(h *Host, key host.ZoneKey, name string) *hostZone {
	z := &hostZone{host: h, key: key, name: name, processes: map[int]*process{}, starting: map[uint64]struct{}{}}
	z.answered.L = &z.mu
	return z
}

// CreateZone takes a zsched that is ready and has it make the zone's root directory
// its own.
func (h *Host) CreateZone(spec *host.Spec) (int32, error) {
	if err := h.mounts.unmounted(spec.Root); err != nil {
		return 0, err
	}
	z := newHostZone(h, spec.Key, spec.Name)
	// The system takes its time for groups. Meanwhile the zone gets its root.
	var grouping sync.WaitGroup
	var noGroup error
	grouping.Go(func() { z.group, noGroup = h.groups.make(spec.Name, spec.Key) })
	err := z.enter(spec)
	grouping.Wait()
	if err != nil || noGroup != nil {
		if z.room != nil {
			z.room.discard()
		}
		if noGroup == nil {
			z.group.remove()
		}
		return 0, errors.Join(err, noGroup)
	}
	h.mu.Lock()
	h.zones[spec.Key] = z
	h.mu.Unlock()
	go z.wait()
	go z.listen()
	if err := z.confine(spec); err != nil {
		h.DestroyZone(spec.Key)
		return 0, err
	}
	return int32(z.room.pid), nil
}

// enter takes a room and gives its zsched the zone's root.
func (z *hostZone) enter(spec *host.Spec) error {
	room, err := z.host.takeRoom(spec.NetExcl)
	if err != nil {
		return err
	}
	z.room = room
	tree, err := pickUp(spec.Root, 0)
	if err != nil {
		return fmt.Errorf("zone root %w", err)
	}
	defer unix.Close(tree)
	_, _, err = z.ask(&request{Op: "root", Nodename: spec.Nodename}, tree)
	return err
}

// confine gives what zsched will start the zone's capabilities and the way into its
// control groups.
func (z *hostZone) confine(spec *host.Spec) error {
	entrances, err := z.group.entrances()
	if err != nil {
		return err
	}
	fds := make([]int, len(entrances))
	for i, file := range entrances {
		defer file.Close()
		fds[i] = int(file.Fd())
	}
	_, _, err = z.ask(&request{Op: "confine", Caps: capsOf(spec.Privs, spec.NetExcl), Unified: z.host.groups.v2}, fds...)
	return err
}

// wait learns of zsched's end. One that wasn't asked for takes the zone's
// processes with it: reboot(2) from inside, or somebody's kill.
func (z *hostZone) wait() {
	<-z.room.gone
	z.mu.Lock()
	dying, init := z.dying, z.init
	var rest []*process
	for _, p := range z.processes {
		if p != init {
			rest = append(rest, p)
		}
	}
	clear(z.processes)
	z.over = true
	z.mu.Unlock()
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
		exit.Uadmin = uadminOf(z.room.status)
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

// listen takes zsched's news of ended processes to the kernel, in the order in which
// they come: that the zone is empty means something only after the end of the last one.
func (z *hostZone) listen() {
	defer unix.Close(z.room.ends)
	for {
		var e ended
		if _, err := receiveMessage(z.room.ends, &e); err != nil {
			return
		}
		if e.Pid == 0 {
			z.host.notify(host.Exit{Key: z.key, Last: true})
		} else if p := z.known(e.Pid); p != nil {
			z.tell(p, e)
		} // else an orphan
	}
}

// known finds a process by its number in the zone, among those too whose start hasn't
// been answered yet.
func (z *hostZone) known(pid int) *process {
	z.mu.Lock()
	defer z.mu.Unlock()
	begun := z.starts
	for z.processes[pid] == nil && z.startingUpTo(begun) {
		z.answered.Wait()
	}
	return z.processes[pid]
}

// startingUpTo tells whether one of the first so many starts hasn't been answered.
func (z *hostZone) startingUpTo(number uint64) bool {
	for n := range z.starting {
		if n <= number {
			return true
		}
	}
	return false
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

// ask has zsched do something; see [room.ask].
func (z *hostZone) ask(r *request, fds ...int) (*response, []int, error) {
	answer, passed, err := z.room.ask(r, fds...)
	if err != nil {
		err = fmt.Errorf("zone %s: %w", z.name, err)
	}
	return answer, passed, err
}

// KillAll has zsched kill everything else in the zone.
func (h *Host) KillAll(key host.ZoneKey) error {
	z, err := h.zone(key)
	if err == nil {
		_, _, err = z.ask(&request{Op: "kill"})
	}
	return err
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
	z.mu.Lock()
	z.dying = true
	z.mu.Unlock()
	z.room.end()
	return z.group.remove()
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
func (h *Host) Mount(key host.ZoneKey, mounts []host.Mount) (done int, err error) {
	z, err := h.zone(key)
	if err != nil {
		return 0, err
	}
	for _, m := range mounts {
		if err := z.mount(m); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (z *hostZone) mount(m host.Mount) error {
	flags, data := mountOptions(m.Options)
	switch m.FSType {
	case "lofs":
		return z.room.attach(m.Resource, m.Point, flags.attr, m.MakePoint)
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
