package linuxhost

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
)

// SetRctl enforces a resource control by a control group, a resource limit or a setting of
// the zone's ipc namespace. In a user namespace those settings are the host's, see
// Capabilities.
func (h *Host) SetRctl(key host.ZoneKey, name string, limit uint64) error {
	z, err := h.zone(key)
	if err != nil {
		return err
	}
	if s, ok := ipcSettings[name]; ok {
		if limit == host.NoLimit && !z.group.limited[name] || !initialUserNS() {
			return nil
		}
		z.group.limited[name] = true
		return z.setIPC(s, limit)
	}
	if name != "zone.max-locked-memory" {
		return z.group.set(name, limit)
	}
	if limit == host.NoLimit {
		return nil // the kernel process's own limit can't be raised for a zone
	}
	// zsched's limit, which every program that it starts from now on inherits.
	err = unix.Prlimit(z.sandbox.pid, unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: limit, Max: limit}, nil)
	return failed("prlimit", "RLIMIT_MEMLOCK", err)
}

// Processes returns the number of processes in the zone's control group.
func (h *Host) Processes(key host.ZoneKey) (int64, error) {
	z, err := h.zone(key)
	if err != nil {
		return -1, err
	}
	return z.group.processes(), nil
}

// CPUTime returns the CPU time counted by the zone's control group.
func (h *Host) CPUTime(key host.ZoneKey) (user, system int64, err error) {
	z, err := h.zone(key)
	if err != nil {
		return -1, -1, err
	}
	user, system = z.group.cpuTime()
	return user, system, nil
}

// threadsOfZsched is the number of tasks in a v1 group that belong to zsched: the
// thread that starts programs. They don't count for zone.max-lwps.
const threadsOfZsched = 1

// knob describes how a limit is set in a control group: the files of v1 and v2, and
// their contents.
type knob struct {
	controller     string
	v1, v2         []string
	v1Text, v2Text func(limit uint64) string
	v1None, v2None string // no limit
	none           bool   // a new group has no limit
}

func decimal(limit uint64) string { return strconv.FormatUint(limit, 10) }

const (
	cpuPeriod    = 100000 // microseconds
	cappedMemory = "capped-memory"
)

var knobs = map[string]knob{
	"zone.max-lwps": {
		controller: "pids", v1: []string{"pids.max"}, v2: []string{"pids.max"},
		v1Text: func(n uint64) string { return decimal(n + threadsOfZsched) }, v2Text: decimal,
		v1None: "max", v2None: "max", none: true,
	},
	"zone.cpu-shares": {
		// Twenty shares are a group's default.
		controller: "cpu", v1: []string{"cpu.shares"}, v2: []string{"cpu.weight"},
		v1Text: func(n uint64) string { return decimal(max(2, min(n*1024/20, 262144))) },
		v2Text: func(n uint64) string { return decimal(max(1, min(n*100/20, 10000))) },
		v1None: "51", v2None: "5",
	},
	"zone.cpu-cap": {
		controller: "cpu", v1: []string{"cpu.cfs_quota_us"}, v2: []string{"cpu.max"},
		v1Text: func(n uint64) string { return decimal(n * cpuPeriod / 100) },
		v2Text: func(n uint64) string { return fmt.Sprintf("%d %d", n*cpuPeriod/100, cpuPeriod) },
		v1None: "-1", v2None: "max", none: true,
	},
	"zone.max-swap": {
		controller: "memory", v1: []string{"memory.limit_in_bytes", "memory.memsw.limit_in_bytes"}, v2: []string{"memory.max"},
		v1Text: decimal, v2Text: decimal, v1None: "-1", v2None: "max", none: true,
	},
	cappedMemory: {
		controller: "memory", v1: []string{"memory.soft_limit_in_bytes"}, v2: []string{"memory.high"},
		v1Text: decimal, v2Text: decimal, v1None: "-1", v2None: "max", none: true,
	},
}

// set sets a limit if this host has the controller for it; see Capabilities.
func (g *group) set(name string, limit uint64) error {
	k, ok := knobs[name]
	if !ok {
		return nil // counted by the kernel, see Capabilities
	}
	dir, ok := g.dirs[k.controller]
	if !ok {
		return nil
	}
	if limit == host.NoLimit && k.none && !g.limited[name] {
		return nil // writing some of them makes Linux walk all groups of the host
	}
	g.limited[name] = true
	files, text, value := k.v1, k.v1Text, k.v1None
	if g.of.v2 {
		files, text, value = k.v2, k.v2Text, k.v2None
	}
	if limit != host.NoLimit {
		value = text(limit)
	}
	for i, file := range files {
		err := os.WriteFile(filepath.Join(dir, file), []byte(value), 0)
		if err != nil && i > 0 && errors.Is(err, os.ErrNotExist) {
			continue // memory with swap isn't counted on this host
		}
		if err != nil {
			return fmt.Errorf("control group: %w", err)
		}
	}
	return nil
}

// processes returns the number of the group's processes, -1 when it is unknown.
func (g *group) processes() int64 {
	fields, ok := g.read("pids", "cgroup.procs")
	switch {
	case !ok:
		return -1
	case g.of.v2:
		return int64(len(fields))
	}
	return int64(max(len(fields)-threadsOfZsched, 0))
}

// cpuTime returns the time that the group's processes have run, in nanoseconds.
func (g *group) cpuTime() (user, system int64) {
	if g.of.v2 {
		stat, _ := g.read("cpu", "cpu.stat")
		return cpuStat(stat)
	}
	return g.number("cpuacct", "cpuacct.usage_user"), g.number("cpuacct", "cpuacct.usage_sys")
}

// read returns the words of a controller's file.
func (g *group) read(controller, file string) ([]string, bool) {
	dir, ok := g.dirs[controller]
	if !ok {
		return nil, false
	}
	text, err := readFile(filepath.Join(dir, file))
	return strings.Fields(string(text)), err == nil
}

// readFile reads a small file. [os.ReadFile] makes twice as many system calls, for a
// poller that such files don't need: some are read for every zone once a second.
func readFile(path string) ([]byte, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, failed("open", path, err)
	}
	defer unix.Close(fd)
	var text []byte
	for {
		text = slices.Grow(text, smallFile)
		n, err := unix.Read(fd, text[len(text):cap(text)])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return nil, failed("read", path, err)
		case n == 0:
			return text, nil
		default:
			text = text[:len(text)+n]
		}
	}
}

const smallFile = 512 // enough for most of them

// number returns the number in a controller's file, or -1 if there is none.
func (g *group) number(controller, file string) int64 {
	fields, ok := g.read(controller, file)
	if !ok || len(fields) != 1 {
		return -1
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// cpuStat returns v2's user and system time, in microseconds.
func cpuStat(fields []string) (user, system int64) {
	user, system = -1, -1
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
