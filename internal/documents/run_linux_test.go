package documents

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// nobody is an ordinary user that every machine has.
const nobody = 65534

// step is a command line of a page with the output that the page shows; "" when it shows
// none.
type step struct{ command, output string }

// steps returns the command lines of a page's console blocks for a user: "root" or "user".
// A block whose kind names one of them is for that user only.
func steps(text, user string) (list []step) {
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		kind, who, _ := strings.Cut(m[1], " ")
		if kind != "console" || who != "" && who != user {
			continue
		}
		for _, line := range strings.Split(strings.TrimSuffix(m[2], "\n"), "\n") {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				list = append(list, step{command: command})
			} else if len(list) > 0 {
				list[len(list)-1].output += line + "\n"
			}
		}
	}
	return list
}

// script returns a shell script that runs the steps in one shell and fails at the first
// that doesn't do what its page says.
func script(list []step) string {
	var b strings.Builder
	b.WriteString("out=$(mktemp) want=$(mktemp)\n")
	for _, s := range list {
		fmt.Fprintf(&b, "echo '$' %s\n", quote(s.command))
		fmt.Fprintf(&b, "{ %s\n} >\"$out\" </dev/null || { echo \"exit status $?\"; cat \"$out\"; exit 1; }\n", s.command)
		if s.output != "" {
			fmt.Fprintf(&b, "printf %%s %s >\"$want\"\ndiff -u \"$want\" \"$out\" || exit 1\n", quote(s.output))
		}
	}
	return b.String()
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// enter makes a fresh machine in namespaces of its own and runs a shell script there in a
// bare account. The root directory is this machine's under an overlay, so that nothing of
// what is written remains; the kernel refuses user namespaces below a chroot, so the root
// is pivoted. The account has a copy of the module and, under another overlay, the caches
// of Go, without which each run would take minutes.
const enter = `set -eu
mount -t tmpfs -o mode=755 machine "$TOP"
layer() { # LOWER AT: mounts an overlay
	mkdir -p "$TOP$3/upper" "$TOP$3/work" "$2"
	mount -t overlay -o "lowerdir=$1,upperdir=$TOP$3/upper,workdir=$TOP$3/work" overlay "$2"
}
root=$TOP/root
layer / "$root" /layers/root
home=$root/home/account
mkdir -p "$home/.cache" "$home/go/pkg" "$root/mnt/old"
layer "$GOCACHE" "$home/.cache/go-build" /layers/cache
layer "$GOMODCACHE" "$home/go/pkg/mod" /layers/modules
mkdir "$home/zones"
(cd "$SOURCE" && tar cf - --exclude=./bin --exclude=./.git .) | tar xf - -C "$home/zones"
chown "$ACCOUNT:$ACCOUNT" "$home" "$home/.cache" "$home/go" "$home/go/pkg"
chown -R "$ACCOUNT:$ACCOUNT" "$home/zones"
find "$home/.cache/go-build" -type d -exec chown "$ACCOUNT:$ACCOUNT" {} +
find "$home/go/pkg/mod" -name '*@v[0-9]*' -prune -o \( -type d -o -name '*.lock' \) -exec chown "$ACCOUNT:$ACCOUNT" {} +
find "$home/.cache/go-build" "$home/go/pkg/mod/cache" -maxdepth 1 -type f -exec chown "$ACCOUNT:$ACCOUNT" {} +
cd "$root"
mount --rbind /sys sys
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs run
pivot_root . mnt/old
umount -l /mnt/old
cd /home/account/zones
exec setpriv --reuid="$ACCOUNT" --regid="$ACCOUNT" --clear-groups env -i HOME=/home/account USER="$NAME" \
	PATH="$GOROOT/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin" TERM=dumb LANG=C GOPROXY="$GOPROXY" bash -c "$1"
`

// run runs a shell script as a user, "root" or "user", on a fresh machine. Every process
// that it leaves is killed.
func run(t *testing.T, user, text string) {
	t.Helper()
	root, err := filepath.Abs(source)
	if err != nil {
		t.Fatal(err)
	}
	account, name := 0, "root"
	if user == "user" {
		account, name = nobody, "account"
	}
	c := exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", enter, "enter", text)
	c.Env = append(os.Environ(), "TOP="+t.TempDir(), "SOURCE="+root, fmt.Sprint("ACCOUNT=", account), "NAME="+name)
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOROOT", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		c.Env = append(c.Env, []string{"GOCACHE", "GOMODCACHE", "GOROOT", "GOPROXY"}[i]+"="+value)
	}
	if out, err = c.CombinedOutput(); err != nil {
		t.Errorf("as %s: %v\n%s", user, err, tail(string(out)))
	} else {
		t.Logf("as %s:\n%s", user, tail(string(out)))
	}
}

