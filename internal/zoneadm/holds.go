package zoneadm

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/gozones/zones/internal/holders"
	"github.com/gozones/zones/internal/mounted"
	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/internal/visible"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// HoldKind is a kind of what holds a zone.
type HoldKind string

// The kinds.
const (
	HoldProcess   HoldKind = "process"   // runs in the zone
	HoldFile      HoldKind = "file"      // used below the zonepath by a process outside
	HoldMount     HoldKind = "mount"     // below the zonepath, or one that shows it elsewhere
	HoldLink      HoldKind = "link"      // a data link that the zone has
	HoldReference HoldKind = "reference" // the kernel's
	HoldLock      HoldKind = "lock"      // of the zone, which a verb holds
	HoldDaemon    HoldKind = "daemon"    // of the zone
)

// Hold is something that keeps a zone from going down, or its zonepath from being moved or
// removed.
type Hold struct {
	Kind    HoldKind `json:"kind"`
	PID     int      `json:"pid,omitempty"` // of the process, 0 for none or an unknown one
	Command string   `json:"command,omitempty"`
	What    string   `json:"what"`
	Count   int      `json:"count,omitempty"` // of references
}

// Holds are what holds a zone.
type Holds struct {
	Zone  string        `json:"zone"`
	State zonecfg.State `json:"-"`
	// Text is the name of the state, for JSON.
	Text string `json:"state"`
	Path string `json:"zonepath"`
	List []Hold `json:"holds"`
	// Unseen is the number of processes whose files the caller may not see.
	Unseen int `json:"unseen,omitempty"`
}

// Holds returns what keeps the zone from going down or its zonepath busy, in whatever state
// the zone is.
func (t *Target) Holds() (*Holds, error) {
	defer t.forget()
	if err := t.begin(VerbHolds); err != nil {
		return nil, err
	}
	switch t.Name {
	case "":
		return nil, t.failed(ErrNotConfigured, plain("no zone specified"))
	case zone.GlobalName:
		return nil, t.failed(ErrState, plain("%s operation is invalid for the global zone.", t.verb))
	}
	if t.Inside {
		return nil, t.failed(ErrPermission, plain("must be in the global zone to see what holds a zone."))
	}
	z, err := t.describe()
	if err != nil {
		return nil, t.failed(err, lineOf(err))
	}
	h := &Holds{Zone: t.Name, State: z.State, Text: z.State.String(), Path: z.Path, List: []Hold{}}
	leave := map[int]bool{} // processes that let go by themselves
	if err := t.heldByKernel(h, z, leave); err != nil {
		return nil, t.fails(err)
	}
	t.heldByDaemon(h, z, leave)
	if err := h.heldFiles(leave); err != nil {
		return nil, t.fails(err)
	}
	if err := t.heldLock(h); err != nil {
		return nil, t.fails(err)
	}
	return h, nil
}

func (h *Holds) add(k Hold) { h.List = append(h.List, k) }

// heldByKernel adds the processes in the zone, and the kernel's references and links.
func (t *Target) heldByKernel(h *Holds, z *Zone, leave map[int]bool) error {
	if report, err := t.Report(); err == nil {
		leave[report.PID] = true // it closes the root directory when the zone is gone
	}
	if !z.Active {
		return nil
	}
	var kernel zone.Holds
	holder, ok := t.Kernel.(zone.Holder)
	if ok {
		var err error
		if kernel, err = holder.Holds(z.ID); err != nil {
			if _, active, failed := t.again(); failed == nil && !active {
				return nil // it went down just now
			}
			return err
		}
	}
	members := map[int]bool{}
	for _, pid := range append([]int32{0}, kernel.Processes...) {
		for _, p := range holders.In(holders.Proc, int32(z.ID), int(pid)) {
			if !members[p.PID] {
				members[p.PID], leave[p.PID] = true, true
				h.add(Hold{Kind: HoldProcess, PID: p.PID, Command: p.Name, What: "runs in the zone"})
			}
		}
	}
	if links, ok := t.Kernel.(interface {
		ListDatalinks(zone.ID, []zone.LinkID) (int, error)
		LinkName(zone.LinkID) (string, error)
	}); ok {
		list := make([]zone.LinkID, linksMax)
		n, err := links.ListDatalinks(z.ID, list)
		if err != nil {
			n = 0 // a zone with the host's network has none
		}
		for _, id := range list[:min(n, len(list))] {
			name, err := links.LinkName(id)
			if err != nil {
				name = fmt.Sprintf("link %d", id)
			}
			h.add(Hold{Kind: HoldLink, What: name})
		}
	}
	if kernel.Mounts > 0 {
		h.add(Hold{Kind: HoldMount, What: "being made or removed in the zone", Count: kernel.Mounts})
	}
	var tracked uint32
	for _, subsystem := range slices.Sorted(maps.Keys(kernel.Subsystems)) {
		n := kernel.Subsystems[subsystem]
		tracked += n
		h.add(Hold{Kind: HoldReference, What: "by " + subsystem, Count: int(n)})
	}
	// Until the zone is down, its processes have references that go with them.
	if z.State == zonecfg.Down {
		if others := int(kernel.References) - int(tracked) - 1; others > 0 {
			h.add(Hold{Kind: HoldReference, What: "by others", Count: others})
		}
		if kernel.Credentials > 0 {
			h.add(Hold{Kind: HoldReference, What: "by credentials", Count: int(kernel.Credentials)})
		}
	}
	return nil
}

