#!/bin/sh
# ci/need.sh PACKAGE...: makes sure that Debian packages are there. Exit status 0
# when all are; 1 with a line that says why when they can't be had here.
set -u
missing=
for package in "$@"; do
	dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "need.sh: no apt-get on this system to install$missing with" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "need.sh: not root, so can't install$missing" >&2
	exit 1
fi
lock=/run/lock/zones-need.lock
exec 9>"$lock"
command -v flock >/dev/null 2>&1 && flock 9
# contrib holds libnvpair3linux; a minimal image lists only main.
sources=/etc/apt/sources.list.d/zones-contrib.list
if ! apt-cache policy 2>/dev/null | grep -q '/contrib'; then
	if [ -r /etc/os-release ]; then
		. /etc/os-release
		mirror=$(apt-cache policy 2>/dev/null | sed -n 's/^ *[0-9]* \(http[^ ]*\) .*\/main .*/\1/p' | head -n 1)
		[ -n "$mirror" ] && echo "deb ${mirror} ${VERSION_CODENAME} contrib" >"$sources"
	fi
fi
log=$(mktemp)
# shellcheck disable=SC2086  # the list is meant to be split
if (DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing ||
	(apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing)) >"$log" 2>&1 9>&-; then
	rm -f "$log"
	exit 0
fi
tail -n 5 "$log" >&2
rm -f "$log"
echo "need.sh: apt-get could not install$missing" >&2
exit 1
