#!/bin/sh
# ci/with-kernel.sh HOST COMMAND...: runs a command whose machine is a run folder of
# its own, with a kernel process of the kind HOST (linux, sim) that is started on
# first use and ended afterwards.
set -u
host=$1
shift
folder=$(mktemp -d)
finish() {
	pid=$(cat "$folder/run/kernel.pid" 2>/dev/null) && kill "$pid" 2>/dev/null &&
		while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
	rm -rf "$folder"
}
trap finish EXIT
printf '#!/bin/sh\nexec %s/bin/zones-kernel --host %s "$@"\n' "$(pwd)" "$host" >"$folder/zones-kernel"
chmod +x "$folder/zones-kernel"
ZONES_RUN=$folder/run ZONES_KERNEL=$folder/zones-kernel "$@"
