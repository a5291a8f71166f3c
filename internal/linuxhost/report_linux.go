package linuxhost

import (
	"os"
	"slices"
	"strings"

	"github.com/gozones/zones/kernel/host"
)

// Capabilities lists what this host enforces for a zone, and what is missing.
func (h *Host) Capabilities() []host.Capability {
	var rows []host.Capability
	add := func(concept, mechanism string, class host.Class, missing string) {
		rows = append(rows, host.Capability{Concept: concept, Mechanism: mechanism, Class: class, Missing: missing})
	}
	is := func(concept, mechanism string) { add(concept, mechanism, host.Enforced, "") }
	group := func(concept, controller, mechanism string) {
		if _, ok := h.groups.dirs[controller]; ok {
			is(concept, mechanism)
			return
		}
		why := h.groups.why
		if why == "" {
			why = "this host has no such controller"
		}
		add(concept, mechanism, host.Reported, why)
	}
	ownNS := !initialUserNS()
	is("zone root", "mount namespace, pivot_root")
	is("zsched", "process 1 of a pid namespace")
	is("init", "child of zsched")
	is("processes see only their zone", "pid namespace, /proc of its own")
	is("node name", "uts namespace")
	is("System V and POSIX IPC", "ipc namespace")
	if ownNS {
		add("ip-type exclusive", "net namespace", host.Reported, "moving links needs root")
		add("ip-type shared", "addresses on the host's links", host.Refused, "setting addresses needs root")
	} else {
		is("ip-type exclusive", "net namespace, links moved in and back")
		is("ip-type shared", "addresses on the host's links")
	}
	group("zone.max-lwps", "pids", "control group pids.max")
	add("zone.max-processes", "counted", host.Reported, "Linux limits tasks, not processes")
	group("zone.cpu-shares", "cpu", "control group cpu weight")
	group("zone.cpu-cap", "cpu", "control group cpu quota")
	group("zone.max-swap", "memory", "control group memory limit")
	group("capped-memory physical", "memory", "control group memory.high or soft limit")
	add("zone.max-locked-memory", "RLIMIT_MEMLOCK of every process", host.Enforced, "for each process, not for the zone")
	for _, name := range []string{"zone.max-shm-memory", "zone.max-shm-ids", "zone.max-sem-ids", "zone.max-msg-ids"} {
		if ownNS {
			add(name, "settings of the ipc namespace", host.Reported, "changing them needs root")
			continue
		}
		is(name, "settings of the ipc namespace")
	}
	add("zone.max-lofi", "kept", host.Reported, "no loop mounts are made for a zone")
	add("dedicated-cpu, pool", "kept", host.Reported, "processor sets are not made on Linux yet")
	is("scheduling class", "policies of Linux: FX is SCHED_BATCH, RT is SCHED_RR; FSS is the control group's weight")
	is("limitpriv", "capability sets; privileges without a capability are enforced by the kernel's own calls")
	is("system call filter", "seccomp")
	add("security-flags", "kept", host.Reported, "flags are not set on Linux yet")
	is("hostid", "/etc/hostid of the zone")
	is("fs-allowed", "no mounts from inside")
	is("fs resources", "lofs, tmpfs, proc in the zone's mount namespace")
	is("/dev", "tmpfs with the common devices and its own devpts")
	is("zone console", "a terminal that zoneadmd holds")
	add("delegated datasets", "kept; the kernel answers which are visible", host.Reported, "the host's ZFS is not used")
	is("uadmin from inside", "reboot(2) of the pid namespace")
	is("zone_enter", "zsched starts the program inside")
	return rows
}

// initialUserNS reports whether this process is in the host's initial user namespace.
func initialUserNS() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	return err != nil || allUsers(string(text))
}

// allUsers reports whether a uid_map gives each user its own ID, as that of the initial
// namespace does.
func allUsers(uidMap string) bool {
	return slices.Equal(strings.Fields(uidMap), []string{"0", "0", "4294967295"})
}
