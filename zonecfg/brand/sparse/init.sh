#!/bin/sh
# The init of a sparse zone. The first thing it does is to run /etc/rc.local, if
# that can be executed, with the boot arguments; then it waits. TERM has it run
# /etc/rc.shutdown and end, which halts the zone.
case ${1-} in
shutdown)
	kill -TERM "$(cat /run/init.pid)"
	exit
	;;
esac
echo $$ >/run/init.pid
sleeper=
# shellcheck disable=SC2329  # called by the trap
stop() {
	[ ! -x /etc/rc.shutdown ] || /etc/rc.shutdown
	[ -z "$sleeper" ] || kill "$sleeper"
	exit 0
}
trap stop TERM INT
[ ! -x /etc/rc.local ] || /etc/rc.local "$@"
while :; do
	sleep 86400 &
	sleeper=$!
	wait "$sleeper"
done
