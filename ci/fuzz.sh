#!/bin/bash
# ci/fuzz.sh TIME PACKAGE:TARGET...: fuzzes each target for TIME, or N times for Nx. The
# test of a package is built once for all its targets.
set -euo pipefail
time=$1
shift
cache=$(go env GOCACHE)/fuzz
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
for package in $(printf '%s\n' "${@%%:*}" | sort -u); do
	go test -c -fuzz=. -o "$bin/test" "$package"
	read -r path dir < <(go list -f '{{.ImportPath}} {{.Dir}}' "$package")
	for pair in "$@"; do
		[ "${pair%%:*}" = "$package" ] || continue
		target=${pair#*:}
		echo "fuzz $pair"
		(cd "$dir" && "$bin/test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$time" -test.fuzzcachedir "$cache/$path") >"$bin/out" 2>&1 ||
			{ cat "$bin/out"; exit 1; }
		grep -q '^fuzz: elapsed' "$bin/out" || { cat "$bin/out"; echo "fuzz.sh: $pair didn't run" >&2; exit 1; }
	done
done
