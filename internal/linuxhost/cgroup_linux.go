package linuxhost

import (
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
)

// groups are the control groups of this machine that zones can be put into: one
// hierarchy with everything (v2), or one a controller (v1).
type groups struct {
	name string            // of this kernel's folder in each hierarchy
	dirs map[string]string // controller -> folder of the hierarchy
	v2   bool
	why  string // why a controller isn't there
}

// group is a zone's.
type group struct {
	of   *groups
	dirs map[string]string // controller -> the zone's folder
}

const cgroupRoot = "/sys/fs/cgroup"

// controllers that zones use; cpuacct is part of cpu in v2.
var controllers = []string{"pids", "cpu", "cpuacct", "memory"}

// findGroups looks for hierarchies that this process may make groups in.
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
	if g.v2 && len(g.dirs) > 0 {
		// Controllers must be handed down before a child has them.
		for c := range g.dirs {
			os.WriteFile(cgroupRoot+"/cgroup.subtree_control", []byte("+"+c), 0)
		}
	}
	return g
}

// folder is this kernel's in a hierarchy.
func (g *groups) folder(controller string) string { return filepath.Join(g.dirs[controller], g.name) }

// sweep removes what a kernel process that was killed has left.
func (g *groups) sweep() {
	for c := range g.dirs {
		folder := g.folder(c)
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if e.IsDir() {
				removeGroup(filepath.Join(folder, e.Name()))
			}
		}
		unix.Rmdir(folder)
	}
}

// make makes a zone's groups. A controller that can't be had is left out; Capabilities
// reports it.
func (g *groups) make(name string, key host.ZoneKey) (*group, error) {
	of := &group{of: g, dirs: map[string]string{}}
	for c := range g.dirs {
		folder := g.folder(c)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			continue
		}
		if g.v2 {
			os.WriteFile(filepath.Join(folder, "cgroup.subtree_control"), []byte("+"+c), 0)
		}
		dir := filepath.Join(folder, fmt.Sprintf("%s-%d", name, key.UniqID))
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			of.remove()
			return nil, fmt.Errorf("control group: %w", hostErrno(innermost(err)))
		}
		of.dirs[c] = dir
	}
	return of, nil
}