// linksMax is the number of data links that are listed.
const linksMax = 256

// again asks the kernel again for the state of the zone.
func (t *Target) again() (zonecfg.State, bool, error) {
	t.infos = nil
	return t.stateOf(t.Name)
}

// heldByDaemon adds the zone's daemon. While the zone is up it must run, and it holds the zone
// only if it stays afterwards.
func (t *Target) heldByDaemon(h *Holds, z *Zone, leave map[int]bool) {
	conn, err := door.Dial((&Doors{RunDir: t.RunDir, Root: t.Alternate}).path(t.Name))
	if err != nil {
		return
	}
	defer conn.Close()
	pid, err := conn.ServerPid()
	if err != nil {
		return
	}
	leave[int(pid)] = true
	if z.State == zonecfg.Ready || z.State == zonecfg.Running {
		return
	}
	p := holders.Of(holders.Proc, int(pid))
	h.add(Hold{Kind: HoldDaemon, PID: p.PID, Command: p.Name, What: "serves a request or a console"})
}

// heldFiles adds what is mounted and used below the zonepath.
func (h *Holds) heldFiles(leave map[int]bool) error {
	if h.Path == "" || h.Path == "/" {
		return nil
	}
	path := h.Path
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	mounts, err := mounted.On(path)
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return err
	}
	for i, point := range mounts.Below {
		h.add(Hold{Kind: HoldMount, What: fmt.Sprintf("%s (%s)", point, mounts.Types[i])})
	}
	for _, point := range mounts.Through {
		h.add(Hold{Kind: HoldMount, What: point + " shows the zonepath"})
	}
	var uses []holders.Use
	uses, h.Unseen = holders.Using(holders.Proc, path)
	for _, u := range uses {
		if !leave[u.PID] {
			h.add(Hold{Kind: HoldFile, PID: u.PID, Command: u.Name, What: u.As + " " + u.Path})
		}
	}
	return nil
}

// heldLock adds the owner of the zone's lock.
func (t *Target) heldLock(h *Holds) error {
	dir := t.Alternate + t.RunDir
	owner := os.Getpid()
	mine := turn(filepath.Join(dir, t.Name))
	select {
	case mine <- struct{}{}: // no goroutine has the lock, which closing the file would release
		defer func() { <-mine }()
		file, err := os.OpenFile(lockPath(dir, t.Name), os.O_RDWR, 0)
		if err != nil {
			return nil // nobody has ever taken it
		}
		defer file.Close()
		pid, held, err := posix.LockOwner(file)
		if err != nil || !held {
			return err
		}
		owner = pid
	default:
	}
	p := holders.Of(holders.Proc, owner)
	h.add(Hold{Kind: HoldLock, PID: p.PID, Command: p.Name, What: lockPath(dir, t.Name)})
	return nil
}

// holds is the subcommand.
func (t *Tool) holds(args []string) int {
	if status, ok := t.alone(VerbHolds, args); !ok {
		return status
	}
	h, err := t.on.Holds()
	if err != nil {
		return t.report(err)
	}
	if h.Unseen > 0 {
		t.say("WARNING: processes whose open files this user may not see: %d", h.Unseen)
	}
	if t.json {
		return t.printJSON(h, ExitOK)
	}
	if len(h.List) == 0 {
		fmt.Fprintf(t.Out, "%s is %s; nothing holds it\n", h.Zone, h.State)
		return ExitOK
	}
	fmt.Fprintf(t.Out, "%s is %s\n", h.Zone, h.State)
	w := tabwriter.NewWriter(t.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tPID\tCOMMAND\tWHAT")
	for _, k := range h.List {
		pid, command := "-", "-"
		if k.PID != 0 {
			pid, command = fmt.Sprint(k.PID), k.Command
		}
		what := k.What
		if k.Count > 0 {
			what = fmt.Sprintf("%d %s", k.Count, what)
		}
		// The zone's processes choose their names and those of files.
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.Kind, pid, visible.Word(command), visible.Word(what))
	}
	w.Flush()
	return ExitOK
}
