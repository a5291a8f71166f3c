#!/bin/sh
# ci/need.sh PACKAGE...: installs Debian packages that are missing. Exit status 0 when
# all are installed, 1 with the reason on standard error otherwise.
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
	echo "need.sh: not root, can't install$missing" >&2
	exit 1
fi
echo "need.sh: installing$missing with apt-get" >&2
lock=/run/lock/zones-need.lock
exec 9>"$lock"
command -v flock >/dev/null 2>&1 && flock 9
# contrib has libnvpair3linux, but a minimal Debian image lists only main. The new line
# has the archive and the key of main's line: apt refuses two keys for one archive.
contrib=/etc/apt/sources.list.d/zones-contrib.list
# shellcheck source=/dev/null
[ -r /etc/os-release ] && . /etc/os-release
if [ "${ID:-}" = debian ]; then
	# shellcheck disable=SC2016  # apt-get's own variables
	targets=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI) $(SOURCESENTRY)' 'Created-By: Packages')
	if ! printf '%s\n' "$targets" | grep -q "^$VERSION_CODENAME contrib "; then
		main=$(printf '%s\n' "$targets" | grep -m 1 "^$VERSION_CODENAME main ")
		archive=$(printf '%s\n' "$main" | cut -d ' ' -f 3)
		entry=$(printf '%s\n' "$main" | cut -d ' ' -f 4)
		key=$(sed -n 's/.*[Ss]igned-[Bb]y[:=] *\([^] ]*\).*/[signed-by=\1] /p' "${entry%:*}" | head -n 1)
		[ -z "$archive" ] || echo "deb ${key}${archive} $VERSION_CODENAME contrib" >"$contrib"
	fi
fi
log=$(mktemp)
# shellcheck disable=SC2086  # the list is meant to be split
if (DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends --no-remove $missing ||
	(apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends --no-remove $missing)) >"$log" 2>&1 9>&-; then
	rm -f "$log"
	exit 0
fi
tail -n 5 "$log" >&2
rm -f "$log"
echo "need.sh: apt-get could not install$missing" >&2
exit 1
