#!/bin/bash
# run.sh, in the directory that bundle.sh made, on an illumos machine: runs the tests of
# every package, then compares our zoneadm-go with the system's zoneadm in calls that
# change nothing. It doesn't need Go. Exit status 0 when everything passed.
set -u
top=$(cd "$(dirname "$0")" && pwd) || exit 1
passed=0
failed=0

# report STATUS NAME FILE: counts a check, and shows the output of a failed one.
report() {
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok      $2"
		return
	fi
	failed=$((failed + 1))
	echo "FAILED  $2 (exit status $1)"
	sed 's/^/    /' "$3"
}

[ "$(uname -s)" = SunOS ] || {
	echo "run.sh: this is $(uname -s), not an illumos system" >&2
	exit 1
}
out=$(mktemp) || exit 1
trap 'rm -f "$out" "$out".*' EXIT
while read -r path; do
	(cd "$top/tree/$path" && ./unit.test -test.short -test.timeout 10m) >"$out" 2>&1
	report $? "$path" "$out"
done <"$top/packages"

# same NAME ARGUMENT...: checks that both commands have the same output and exit status.
# Diagnostics start with the name of the command, so ours is run under the system's.
mkdir -p "$top/as"
ln -sf "$top/bin/zoneadm-go" "$top/as/zoneadm"
same() {
	local name=$1
	shift
	/usr/sbin/zoneadm "$@" >"$out.system" 2>"$out.system.err"
	echo "exit $?" >>"$out.system"
	"$top/as/zoneadm" "$@" >"$out.ours" 2>"$out.ours.err"
	echo "exit $?" >>"$out.ours"
	{ diff "$out.system" "$out.ours" && diff "$out.system.err" "$out.ours.err"; } >"$out" 2>&1
	report $? "zoneadm $name" "$out"
}
same 'list' list
same 'list -cv' list -cv
same 'list -cp' list -cp
same 'list -ip' list -ip
same 'list -cn' list -cn
same 'list -p of the global zone' -z global list -p
same 'list of an unknown zone' -z nosuchzone list
same 'boot of the global zone' -z global boot
same 'halt of an unknown zone' -z nosuchzone halt
same 'an unknown verb' -z global nosuchverb
same 'no verb'
same 'list -p -v' list -p -v
same 'help' help

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
