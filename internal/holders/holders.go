// Package holders finds in /proc which processes use files below a directory, and which are
// in a zone. It reads the /proc of Linux and that of illumos.
package holders

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Proc is where a host has its processes.
const Proc = "/proc"

// Process is a process of the host.
type Process struct {
	PID  int
	Name string // its command line, or the name of its program if it has none
}

// Use is how a process uses a file.
type Use struct {
	Process
	As   string // "current directory", "root directory", "program", "open file" or "mapped file"
	Path string
}

// nameMax is the number of bytes of a command line that are kept.
const nameMax = 80

// Using returns what processes have below a directory, each path once for a process. unseen
// is how many processes the caller may not look into. Its own process is left out.
func Using(proc, dir string) (uses []Use, unseen int) {
	for _, pid := range pids(proc) {
		links, err := linksOf(filepath.Join(proc, strconv.Itoa(pid)))
		if os.IsPermission(err) {
			unseen++
		}
		var mine []Use
		for _, l := range links {
			if path := strings.TrimSuffix(l.path, " (deleted)"); below(path, dir) {
				mine = append(mine, Use{As: l.as, Path: path})
			}
		}
		slices.SortStableFunc(mine, func(a, b Use) int { return cmp.Compare(a.Path, b.Path) })
		mine = slices.CompactFunc(mine, func(a, b Use) bool { return a.Path == b.Path })
		for _, u := range mine {
			u.Process = process(proc, pid)
			uses = append(uses, u)
		}
	}
	return uses, unseen
}

// In returns the processes in a zone. illumos knows them by the id of the zone, Linux by the
// pid namespace of a member.
func In(proc string, zone int32, member int) (list []Process) {
	space := namespace(proc, member)
	if space == namespace(proc, os.Getpid()) {
		space = "" // the zone has none of its own
	}
	for _, pid := range pids(proc) {
		if id, ok := zoneOf(proc, pid); ok && id == zone || space != "" && namespace(proc, pid) == space {
			list = append(list, process(proc, pid))
		}
	}
	return list
}

// Of returns a process by its number.
func Of(proc string, pid int) Process { return process(proc, pid) }

// pids returns the other processes, in order.
func pids(proc string) (list []int) {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && pid != os.Getpid() {
			list = append(list, pid)
		}
	}
	slices.Sort(list)
	return list
}

// link is a file that a process has.
type link struct{ as, path string }

// linksOf reads the links of a process. illumos has all in the directory path.
func linksOf(dir string) (links []link, err error) {
	add := func(as, name string) {
		path, failed := os.Readlink(filepath.Join(dir, name))
		if failed != nil {
			err = cmp.Or(err, failed)
			return
		}
		links = append(links, link{as, path})
	}
	entries, failed := os.ReadDir(filepath.Join(dir, "path"))
	if failed == nil {
		for _, e := range entries {
			add(kindOf(e.Name()), "path/"+e.Name())
		}
		return links, err
	}
	add("current directory", "cwd")
	add("root directory", "root")
	add("program", "exe")
	entries, failed = os.ReadDir(filepath.Join(dir, "fd"))
	err = cmp.Or(err, failed)
	for _, e := range entries {
		add("open file", "fd/"+e.Name())
	}
	maps, _ := os.ReadFile(filepath.Join(dir, "maps"))
	for line := range strings.Lines(string(maps)) {
		if _, path, ok := strings.Cut(line, " /"); ok {
			links = append(links, link{"mapped file", "/" + strings.TrimSuffix(path, "\n")})
		}
	}
	return links, err
}

// kindOf is what a link of illumos' /proc/PID/path is.
func kindOf(name string) string {
	switch {
	case name == "cwd":
		return "current directory"
	case name == "root":
		return "root directory"
	case name == "a.out":
		return "program"
	case strings.Trim(name, "0123456789") == "":
		return "open file"
	}
	return "mapped file"
}

func process(proc string, pid int) Process {
	dir := filepath.Join(proc, strconv.Itoa(pid))
	text, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
	if len(text) == 0 {
		text, _ = os.ReadFile(filepath.Join(dir, "comm"))
	}
	if info := psinfo(proc, pid); info != nil {
		text, _, _ = bytes.Cut(info[psargs:psargs+nameMax], []byte{0})
	}
	name := strings.Join(strings.Fields(string(bytes.ReplaceAll(text, []byte{0}, []byte{' '}))), " ")
	return Process{pid, name[:min(len(name), nameMax)]}
}

// Offsets in psinfo_t of a 64-bit reader (sys/procfs.h).
const (
	psargs   = 152
	zoneid   = 276
	psinfoed = 280
)

// psinfo reads what illumos knows of a process, nil on other systems.
func psinfo(proc string, pid int) []byte {
	text, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "psinfo"))
	if err != nil || len(text) < psinfoed {
		return nil
	}
	return text
}

func zoneOf(proc string, pid int) (int32, bool) {
	info := psinfo(proc, pid)
	if info == nil {
		return 0, false
	}
	return int32(binary.NativeEndian.Uint32(info[zoneid:])), true
}

// namespace names the pid namespace of a process, "" if it can't be read.
func namespace(proc string, pid int) string {
	name, _ := os.Readlink(filepath.Join(proc, strconv.Itoa(pid), "ns/pid"))
	return name
}

// below reports whether path is dir or below it.
func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