// tail returns the end of a long text.
func tail(text string) string {
	const most = 6000
	if len(text) > most {
		return "...\n" + text[len(text)-most:]
	}
	return text
}

// life is the whole life of a zone with the commands in a directory, in an empty
// environment. Installations have zoneadm and zlogin in sbin.
const life = `
set -euo pipefail
bin=$1 sbin=$2
run() { echo "+ $*"; env -i "$@" </dev/null; }
run "$bin/zonecfg-go" -z web 'create; set zonepath=/zones/web; set autoboot=true; commit'
run "$bin/zoneadm-go" -z web install
run "$sbin/zoneadm" boot --autoboot
[ "$(run "$sbin/zlogin" web /usr/bin/id -u | tail -n 1)" = 0 ]
run "$bin/zoneadm-go" -z web reboot
run "$bin/zoneadm-go" shutdown --all
run "$bin/zoneadm-go" -z web uninstall -F
run "$sbin/zonecfg" -z web delete -F
[ "$(run "$bin/zonename" | tail -n 1)" = global ]
`

// units checks that the systemd units of README's installations are where systemd looks for
// them, and nowhere else, that they name programs that exist, and that systemd has nothing
// to say about them. Its exit status isn't enough: it is 0 for what is ignored.
var units = map[string]string{
	"root": verify + `
		cmp <(find /usr/local -name zones-go.service | sort) <(printf '/usr/local/lib/systemd/%s/zones-go.service\n' system user)
		verify --system /usr/local/lib/systemd/system/zones-go.service
		verify --user /usr/local/lib/systemd/user/zones-go.service`,
	"user": verify + `
		cmp <(find "$HOME/.local" -name zones-go.service) <(echo "$HOME/.local/share/systemd/user/zones-go.service")
		verify --user "$HOME/.local/share/systemd/user/zones-go.service"`,
}

const verify = `
		mkdir -m 700 "$HOME/run"
		verify() {
			sed -n 's/^Exec[A-Za-z]*=-\([^ ]*\).*/\1/p' "$2" | { n=0; while read -r program; do [ -x "$program" ]; n=$((n+1)); done; [ $n = 3 ]; }
			command -v systemd-analyze >/dev/null || return 0
			XDG_RUNTIME_DIR=$HOME/run systemd-analyze "$1" verify --man=no "$2" >"$HOME/said" 2>&1 || { cat "$HOME/said"; return 1; }
			! grep zones-go "$HOME/said"
		}`

// TestFirstHour follows README to the letter on a fresh machine, installs into DESTDIR,
// and writes a first program, as root and as an ordinary user.
func TestFirstHour(t *testing.T) {
	testenv.Need(t, testenv.Long, testenv.Root) // for fresh machines
	readme := read(t, "README.md")
	for _, user := range []string{"root", "user"} {
		list := steps(readme, user)
		if len(list) < 9 {
			t.Fatalf("README has only %d command lines for %s", len(list), user)
		}
		t.Run("README and DESTDIR as "+user, func(t *testing.T) {
			run(t, user, script(list)+`
				set -euo pipefail
				man -w zoneadm-go zlogin-go >/dev/null 2>&1 || ! command -v man || { echo "man doesn't find the pages"; exit 1; }
				`+units[user]+`
				make install DESTDIR="$HOME/dest" SYSTEM_NAMES=yes >/dev/null
				bash -c `+quote(life)+` life "$HOME/dest/usr/local/bin" "$HOME/dest/usr/local/sbin"
				for shell in bash; do "$shell" -c '. "$HOME/dest/usr/local/share/bash-completion/completions/zoneadm-go" && complete -p zoneadm-go'; done
				! make install DESTDIR="$HOME/dest" PREFIX=usr 2>/dev/null || { echo "a relative PREFIX is accepted"; exit 1; }
				make uninstall DESTDIR="$HOME/dest"
				[ -z "$(find "$HOME/dest" ! -type d)" ] || { find "$HOME/dest"; exit 1; }`)
		})
	}
	t.Run("go install and a stranger's module", func(t *testing.T) {
		run(t, "user", `set -euo pipefail
			go install ./cmd/...
			(cd / && export PATH=$HOME/go/bin
			zonecfg-go -z web 'create; set zonepath=/zones/web'
			zoneadm-go -z web install
			zoneadm-go -z web boot
			zlogin-go web id
			zoneadm-go -z web halt)
			mkdir "$HOME/mine" && cd "$HOME/mine"
			cp ../zones/internal/documents/testdata/stranger/* .
			for file in *.txt; do mv "$file" "${file%.txt}"; done
			go mod init example.org/mine
			go mod edit -require=github.com/gozones/zones@v0.0.0 -replace=github.com/gozones/zones=../zones
			export GOFLAGS=-mod=mod
			go test ./... && PATH=$HOME/go/bin:$PATH go run .`)
	})
}

