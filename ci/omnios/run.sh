#!/bin/sh
# run.sh root|user, in the directory that bundle.sh made, as root on the machine that it was
# made for: runs the tests of every package as that user. It doesn't need Go. Its output is
# for ci/omnios/run, but can be read; files that tests write are in files/.
set -u
who=${1:-}
top=$(cd "$(dirname "$0")" && pwd) || exit 1
user=zones # who has no privileges

case $who in
root | user) ;;
*)
	echo "usage: run.sh root|user" >&2
	exit 2
	;;
esac
want=$(cat "$top/system")
[ "$(uname -s)" = "$want" ] || {
	echo "run.sh: this is $(uname -s), and the tests are for $want" >&2
	exit 1
}
if [ "$who" = root ] && [ "$(id -u)" != 0 ]; then
	echo "run.sh: not root" >&2
	exit 1
fi
if [ "$who" = user ] && [ "$(id -u)" = 0 ]; then
	if ! id "$user" >/dev/null 2>&1; then
		useradd -d /var/tmp -s /bin/sh "$user" || exit 1
		# illumos locks a new account until it has a password; -N says it never will.
		[ "$want" != SunOS ] || passwd -N "$user" || exit 1
	fi
	mkdir -p "$top/files/user" && chown "$user" "$top/files/user" || exit 1
	exec su "$user" -c "sh '$top/run.sh' user"
fi

# What the tests of the commands need; see ci/omnios/guest.
export ZONES_BIN="$top/bin" ZONES_FILES="$top/files/$who"
mkdir -p "$ZONES_FILES" || exit 1
TMPDIR=$(mktemp -d /var/tmp/zones-tests.XXXXXX) || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
failed=0
while read -r path; do
	printf '\026=== PACKAGE %s\n' "$path"
	(cd "$top/tree/$path" && ./unit.test -test.short -test.v=test2json -test.timeout 20m) </dev/null 2>&1
	status=$?
	[ "$status" = 0 ] || failed=1
	printf '\026=== EXIT %s\n' "$status"
done <"$top/packages"
printf '\026=== END\n'
exit "$failed"
