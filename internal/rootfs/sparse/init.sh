#!/bin/sh
# The init of a sparse zone. First it runs /etc/rc.local, if that is executable, with
# the boot arguments; then it waits. On SIGTERM it runs /etc/rc.shutdown and exits,
# which halts the zone.
case ${1-} in
shutdown)
	# Init is the other process of this name that zsched has started, the first if
	# there are more. It may not have come to this line yet.
	init=
	for process in /proc/[0-9]*; do
		pid=${process#/proc/} name='' parent=''
		while read -r key value; do
			case $key in
			Name:) name=$value ;;
			PPid:) parent=$value ;;
			esac
		done 2>/dev/null <"$process/status"
		if [ "$name $parent" = "init 1" ] && [ "$pid" != $$ ] && [ "$pid" -lt "${init:-4194305}" ]; then
			init=$pid
		fi
	done
	[ -n "$init" ] && kill -TERM "$init"
	exit
	;;
esac
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
