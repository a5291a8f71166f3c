#!/bin/bash
# ci/package.sh HOST OUT GOOS/GOARCH VERSION EPOCH PREFIX MD2MAN LDFLAGS FILE...: makes
# OUT/zones-VERSION-GOOS-GOARCH.tar.gz with each FILE below PREFIX. HOST has commands for
# this machine, MD2MAN is as for install.sh. The result depends neither on this machine nor on the time.
set -euo pipefail
host=$1 out=$2 target=$3 version=$4 epoch=$5 prefix=$6 md2man=$7 ldflags=$8
shift 8
cd "$(dirname "$0")/.."
case $epoch in
'' | *[!0-9]*)
	echo "package.sh: no time for the files: this is not a clone of Git, so set SOURCE_DATE_EPOCH to a number of seconds" >&2
	exit 1
	;;
esac
tar=$(command -v gtar || command -v tar)
if ! "$tar" --version 2>/dev/null | grep -q 'GNU tar'; then
	echo "package.sh: needs GNU tar, as tar or gtar" >&2
	exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

programs=()
for file in "$@"; do
	case $file in bin/* | libexec/*) programs+=("./cmd/$(basename "$file")") ;; esac
done
# Instruction sets that every machine of the architecture has, whatever the caller's are.
env GOOS="${target%/*}" GOARCH="${target#*/}" GOAMD64=v1 GOARM64=v8.0 GOEXPERIMENT= CGO_ENABLED=0 \
	go build -ldflags="$ldflags" -o "$work/bin/" "${programs[@]}"
ci/install.sh "$host" "$work/bin" "$work/root" "$prefix" "$md2man" "$@" >/dev/null

# No directories: unpacking must not change the mode or owner of those that exist, or replace
# links to them.
cd "$work/root"
find . ! -type d | sed 's,^\./,,' | LC_ALL=C sort >"$work/list"
name=zones-$version-${target%/*}-${target#*/}.tar.gz
"$tar" --create --format=ustar --no-recursion --owner=root:0 --group=root:0 --mtime="@$epoch" --files-from="$work/list" |
	gzip -9n >"$work/$name"
mv "$work/$name" "$out/$name"