func innermost(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// entrances opens what lets a thread of zsched put what it starts into the groups:
// in v1 the lists of tasks, to which it adds itself, in v2 the group's folder. The
// rest of zsched stays outside: a zone that has used up its processes must not keep
// zsched from a thread that it needs.
func (g *group) entrances() (files []*os.File, err error) {
	done := map[string]bool{}
	for _, dir := range g.dirs {
		if done[dir] {
			continue
		}
		done[dir] = true
		path, flags := filepath.Join(dir, "tasks"), os.O_WRONLY
		if g.of.v2 {
			path, flags = dir, os.O_RDONLY|unix.O_DIRECTORY
		}
		file, err := os.OpenFile(path, flags, 0)
		if err != nil {
			for _, f := range files {
				f.Close()
			}
			return nil, fmt.Errorf("control group: %w", hostErrno(innermost(err)))
		}
		files = append(files, file)
	}
	return files, nil
}

// remove removes them; their processes have ended, which the system may need a
// moment to see.
func (g *group) remove() error {
	var all []error
	for _, dir := range g.dirs {
		if err := removeGroup(dir); err != nil {
			all = append(all, fmt.Errorf("%s: %w", dir, err))
		}
	}
	for c := range g.of.dirs {
		unix.Rmdir(g.of.folder(c)) // the last zone takes the folder with it
	}
	return errors.Join(all...)
}

// removeGroup waits for the group to be empty by its own file of events or
// members.
func removeGroup(dir string) error {
	for try := range 200 {
		err := unix.Rmdir(dir)
		if err == nil || err == unix.ENOENT {
			return nil
		}
		if err != unix.EBUSY {
			return err
		}
		if try == 0 {
			killMembers(dir)
		}
		// A dead process leaves its group a little after it was waited for.
		unix.Nanosleep(&unix.Timespec{Nsec: 1e6}, nil)
	}
	return unix.EBUSY
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

// threadsOfZsched is how many tasks in a group of v1 are zsched's own: the thread
// that starts programs. They don't count for zone.max-lwps.
const threadsOfZsched = 1

// Files and values of the controls: the v1 and the v2 name, and what a limit is
// written as.
type knob struct {
	controller string
	v1, v2     []string
	v1Text     func(limit uint64) string
	v2Text     func(limit uint64) string
	none1      string // no limit
	none2      string
}

func plain(limit uint64) string { return strconv.FormatUint(limit, 10) }

const cpuPeriod = 100000 // microseconds

var knobs = map[string]knob{
	"zone.max-lwps": {"pids", []string{"pids.max"}, []string{"pids.max"},
		func(n uint64) string { return plain(n + threadsOfZsched) }, plain, "max", "max"},
	"zone.cpu-shares": {"cpu", []string{"cpu.shares"}, []string{"cpu.weight"},
		// One share is as much as a group gets by default with twenty.
		func(n uint64) string { return plain(max(2, min(n*1024/20, 262144))) }, func(n uint64) string { return plain(max(1, min(n*100/20, 10000))) }, "51", "5"},
	"zone.cpu-cap": {"cpu", []string{"cpu.cfs_quota_us"}, []string{"cpu.max"},
		func(n uint64) string { return plain(n * cpuPeriod / 100) }, func(n uint64) string { return fmt.Sprintf("%d %d", n*cpuPeriod/100, cpuPeriod) }, "-1", "max"},
	"zone.max-swap": {"memory", []string{"memory.limit_in_bytes", "memory.memsw.limit_in_bytes"}, []string{"memory.max"},
		plain, plain, "-1", "max"},
	"capped-memory": {"memory", []string{"memory.soft_limit_in_bytes"}, []string{"memory.high"},
		plain, plain, "-1", "max"},
}

// set makes a limit true, where the machine has what could; Capabilities tells.
func (g *group) set(name string, limit uint64) error {
	k, ok := knobs[name]
	if !ok {
		return nil // counted by the kernel, see Capabilities
	}
	dir, ok := g.dirs[k.controller]
	if !ok {
		return nil
	}
	files, text, none := k.v1, k.v1Text, k.none1
	if g.of.v2 {
		files, text, none = k.v2, k.v2Text, k.none2
	}
	value := none
	if limit != host.NoLimit {
		value = text(limit)
	}
	for i, file := range files {
		err := os.WriteFile(filepath.Join(dir, file), []byte(value), 0)
		if err != nil && i > 0 && errors.Is(err, os.ErrNotExist) {
			continue // memory with swap isn't counted on this machine
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, hostErrno(innermost(err)))
		}
	}
	return nil
}

// usage reads what has been counted.
func (g *group) usage() host.Usage {
	u := host.Usage{Processes: -1, LWPs: -1, RSS: -1, Swap: -1, Locked: -1, NsecUser: -1, NsecSys: -1, Runnable: -1}
	number := func(controller, file string) int64 {
		dir, ok := g.dirs[controller]
		if !ok {
			return -1
		}
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return -1
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	if dir, ok := g.dirs["pids"]; ok {
		if text, err := os.ReadFile(filepath.Join(dir, "cgroup.procs")); err == nil {
			u.Processes = int64(len(strings.Fields(string(text))))
		}
	}
	u.LWPs = number("pids", "pids.current")
	if !g.of.v2 {
		u.Processes -= min(max(u.Processes, 0), threadsOfZsched)
		u.LWPs -= min(max(u.LWPs, 0), threadsOfZsched)
	}
	if g.of.v2 {
		u.RSS = number("memory", "memory.current")
		if dir, ok := g.dirs["cpu"]; ok {
			u.NsecUser, u.NsecSys = cpuStat(filepath.Join(dir, "cpu.stat"))
		}
		return u
	}
	u.RSS = number("memory", "memory.usage_in_bytes")
	u.NsecUser = number("cpuacct", "cpuacct.usage_user")
	u.NsecSys = number("cpuacct", "cpuacct.usage_sys")
	return u
}

// cpuStat reads user and system time of v2, which are in microseconds.
func cpuStat(path string) (user, system int64) {
	user, system = -1, -1
	text, err := os.ReadFile(path)
	if err != nil {
		return user, system
	}
	fields := strings.Fields(string(text))
	for i := 0; i+1 < len(fields); i += 2 {
		n, err := strconv.ParseInt(fields[i+1], 10, 64)
		switch {
		case err != nil:
		case fields[i] == "user_usec":
			user = n * 1000
		case fields[i] == "system_usec":
			system = n * 1000
		}
	}
	return user, system
}
