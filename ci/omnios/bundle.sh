#!/bin/bash
# ci/omnios/bundle.sh DIR: cross-compiles the tests and the commands for illumos
# into DIR, with the files that the tests read, so that a machine without Go can run
# them: copy DIR there and run DIR/run.sh as root, once with root and once with user.
set -euo pipefail
dir=${1:?usage: bundle.sh DIR}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
cd "$(dirname "$0")/../.."
export GOOS=illumos GOARCH=amd64 CGO_ENABLED=0
mkdir -p "$dir/bin" "$dir/tree"
commands=(cmd/*-go cmd/zones-zfs)
go build -ldflags=-s -o "$dir/bin/" "${commands[@]/#/./}"
# Compares our declarations with the machine's headers, if it has a compiler.
go build -o "$dir/bin/zones-headers" ./sys/internal/headers/check
# The source with what it imports, for a build with cgo where there is Go, too.
GOFLAGS='' go mod vendor -o "$dir/source/vendor"
cp -R go.mod go.sum sys kstat internal kernel zonecfg cmd testdata ./*.go "$dir/source/"
# Every test binary runs in its package's directory, as under go test, and finds testdata
# of the package there and that of the module above.
cp -R testdata "$dir/tree/"
built=$(go test -vet=off -count=1 -exec "'$PWD/ci/omnios/keep.sh' '$dir' '$PWD'" ./...) || { echo "$built" >&2; exit 1; }
(cd "$dir/tree" && find . -name unit.test) | sed 's,/unit.test$,,; s,^\./,,' | sort >"$dir/packages"
cp ci/omnios/run.sh "$dir/run.sh"
echo SunOS >"$dir/system"
echo "bundle.sh: $(wc -l <"$dir/packages") packages in $dir"
