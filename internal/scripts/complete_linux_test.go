package scripts

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// inBash prints the completions that bash has for a command line, one a line: it does what
// Readline does at a Tab, with the functions that are installed.
const inBash = `
. /usr/share/bash-completion/bash_completion
. <("$1" completion bash)
COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9 COMP_KEY=9
read -ra COMP_WORDS <<<"$COMP_LINE"
[[ $COMP_LINE != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
__start_"$1" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"`

// inZsh does the same by the function for zsh. The functions of zsh's own that it calls only
// work at a Tab: those here print what they are given.
const inZsh = `
compdef() { :; }
_describe() {
	while [[ $1 == -* ]]; do shift; done
	for word in "${(@P)2}"; do
		[[ $word != ${words[CURRENT]}* ]] || print -r -- ${word%%:*} # without its description
	done
}
_arguments() { :; }
compadd() { :; }
source <($1 completion zsh)
words=(${(z)2}); [[ $2 != *' ' ]] || words+=('')
CURRENT=${#words}
_$1 2>/dev/null; true`

// inFish asks fish itself.
const inFish = `
eval $argv[1] completion fish | source
complete -C $argv[2] | string replace -r '\t.*' ''; true`

// TestShells: what a shell proposes after Tab, while one zone is configured, one is installed
// and one runs.
func TestShells(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.File("/usr/share/bash-completion/bash_completion", "bash-completion"), testenv.Tool("zsh"), testenv.Tool("fish"))
	h := newHome(t, nil)
	setUp := h.command("sh", "-ec", `
		zonecfg-go -z idle 'create; set zonepath=/zones/idle'
		zonecfg-go -z halted 'create; set zonepath=/zones/halted'
		zoneadm-go -z halted install
		zoneadm-go -z web boot`)
	if out, err := setUp.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, test := range []struct{ name, line, want string }{
		{"zones for zoneadm", "zoneadm-go -z ", "halted idle web"},
		{"the beginning of a zone", "zoneadm-go -z h", "halted"},
		{"subcommands for a running zone", "zoneadm-go -z web ", "halt help holds host list reboot shutdown verify"},
		{"subcommands for an installed zone", "zoneadm-go -z halted ", "boot detach help holds host list mark move ready uninstall verify"},
		{"subcommands for a configured zone", "zoneadm-go -z idle ", "attach clone help holds host install list mark verify"},
		{"the beginning of a subcommand", "zoneadm-go -z web sh", "shutdown"},
		{"long options of boot", "zoneadm-go boot --", "--all --autoboot --trace"},
		{"long options of list", "zoneadm-go list --j", "--json"},
		{"options of zoneadm", "zoneadm-go --", "--all --help --json --version"},
		{"zones to log in to", "zlogin-go ", "web"},
		{"zones to log in to as a user", "zlogin-go -l root ", "web"},
		{"consoles", "zlogin-go -C ", "halted web"},
		{"options of zlogin", "zlogin-go --", "--exec --help --json --version"},
		{"zones for zonecfg", "zonecfg-go -z ", "global halted idle web"},
		{"commands of zonecfg", "zonecfg-go -z idle re", "remove revert"},
		{"options of info", "zonecfg-go -z idle info --", "--json"},
		{"options of export", "zonecfg-go -z idle export --", "--exact"},
		{"options of apply", "zonecfg-go apply --d", "--dry-run"},
		{"subjects of help", "zonecfg-go help com", "commands commit"},
		{"nothing for zonename", "zonename-go ", ""},
		{"options of zonename", "zonename-go -", "--help --version -t"},
	} {
		program, _, _ := strings.Cut(test.line, " ")
		for shell, argv := range map[string][]string{
			"bash": {"bash", "-c", inBash, "bash", program, test.line},
			"zsh":  {"zsh", "-f", "-c", inZsh, "zsh", program, test.line},
			"fish": {"fish", "--no-config", "-c", inFish, program, test.line},
		} {
			t.Run(test.name+" in "+shell, func(t *testing.T) {
				c := h.command(argv...)
				c.Dir = h.machine
				out, err := c.Output()
				if err != nil {
					t.Fatal(err)
				}
				got := strings.Fields(string(out))
				slices.Sort(got)
				if strings.Join(got, " ") != test.want {
					t.Errorf("%q, want %q", got, test.want)
				}
			})
		}
	}
	t.Run("no kernel process", func(t *testing.T) {
		other := filepath.Join(h.top, "other")
		for _, line := range []string{"zoneadm-go -z web ", "zlogin-go ", "zonecfg-go -z "} {
			program, _, _ := strings.Cut(line, " ")
			c := h.command("bash", "-c", inBash, "bash", program, line)
			c.Env = append(c.Env, "ZONES_RUN="+other)
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s: %v %s", line, err, out)
			}
		}
		if _, err := os.Lstat(other); err == nil {
			t.Error("completion has started a kernel process")
		}
	})
}
