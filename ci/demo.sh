#!/bin/bash
# ci/demo.sh BIN: the life of a zone, one line for each step. BIN is the directory with
# the commands. Everything is in a temporary directory with its own kernel process, so
# the zones of this host are never touched.
set -uo pipefail
bin=$(cd "$1" && pwd) || exit 1
examples=$(cd "$(dirname "$0")/../docs/examples" && pwd) || exit 1
top=$(mktemp -d "${TMPDIR:-/tmp}/zones-demo.XXXXXX") || exit 1
export ZONES_ROOT=$top ZONES_RUN=$top/run PATH=$bin:$PATH
step=0
failed=0

# shellcheck disable=SC2317  # called by the trap
finish() {
	if [ -d "$ZONES_RUN" ]; then
		zoneadm-go -z web halt >/dev/null 2>&1
		stop_kernel
	fi
	rm -rf --one-file-system "$top"
}
trap finish EXIT
trap 'exit 130' INT TERM

now() { date +%s%N; }

# did TEXT BEGIN: prints the line of a step, with the time since BEGIN.
did() {
	local us=$((($(now) - $2) / 1000))
	step=$((step + 1))
	printf '%2d  %-58s %7d.%d ms\n' "$step" "$1" $((us / 1000)) $((us % 1000 / 100))
}

# show: indents the output of a command.
show() { sed 's/^/    | /'; }

# run WANT TEXT COMMAND...: runs the command, shows its output, and compares its exit
# status with WANT.
run() {
	local want=$1 text=$2 begin status
	shift 2
	begin=$(now)
	"$@" >"$top/out" 2>&1 </dev/null
	status=$?
	did "$text" "$begin"
	show <"$top/out"
	if [ "$status" != "$want" ]; then
		echo "    ! exit status $status, expected $want" >&2
		failed=1
	fi
}

# ended PID: returns when a process has exited. The command line of a zombie is empty.
ended() { while grep -q . "/proc/$1/cmdline" 2>/dev/null; do sleep 0.005; done; }

stop_kernel() {
	local pid parent
	pid=$(cat "$ZONES_RUN/kernel.pid" 2>/dev/null) || return 0
	parent=$(ps_parent "$pid")
	kill -TERM "$pid" 2>/dev/null || return 0
	ended "$pid"
	# An ordinary user's has a parent that created its user namespace.
	! grep -qsa zones-kernel "/proc/$parent/cmdline" || ended "$parent"
}

# ps_parent PID: prints the parent of a process.
ps_parent() { sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null; }

# namespaces PATTERN: prints the namespaces of the processes whose /proc path matches.
namespaces() {
	# shellcheck disable=SC2086  # a pattern
	(cd / && readlink $1/ns/{pid,mnt,uts,ipc,net,user} 2>/dev/null | sort -u)
}

# program NAME PACKAGE: makes sure that this machine's /usr has a program for the zone.
program() {
	command -v "$1" >/dev/null && return
	"$(dirname "$0")/need.sh" "$2" || echo "    (the zone has no $1, so it is not run there)"
}

# group NAME: prints the name of the control groups of a run directory: "zones-" and the
# 32-bit FNV-1a hash of its path.
group() {
	local hash=2166136261 i byte
	for ((i = 0; i < ${#1}; i++)); do
		printf -v byte %d "'${1:i:1}"
		hash=$((((hash ^ byte) * 16777619) & 0xffffffff))
	done
	printf 'zones-%08x' "$hash"
}

# left: prints what the demo has left on the host, one per line.
left() {
	{ grep -lsF "$top" /proc/[0-9]*/cmdline | while read -r line; do
		# The grep itself is such a process, which has exited.
		name=$(cat "${line%cmdline}comm") && [ "$name" != grep ] && echo "process $line $name"
	done
	grep -F "$top" /proc/self/mountinfo | sed 's/^/mount /'
	find /sys/fs/cgroup -type d -name "$(group "$ZONES_RUN")" | sed 's/^/cgroup /'
	namespaces '/proc/[0-9]*' | comm -12 "$top/namespaces" - | sed 's/^/namespace /'
	grep -F "$top" /proc/net/unix | sed 's/^/socket /'; } 2>/dev/null
}

cp -R "$examples/." "$top/" && touch "$top/namespaces"
program ps procps
program hostname hostname

echo "zones: the life of a zone, as $(id -un), below $top"
run 0 'the kernel answers; what it can do here' zoneadm-go host
run 0 'the configuration of zone web' zonecfg-go -z web info
run 0 'zoneadm-go -z web install' zoneadm-go -z web install
run 0 'zoneadm-go -z web boot' zoneadm-go -z web boot
run 0 'zoneadm-go list -cv' zoneadm-go list -cv
run 0 'zoneadm-go list -cp' zoneadm-go list -cp
if zoneadm-go host --json | grep -q '"host": *"sim"'; then
	echo '    no namespaces for this user here: the zone is simulated, so no program runs in it'
else
	zlogin-go web sh -c 'readlink /proc/self/ns/*' </dev/null 2>"$top/out" | sort -u >"$top/zone"
	namespaces /proc/self | comm -13 - "$top/zone" >"$top/namespaces"
	! command -v hostname >/dev/null || run 0 'zlogin-go web hostname' zlogin-go web hostname
	! command -v ps >/dev/null || run 0 'zlogin-go web ps -ef' zlogin-go web ps -ef
	run 0 'zlogin-go web id' zlogin-go web id
	run 0 'zlogin-go web ls /srv/licenses/GPL-3' zlogin-go web ls /srv/licenses/GPL-3
	run 1 'zlogin-go web sh: a write to /usr must fail' zlogin-go web sh -c '! touch /usr/x && exit 1'
	run 0 'zlogin-go web sh: a file for later' zlogin-go web sh -c 'echo "written before the reboot" > /root/kept'
	run 0 'zoneadm-go -z web reboot' zoneadm-go -z web reboot
	run 0 'zlogin-go web cat: the file is still there' zlogin-go web cat /root/kept
	run 7 'zlogin-go web sh: the exit status comes back' zlogin-go web sh -c 'exit 7'
fi
run 0 'zoneadm-go -z web halt' zoneadm-go -z web halt
run 0 'zoneadm-go -z web uninstall -F' zoneadm-go -z web uninstall -F
run 0 'zoneadm-go list -cp' zoneadm-go list -cp
begin=$(now)
stop_kernel
did 'the kernel process exits' "$begin"
begin=$(now)
left >"$top/left"
if [ -s "$top/left" ]; then
	did 'left behind:' "$begin"
	show <"$top/left"
	failed=1
else
	did 'no process, mount, cgroup, namespace or socket is left' "$begin"
fi
[ "$failed" = 0 ] || echo 'demo: a step above failed' >&2
exit "$failed"
