#!/bin/bash
# ci/install.sh BIN DESTDIR PREFIX MD2MAN FILE...: installs each FILE, a path below
# DESTDIR/PREFIX, from the programs in BIN, docs/man and dist. MD2MAN is the command that
# turns Markdown on its standard input into a man page.
set -euo pipefail
bin=$1 top=$2$3 prefix=$3 md2man=$4
shift 4
cd "$(dirname "$0")/.."
export ZONES_ROOT=/ # completion scripts are made without the user's state directory

case $prefix in
/*) ;;
*)
	echo "install.sh: PREFIX '$prefix' must be an absolute path" >&2
	exit 1
	;;
esac
if ! mkdir -p "$top" 2>/dev/null || [ ! -w "$top" ]; then
	echo "install.sh: can't write to $top: be root (sudo make install), or give a directory of yours (make install PREFIX=\$HOME/.local)" >&2
	exit 1
fi

# put MODE FILE: writes standard input to FILE.
put() {
	install -d -m 755 "$(dirname "$top/$2")"
	cat >"$top/$2.new" && chmod "$1" "$top/$2.new" && mv "$top/$2.new" "$top/$2"
}

for file in "$@"; do
	name=$(basename "$file")
	case $file in
	bin/zonename | sbin/*)
		install -d -m 755 "$top/$(dirname "$file")"
		ln -sfn "../bin/$name-go" "$top/$file"
		;;
	bin/* | libexec/*) put 755 "$file" <"$bin/$name" ;;
	share/man/*)
		# go-md2man takes the title for a name without a section.
		title=".TH \"${name%.*}\" ${name##*.} \"\" zones"
		$md2man <"docs/man/${name%.*}.md" | sed "s/^\.TH .*/$title/" | put 644 "$file"
		;;
	share/bash-completion/*) "$bin/$name" completion bash | put 644 "$file" ;;
	share/zsh/*) "$bin/${name#_}" completion zsh | put 644 "$file" ;;
	share/fish/*) "$bin/${name%.fish}" completion fish | put 644 "$file" ;;
	lib/systemd/*) sed "s|@PREFIX@|$prefix|g" "dist/systemd/$name" | put 644 "$file" ;;
	*)
		echo "install.sh: don't know how to make $file" >&2
		exit 1
		;;
	esac
	echo "$top/$file"
done
echo "Installed. To call the commands by name: export PATH=$prefix/sbin:$prefix/bin:\$PATH"
