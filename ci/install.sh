#!/bin/bash
# ci/install.sh HOST BIN DESTDIR PREFIX MD2MAN FILE...: installs each FILE, a path below
# DESTDIR/PREFIX, from the programs in BIN, docs and dist. The commands in HOST, which may
# be for another system than those in BIN, print their completions. MD2MAN is the program
# that turns Markdown on its standard input into a man page.
set -euo pipefail
host=$1 bin=$2 top=$3$4 prefix=$4 md2man=$5
shift 5
cd "$(dirname "$0")/.."
export ZONES_ROOT=/ # completion scripts are made without the user's state directory

case $prefix in
*[[:space:]\"\'\\%\&\<\>\$\`\|]*)
	echo "install.sh: PREFIX '$prefix' has a character that units of systemd or SMF can't have in a path" >&2
	exit 1
	;;
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

# placed FILE: prints a file with the paths that it has when it is installed.
placed() { sed "s|@PREFIX@|$prefix|g" "$1"; }

doc=$prefix/share/doc/zones
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
		sed "s|docs/\([a-z.-]*\.[mj][a-z]*\)|$doc/\1|g" "docs/man/${name%.*}.md" | "$md2man" | sed "s/^\.TH .*/$title/" | put 644 "$file"
		;;
	# Man pages are installed elsewhere, in another format.
	share/doc/zones/[a-z]*) sed 's/\[\([^]]*\)\](man\/[^)]*)/\1/g' "docs/$name" | put 644 "$file" ;;
	share/doc/zones/*) put 644 "$file" <"$name" ;;
	share/bash-completion/*) "$host/$name" completion bash | put 644 "$file" ;;
	share/zsh/*) "$host/${name#_}" completion zsh | put 644 "$file" ;;
	share/fish/*) "$host/${name%.fish}" completion fish | put 644 "$file" ;;
	lib/systemd/system/*) placed "dist/systemd/$name" | put 644 "$file" ;;
	*/systemd/user/*) placed "dist/systemd/user/$name" | put 644 "$file" ;;
	lib/svc/manifest/*) placed "dist/smf/$name" | put 644 "$file" ;;
	lib/svc/method/*) placed "dist/smf/$name" | put 755 "$file" ;;
	*)
		echo "install.sh: don't know how to make $file" >&2
		exit 1
		;;
	esac
	echo "$top/$file"
done
echo "Installed. To call the commands by name: export PATH=$prefix/sbin:$prefix/bin:\$PATH"
