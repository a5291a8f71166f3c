#!/bin/sh
# ci/with-kernel.sh HOST COMMAND...: runs a command with its own run directory, in which
# a kernel process with the host HOST (linux, sim) is started on first use. It is stopped
# after the command.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
host=$1
shift
dir=$(mktemp -d)
finish() {
	pid=$(cat "$dir/run/kernel.pid" 2>/dev/null) && kill "$pid" 2>/dev/null &&
		while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
	rm -rf "$dir"
}
trap finish EXIT
printf '#!/bin/sh\nexec %s/bin/zones-kernel --host %s "$@"\n' "$root" "$host" >"$dir/zones-kernel"
chmod +x "$dir/zones-kernel"
ZONES_RUN=$dir/run ZONES_KERNEL=$dir/zones-kernel "$@"
