package layers

import (
	"slices"
	"strings"
)

// A floor is a part of the house: its purpose and its packages. A package imports packages
// of lines further down, never of its own line. A star marks a public package.
type floor struct {
	name, idea string
	lines      []string
}

// house has the top floor first. "zones" is the root package.
var house = []floor{
	{"tests", "what only tests import", []string{
		"internal/documents internal/layers internal/packaging internal/scripts tools/illumos-run/check tools/omnios/guest",
		"internal/testenv/faults",
		"internal/abitest internal/errortest internal/replay internal/spectest internal/testenv zonecfg/internal/zonetest",
	}},
	{"commands", "flags and output, no logic", []string{
		"cmd/zlogin-go cmd/zoneadm-go cmd/zoneadmd-go cmd/zonecfg-go cmd/zonename-go cmd/zones-kernel cmd/zones-unpack cmd/zones-zfs",
		"internal/benchboot internal/benchstart tools/illumos-run/gen tools/omnios tools/mutate",
	}},
	{"facade", "what programs import", []string{
		"zones*",
	}},
	{"jobs", "the verbs of zoneadm, the daemon of a zone, sessions in zones", []string{
		"internal/zlogin",
		"internal/zoneadm internal/zoneadmd",
		"internal/zoneadmd/launch",
	}},
	{"configuration", "/etc/zones, its language, brands, root directories", []string{
		"internal/configure internal/rootfs/skeleton zonecfg/lang*",
		"zonecfg/brand*",
		"zonecfg*",
		"internal/rootfs/sparse internal/rootfs/tree zonecfg/internal/cnum zonecfg/internal/markup zonecfg/internal/regular zonecfg/internal/userattr",
	}},
	{"this machine", "which kernel answers here, and its statistics", []string{
		"internal/machine",
		"kstat*",
		"internal/machine/launch kstat/internal/abi",
	}},
	{"kernel process", "the embedded kernel in a process of its own", []string{
		"internal/kernelproc internal/kernelrpc",
		"internal/kernelrpc/client internal/kernelrpc/server",
		"internal/kernelrpc/wire",
	}},
	{"embedded kernel", "zone(2) in Go, on what it needs from a machine", []string{
		"internal/linuxhost kernel*",
		"kernel/host/sim*",
		"internal/hosttest",
		"internal/kernelseam kernel/host*",
	}},
	{"shared", "small things that several floors need", []string{
		"internal/dataset internal/holders internal/mounted",
		"internal/cli",
		"internal/anytext internal/getopt internal/locate internal/nearest internal/posix internal/posix/syslog internal/rootfs/copyfile internal/rootfs/remove internal/spare internal/trace internal/undo internal/version internal/visible",
	}},
	{"illumos", "the system's interfaces, one a package", []string{
		"sys/internal/headers/check",
		"sys/internal/headers",
		"sys/zone*",
		"sys/contract* sys/datalink* sys/devfs* sys/rctl* sys/sysevent* sys/zcons*",
		"sys/door* sys/mount* sys/nvlist* sys/pty* sys/secflags* sys/uadmin* sys/utmpx*",
		"sys/priv*",
		"sys/errno* sys/internal/libc",
		"sys/internal/abi",
	}},
}

// testArrows are imports of tests that point up, each for a reason.
var testArrows = map[arrow]string{
	{"internal/linuxhost", "kernel"}:              "a host is tried by the kernel on it",
	{"kernel/host", "kernel"}:                     "the example is a kernel on a host",
	{"kernel/host", "kernel/host/sim"}:            "the example wraps a host",
	{"kernel/host/sim", "kernel"}:                 "a host is tried by the kernel on it",
	{"sys/zone", "kernel"}:                        "its example has a kernel in memory",
	{"zonecfg", "zonecfg/brand"}:                  "brands are the lists of privileges that configurations name",
	{"zonecfg/brand", "internal/rootfs/skeleton"}: "the brands for Linux are tried by making a root directory",
}

// systems are the packages, with those below them, that may differ by operating system.
var systems = []string{"sys", "kstat", "internal/machine", "internal/linuxhost", "internal/locate", "internal/posix", "internal/rootfs", "tools/illumos-run"}

// systemFiles are files elsewhere that do, each for a reason. A package stands for its tests.
var systemFiles = map[string]string{
	"internal/kernelrpc/client": "its test serves a door whose callers stay connected, see internal/kernelproc",
	"internal/kernelrpc":        "has both ends of a connection in one process, see internal/kernelproc",
	"internal/kernelproc":       "serves callers that stay connected, which only doors of Linux have",
	"cmd/zonecfg-go":            "changes zones that run as processes",
	"cmd/zones-kernel":          "looks at zones from within",
	"internal/scripts":          "looks for processes and mounts that are left, in /proc",
	"internal/documents":        "makes a fresh machine, in namespaces",
	"internal/packaging":        "builds tarballs, and runs what is in that for Linux",
	"internal/zoneadmd":         "runs daemons on zones that are processes",
	"zones":                     "its tests run the programs of zones as processes, in groups of their own",
	"zonecfg":                   "kills a process at each of its system calls, by ptrace",
}

// place is where a package stands.
type place struct {
	line   int // counted from the top
	floor  string
	public bool
}

// places reads the drawing.
func places(house []floor) map[string]place {
	found := make(map[string]place)
	line := 0
	for _, f := range house {
		for _, text := range f.lines {
			for _, name := range strings.Fields(text) {
				path, public := strings.CutSuffix(name, "*")
				found[path] = place{line, f.name, public}
			}
			line++
		}
	}
	return found
}

// draw renders the house as text.
func draw(house []floor) string {
	var b strings.Builder
	for i, f := range house {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(f.name + ": " + f.idea + "\n")
		for _, line := range f.lines {
			b.WriteString("    " + strings.Join(slices.Sorted(slices.Values(strings.Fields(line))), "  ") + "\n")
		}
	}
	return b.String()
}
