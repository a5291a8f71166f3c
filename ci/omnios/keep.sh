#!/bin/bash
# ci/omnios/keep.sh DIR SOURCE TEST...: what bundle.sh has go test execute instead of each
# test: copies it into DIR, with its package's files. SOURCE is the module's directory.
set -euo pipefail
path=${PWD#"$2"}
path=${path#/}
mkdir -p "$1/tree/$path"
cp "$3" "$1/tree/$path/unit.test"
[ ! -d testdata ] || [ -z "$path" ] || cp -R testdata "$1/tree/$path/"
