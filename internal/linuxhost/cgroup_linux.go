package linuxhost

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/kernel/host"
)

// groups are the host's control group hierarchies in which groups for zones can be
// made: one with all controllers (v2), or one for each controller (v1).
type groups struct {
	name string            // this kernel process's directory in each hierarchy
	dirs map[string]string // controller -> directory of the hierarchy
	v2   bool
	why  string // why a controller is missing

	making sync.Mutex // held while a zone's groups are made, and while the parent directory is removed
}

// group is the control groups of a zone.
type group struct {
	of      *groups
	dirs    map[string]string // controller -> the zone's directory
	limited map[string]bool   // controls that were set
}

const cgroupRoot = "/sys/fs/cgroup"

// controllers used for zones; cpuacct is part of cpu in v2.
var controllers = []string{"pids", "cpu", "cpuacct", "memory"}

// findGroups looks for hierarchies in which this process may make groups.
func findGroups(runDir string) *groups {
	sum := fnv.New32a()
	sum.Write([]byte(runDir))
	g := &groups{name: fmt.Sprintf("zones-%08x", sum.Sum32()), dirs: map[string]string{}}
	var fs unix.Statfs_t
	if err := unix.Statfs(cgroupRoot, &fs); err != nil {
		g.why = "no control groups are mounted"
		return g
	}
	g.v2 = int64(fs.Type) == unix.CGROUP2_SUPER_MAGIC
	if g.v2 {
		text, _ := os.ReadFile(cgroupRoot + "/cgroup.controllers")
		for _, c := range strings.Fields(string(text)) {
			g.dirs[c] = cgroupRoot
		}
		if _, ok := g.dirs["cpu"]; ok {
			g.dirs["cpuacct"] = cgroupRoot
		}
	} else {
		for _, c := range controllers {
			if unix.Statfs(filepath.Join(cgroupRoot, c), &fs) == nil && int64(fs.Type) == unix.CGROUP_SUPER_MAGIC {
				g.dirs[c] = filepath.Join(cgroupRoot, c)
			}
		}
	}
	for c, dir := range g.dirs {
		if unix.Access(dir, unix.W_OK) != nil {
			delete(g.dirs, c)
			g.why = "control groups belong to root"
		}
	}
	if g.v2 {
		handDown(cgroupRoot, g.dirs)
		g.keepHandedDown(cgroupRoot)
	}
	return g
}

// keepHandedDown drops the controllers of a v2 group that its children don't have. Linux
// refuses to hand them down if the group has processes itself, as that of a container has.
func (g *groups) keepHandedDown(dir string) {
	text, _ := os.ReadFile(filepath.Join(dir, "cgroup.subtree_control"))
	handed := strings.Fields(string(text))
	if slices.Contains(handed, "cpu") {
		handed = append(handed, "cpuacct")
	}
	for c := range g.dirs {
		if !slices.Contains(handed, c) {
			delete(g.dirs, c)
			g.why = "the control group of this machine has processes of its own, and so none below it"
		}
	}
}

// handDown enables controllers for the children of a v2 group. Their files tell which
// were enabled.
func handDown(dir string, controllers map[string]string) {
	for c := range controllers {
		_ = os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+"+c), 0)
	}
}

// hierarchies returns the directories of the hierarchies without duplicates.
func (g *groups) hierarchies() []string {
	return slices.Compact(slices.Sorted(maps.Values(g.dirs)))
}

// sweep removes the groups left by a kernel process that was killed.
func (g *groups) sweep() {
	for _, hierarchy := range g.hierarchies() {
		dir := filepath.Join(hierarchy, g.name)
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if e.IsDir() {
				_ = removeGroup(filepath.Join(dir, e.Name()))
			}
		}
		_ = unix.Rmdir(dir)
	}
}

// make makes a zone's groups.
func (g *groups) make(name string, key host.ZoneKey) (*group, error) {
	defer trace.Begin(trace.Step, "make the control groups")()
	g.making.Lock()
	defer g.making.Unlock()
	var undos undo.Stack
	defer undos.Run()
	at := map[string]string{} // hierarchy -> the zone's directory
	for _, hierarchy := range g.hierarchies() {
		ours := filepath.Join(hierarchy, g.name)
		if err := os.MkdirAll(ours, 0o755); err != nil {
			return nil, err
		}
		if g.v2 {
			handDown(ours, g.dirs)
		}
		dir := filepath.Join(ours, fmt.Sprintf("%s-%d", name, key.UniqID))
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, err
		}
		undos.Add(func() { _ = unix.Rmdir(dir) })
		at[hierarchy] = dir
	}
	undos.Drop()
	of := &group{of: g, dirs: map[string]string{}, limited: map[string]bool{}}
	for c, hierarchy := range g.dirs {
		of.dirs[c] = at[hierarchy]
	}
	return of, nil
}

// directories returns the group's directories without duplicates.
func (g *group) directories() []string {
	return slices.Compact(slices.Sorted(maps.Values(g.dirs)))
}

// entrances opens the files through which a thread of zsched puts the programs it
// starts into the groups: in v1 the lists of tasks, to which it adds itself, in v2 the
// group's directory. The other threads of zsched stay outside: a zone at its limit of
// processes must not keep zsched from starting a thread that it needs.
func (g *group) entrances() (fds []int, err error) {
	for _, path := range g.directories() {
		flags := unix.O_RDONLY | unix.O_DIRECTORY
		if !g.of.v2 {
			path, flags = filepath.Join(path, "tasks"), unix.O_WRONLY
		}
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0)
		if err != nil {
			closeFDs(fds)
			return nil, failed("open", path, err)
		}
		fds = append(fds, fd)
	}
	return fds, nil
}

// joinGroups puts the calling thread into v1 control groups.
func joinGroups(tasks []int) error {
	for _, fd := range tasks {
		if _, err := unix.Write(fd, []byte("0")); err != nil {
			return failed("write", "tasks of the control group", err)
		}
	}
	return nil
}

// remove removes the groups. Their processes have exited, but the kernel may take a
// moment to see the groups as empty.
func (g *group) remove() error {
	defer trace.Begin(trace.Step, "remove the control groups")()
	var all []error
	for _, dir := range g.directories() {
		all = append(all, removeGroup(dir))
	}
	g.of.making.Lock()
	defer g.of.making.Unlock()
	for _, hierarchy := range g.of.hierarchies() {
		_ = unix.Rmdir(filepath.Join(hierarchy, g.of.name)) // succeeds for the last zone
	}
	return errors.Join(all...)
}

// removeGroup removes a group, and kills the processes still in it.
func removeGroup(dir string) error {
	for try := range 200 {
		err := unix.Rmdir(dir)
		if err == nil || err == unix.ENOENT {
			return nil
		}
		if err != unix.EBUSY {
			return failed("rmdir", dir, err)
		}
		if try == 0 {
			killMembers(dir)
		}
		// A dead process leaves its group shortly after it was waited for.
		_ = unix.Nanosleep(&unix.Timespec{Nsec: 1e6}, nil)
	}
	return failed("rmdir", dir, unix.EBUSY)
}

func killMembers(dir string) {
	text, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	if err != nil {
		return
	}
	for _, field := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil && pid > 1 {
			unix.Kill(pid, unix.SIGKILL)
		}
	}
}
