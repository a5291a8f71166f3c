#!/bin/busybox sh
# shellcheck shell=dash
# The first program of the stand-in guest; see standin.sh. If the kernel's command
# line has the word console, nobody comes in by ssh until a key was installed by a login on the
# console.
/bin/busybox --install -s /bin
export PATH=/bin:/sbin HOME=/root
trap 'poweroff -f' USR2 # what poweroff sends
mkdir -p /proc /sys /dev /etc/dropbear /root /tmp /var/tmp /mnt /run
chmod 1777 /tmp /var/tmp
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts pts /dev/pts
# Which module needs which differs between kernels, so those that fail are tried again.
for turn in 1 2 3 4; do
	for module in /modules/*; do
		insmod "$module" 2>"/run/insmod.$turn" && rm "$module"
	done
done
# The devices appear a little after their modules.
i=0
while [ ! -b /dev/vda ] && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
tar -xf /dev/vda -C /
echo 'root::0:0:root:/root:/bin/sh
zones:x:1000:1000:zones:/tmp:/bin/sh' >/etc/passwd
echo 'root:x:0:
zones:x:1000:' >/etc/group
echo /bin/sh >/etc/shells
echo 'passwd: files
group: files' >/etc/nsswitch.conf
hostname standin
ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
read -r line </proc/cmdline
case " $line " in
*" console "*) ;;
*)
	# Like cloud-init: the key from the disk labelled cidata.
	label=$(dd if=/dev/sr0 bs=1 skip=32808 count=6 2>/dev/null)
	if [ "$label" = CIDATA ] && mount -t iso9660 -o ro /dev/sr0 /mnt; then
		cat /mnt/meta-data
		mkdir -p /root/.ssh
		sed -n 's/^ssh_authorized_keys:$//; s/^  - \(ssh-[^"]*\)$/\1/p' /mnt/user-data >/root/.ssh/authorized_keys
		chmod -R go= /root/.ssh
		umount /mnt
	else
		echo "stand-in: no disk labelled cidata"
	fi
	;;
esac
/sbin/dropbear -R -E -F -p 22 2>/run/dropbear.log &
echo "stand-in: up"
# A login without a password on the console.
while :; do
	printf 'standin login: '
	read -r name
	[ "$name" = root ] || continue
	printf 'Password: '
	read -r password
	[ "$password" = secret ] || { echo 'Login incorrect'; continue; }
	cd /root && sh -i
done
