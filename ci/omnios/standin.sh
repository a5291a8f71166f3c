#!/bin/sh
# ci/omnios/standin.sh DIR CACHE: makes a small Linux that stands in for OmniOS in the tests
# of tools/omnios: DIR/vmlinuz, DIR/initrd, and DIR/disk.raw, a disk without a file
# system, whose bytes are a tar archive. There is no need for root, loop devices or an
# installed kernel: where this machine has none, Debian's is downloaded to CACHE.
set -eu
[ $# = 2 ] || {
	echo "usage: standin.sh DIR CACHE" >&2
	exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" "$2"
dir=$(cd "$1" && pwd)
cache=$(cd "$2" && pwd)

# The modules of a virtual machine's devices, in the order in which they are loaded.
names='virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk failover net_failover
virtio_net scsi_common scsi_mod libata ata_piix cdrom sr_mod isofs'

# kernel sets image and modules to the last kernel below a directory.
image=
kernel() {
	for found in "${1%/}"/boot/vmlinuz-*; do
		for directory in "${1%/}/lib/modules/${found##*/vmlinuz-}" "${1%/}/usr/lib/modules/${found##*/vmlinuz-}"; do
			[ ! -r "$found" ] || [ ! -d "$directory/kernel" ] || image=$found modules=$directory
		done
	done
	[ -n "$image" ]
}
# newest names the package of Debian's newest kernel for virtual machines.
newest() {
	apt-cache depends --important linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p'
}
kernel / || kernel "$cache" || {
	package=$(newest)
	# Small images of Debian come without lists of packages.
	[ -n "$package" ] || [ "$(id -u)" != 0 ] || { apt-get update -qq >"$dir/apt.log" 2>&1 && package=$(newest); } || :
	[ -n "$package" ] || {
		echo "standin.sh: no kernel in /boot, and apt knows no linux-image-cloud-amd64: try apt-get update" >&2
		exit 1
	}
	(cd "$cache" && apt-get download -qq "$package" 2>&1) >"$dir/apt.log" || {
		cat "$dir/apt.log" >&2
		exit 1
	}
	wanted=
	for name in $names; do
		wanted="$wanted */$name.ko*"
	done
	mv "$cache/$package"_*.deb "$cache/kernel.deb"
	# The patterns are for tar, which complains about those that match nothing.
	set -f
	# shellcheck disable=SC2086
	dpkg-deb --fsys-tarfile "$cache/kernel.deb" | tar -xf - -C "$cache" --wildcards './boot/vmlinuz*' $wanted 2>/dev/null || :
	set +f
	rm -f "$cache/kernel.deb"
	kernel "$cache"
}

ln -s "$image" "$dir/vmlinuz"
root=$dir/initrd.d
mkdir -p "$root/bin" "$root/modules"
cp "$(command -v busybox)" "$root/bin/busybox"
install -m 755 "$here/standin-init.sh" "$root/init"
# Some kernels have them built in, and some of them compressed.
n=10
for name in $names; do
	file=$(find "$modules/kernel" -name "$name.ko*" | head -n 1)
	case $file in
	'') continue ;;
	*.xz) xz -dc "$file" ;;
	*.zst) zstd -dcq "$file" ;;
	*) cat "$file" ;;
	esac >"$root/modules/$n-$name.ko"
	n=$((n + 1))
done
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) | gzip -1 >"$dir/initrd"
rm -rf "$root"

# The disk has the ssh server and its libraries.
root=$dir/disk.d
mkdir -p "$root/sbin"
server=$(command -v dropbear || echo /usr/sbin/dropbear)
cp "$server" "$root/sbin/dropbear"
ldd "$server" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) .*/\1/p' | while read -r library; do
	mkdir -p "$root${library%/*}"
	cp -L "$library" "$root$library"
done
tar -cf "$dir/disk.raw" -C "$root" .
rm -rf "$root"
