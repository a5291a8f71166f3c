package scripts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// The files of Debian's packages ansible and ansible-core that its module for zones consists
// of. The packages are large and aren't installed for it.
const (
	packages   = "./usr/lib/python3/dist-packages/"
	zoneModule = "ansible_collections/community/general/plugins/modules/solaris_zone.py"
)

// getAnsible puts the module and what it imports below a directory.
const getAnsible = `cd "$1"
for name in ansible ansible-core; do
	apt-get download -q "$name" || { apt-get update -q && apt-get download -q "$name"; }
done
take() { name=$1; shift; dpkg-deb --fsys-tarfile "$name"_*.deb | tar -x "$@"; }
take ansible "` + packages + zoneModule + `"
take ansible-core "` + packages + `ansible/__init__.py" "` + packages + `ansible/release.py" "` + packages + `ansible/_vendor" "` + packages + `ansible/module_utils"
rm ./*.deb
`

// asSunOS makes Python say that the machine is one of those that the module is for.
const asSunOS = `import platform
platform.system = lambda: 'SunOS'
platform.release = lambda: '5.11'
`

// What the module calls besides the commands, for a zone of brand sparse: ps -z of the
// system, which shows the console's login when a zone has booted, and ssh-keygen, whose
// directory such a zone lacks.
const (
	psOfZone  = "#!/bin/sh\n[ \"$1\" = -z ] && zlogin \"$2\" true && echo '/usr/lib/saf/ttymon -g -d /dev/console -l console'\n"
	sshKeygen = "#!/bin/sh\n[ \"$1\" = -f ] && mkdir -p \"$(dirname \"$2\")\" && echo key >\"$2\"\n"
)

// TestAnsible runs Ansible's module solaris_zone, as it is published, from no zone to no zone.
func TestAnsible(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Root, testenv.Tool("/usr/bin/python3", "python3-minimal")) // for /etc/zones in a mount namespace
	c := newClient(t)
	code := filepath.Join(c.top, "ansible")
	if err := os.Mkdir(code, 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("sh", "-ec", getAnsible, "sh", code).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	testenv.Need(t, testenv.Debian("Ansible's code", err))
	for name, text := range map[string]string{"system/ps": psOfZone, "system/ssh-keygen": sshKeygen, "ansible/sitecustomize.py": asSunOS} {
		if err := testenv.WriteProgram(filepath.Join(c.top, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(c.top, "zones/a1")
	steps := []struct {
		state   string
		changed bool
		msg     string
		then    string // the state in which zoneadm lists the zone
	}{
		{"configured", true, "creating whole-root zone, zone configured", "configured"},
		{"configured", false, "zone already exists", "configured"},
		{"detached", false, "zone already detached", "configured"},
		{"absent", true, "zone deleted", "none"},
		{"absent", false, "zone does not exist", "none"},
		{"present", true, "creating whole-root zone, zone configured, zone installed", "installed"},
		{"running", true, "zone already exists, zone booted", "running"},
		{"started", false, "zone already exists, zone already running", "running"},
		{"stopped", true, "zone stopped", "installed"},
		{"running", true, "zone already exists, zone booted", "running"},
		{"detached", true, "zone stopped, zone detached", "configured"},
		{"attached", true, "zone attached", "installed"},
		{"absent", true, "zone uninstalled, zone deleted", "none"},
		{"running", true, "creating whole-root zone, zone configured, zone installed, zone booted", "running"},
		{"absent", true, "zone stopped, zone uninstalled, zone deleted", "none"},
	}
	var script strings.Builder
	// The module opens files by the zonepath, so the machine's root directory is this one's,
	// with an /etc of its own.
	script.WriteString(`mkdir $TOP/etc && mount -t tmpfs none $TOP/etc && mkdir -p $TOP/etc/up/zones $TOP/etc/work
mount -t overlay -o lowerdir=/etc,upperdir=$TOP/etc/up,workdir=$TOP/etc/work overlay /etc
cp $TOP/m/etc/zones/*.xml /etc/zones && rm /etc/zones/web.xml && echo global:installed:/ >/etc/zones/index
mkdir $TOP/zones
unset ZONES_ROOT
`)
	for _, s := range steps {
		args := map[string]any{"name": "a1", "state": s.state, "path": path, "config": "set brand=sparse", "root_password": "xyz", "attach_options": "-u"}
		params, err := json.Marshal(map[string]any{"ANSIBLE_MODULE_ARGS": args})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&script, "echo '%s' | /usr/bin/python3 $TOP/ansible/%s || true\n", params, packages+zoneModule)
		script.WriteString("zoneadm -z a1 list -p 2>/dev/null | cut -d: -f3 | grep . || echo none\n")
	}
	command := c.command("unshare", "-m", "--propagation", "private", "sh", "-ec", script.String())
	command.Env = append(command.Env, "PATH="+c.system+":"+bin+":/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1",
		"PYTHONPATH="+code+":"+filepath.Join(code, packages))
	var errs bytes.Buffer
	command.Stderr = &errs
	out, err = command.Output()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, errs.String())
	}
	lines := strings.FieldsFunc(string(out), func(c rune) bool { return c == '\n' }) // without the empty ones
	if len(lines) != 2*len(steps) {
		t.Fatalf("%d lines, want %d: %s\n%s", len(lines), 2*len(steps), out, errs.String())
	}
	for i, s := range steps {
		var result struct {
			Changed, Failed bool
			Msg             string
		}
		if err := json.Unmarshal([]byte(lines[2*i]), &result); err != nil {
			t.Fatalf("%v: %s", err, lines[2*i])
		}
		if result.Failed || result.Changed != s.changed || result.Msg != s.msg || lines[2*i+1] != s.then {
			t.Errorf("step %d, %s: %s; then %s, want %s, %q", i+1, s.state, lines[2*i], lines[2*i+1], s.then, s.msg)
		}
	}
}