// TestShort runs the short tests as an ordinary user, as CONTRIBUTING says. The limit holds
// for each package, since other checks may run beside it; the log has the time of the whole.
func TestShort(t *testing.T) {
	testenv.Need(t, testenv.Long, testenv.Root) // for a fresh machine
	run(t, "user", `set -euo pipefail
		export CGO_ENABLED=0
		time go test -short -vet=off -timeout 2m ./...`)
}

// elsewhere are the examples of man pages that can't be run here.
var elsewhere = map[string]string{
	"zones-kernel --run-dir /tmp/zones --host sim": "stays in the foreground",
	"zones-zfs get tank/web":                       "needs a ZFS pool",
	"zones-zfs set tank/web zoned on":              "needs a ZFS pool",
}

// before prepares what the examples of a man page take for granted.
var before = map[string]string{
	"zoneadm-go":   `zonecfg-go -z web 'create; set zonepath=/zones/web; set autoboot=true'; zonecfg-go -z db 'create; set zonepath=/zones/db'; zoneadm-go -z db install`,
	"zoneadmd-go":  `zonecfg-go -z web 'create; set zonepath=/zones/web'; zoneadm-go -z web install`,
	"zlogin-go":    `zonecfg-go -z web 'create; set zonepath=/zones/web'; zoneadm-go -z web install; zoneadm-go -z web boot`,
	"zonecfg-go":   `zonecfg-go -z db 'create; set zonepath=/zones/db'; zoneadm-go -z db install; zoneadm-go -z db boot`,
	"zones-unpack": `mkdir -p web/root; tar czf alpine.tar.gz -C /etc hostname`,
}

// TestExamples runs the examples of the man pages, in the order of each page.
func TestExamples(t *testing.T) {
	testenv.Need(t, testenv.Long, testenv.Root) // for fresh machines
	text := "set -euo pipefail\nmake commands >/dev/null\nexport PATH=$PWD/bin:$PATH\n"
	ran := 0
	for _, page := range pages(t) {
		name, ok := strings.CutPrefix(page, "docs/man/")
		_, examples, found := strings.Cut(read(t, page), "\n## EXAMPLES\n")
		if !ok || !found {
			continue
		}
		name = strings.TrimSuffix(name, ".md")
		examples, _, _ = strings.Cut(examples, "\n## ")
		var list []step
		for _, line := range strings.Split(examples, "\n") {
			if command, ok := strings.CutPrefix(line, "    "); ok && elsewhere[command] == "" {
				list = append(list, step{command: command})
				ran++
			}
		}
		if len(list) == 0 {
			continue
		}
		text += fmt.Sprintf("(mkdir -p \"$HOME/%[1]s/zones\"; cd \"$HOME/%[1]s\"; export ZONES_ROOT=$PWD ZONES_RUN=$PWD/run; echo %[1]s; %[2]s\n%[3]s)\n",
			name, before[name], script(list))
	}
	if ran < 20 {
		t.Fatalf("only %d examples", ran)
	}
	run(t, "user", text)
}
