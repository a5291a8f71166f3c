package scripts

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The tests of this file stand in for programs that drive the system's commands: each makes
// the calls of one, with its arguments, standard input and environment, and reads the
// output as that program does. The commands are installed under the system's names. What
// the programs reach by an absolute path is found in the test's own directory, and their
// zones are of brand sparse, since those of illumos exist only there.

// client is a program that calls the commands.
type client struct {
	*home
	system string   // directory with zoneadm, zonecfg, zlogin and zonename
	env    []string // nil: that of home
}

// newClient returns a client of a new machine, which has no zone but web of the example.
func newClient(t *testing.T) *client {
	t.Helper()
	needZones(t)
	h := newHome(t, nil)
	c := &client{home: h, system: filepath.Join(h.top, "system")}
	if err := os.Mkdir(c.system, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"zoneadm", "zonecfg", "zlogin", "zonename"} {
		if err := os.Symlink(filepath.Join(bin, name+"-go"), filepath.Join(c.system, name)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// bare returns the environment of a client that clears its own: only where the test's
// machine is.
func (c *client) bare() []string {
	return []string{"ZONES_ROOT=" + c.machine, "ZONES_RUN=" + c.runDir}
}

// call runs a command and returns what it prints, and its exit status.
func (c *client) call(input string, argv ...string) (out, errs string, status int) {
	c.Helper()
	command := exec.Command(filepath.Join(c.system, argv[0]), argv[1:]...)
	command.Dir = c.top
	command.Env = c.env
	if command.Env == nil {
		command.Env = append(c.bare(), "PATH="+c.system+":"+os.Getenv("PATH"), "HOME="+c.top, "LANG=C")
	}
	command.Stdin = strings.NewReader(input)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.Fatal(err)
	}
	return stdout.String(), stderr.String(), command.ProcessState.ExitCode()
}

// must is call for a command that succeeds, and returns its standard output.
func (c *client) must(argv ...string) string {
	c.Helper()
	out, errs, status := c.call("", argv...)
	if status != 0 {
		c.Fatalf("%q exits with %d: %s", argv, status, errs)
	}
	return out
}

// words is must for a command line whose words have blanks between them, as programs with a
// template make it. An unquoted empty one is no word.
func (c *client) words(line string) string {
	c.Helper()
	return c.must(strings.Fields(line)...)
}

// file writes a file of zonecfg's commands and returns its path.
func (c *client) file(text string) string {
	c.Helper()
	path := filepath.Join(c.top, "commands")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
	return path
}

// is compares what a client has read.
func (c *client) is(what, got, want string) {
	c.Helper()
	if got != want {
		c.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestClientAnsible: solaris_zone reads the third field of list -p, takes any status but 0
// for no zone, and puts the options of its playbook behind a verb, empty ones as well.
func TestClientAnsible(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	status := func() string {
		out, _, status := c.call("", "zoneadm", "-z", "a1", "list", "-p")
		if status != 0 {
			return "undefined"
		}
		return strings.Split(out, ":")[2]
	}
	exists := func() bool {
		_, _, status := c.call("", "zoneadm", "-z", "a1", "list")
		return status == 0
	}
	if exists() {
		t.Fatal("the zone exists")
	}
	c.is("before", status(), "undefined")
	c.must("zonecfg", "-z", "a1", "-f", c.file("create -b \nset zonepath=/zones/a1\nset brand=sparse; set autoboot=true; add attr; set name=x; set type=string; set value=y; end\n"))
	c.is("configured", status(), "configured")
	c.must("zoneadm", "-z", "a1", "install", "")
	c.is("installed", status(), "installed")
	if _, err := os.Stat(filepath.Join(c.machine, "zones/a1/root/etc")); err != nil {
		t.Error(err) // where the module writes the password and the keys
	}
	c.must("zoneadm", "-z", "a1", "boot")
	c.is("booted", status(), "running")
	c.must("zoneadm", "-z", "a1", "halt")
	c.must("zoneadm", "-z", "a1", "halt") // state detached stops whatever the state is
	c.must("zoneadm", "-z", "a1", "detach")
	c.is("detached", status(), "configured")
	c.must("zoneadm", "-z", "a1", "attach", "")
	c.is("attached", status(), "installed")
	c.must("zoneadm", "-z", "a1", "detach")
	c.must("zoneadm", "-z", "a1", "attach", "-u")
	c.must("zoneadm", "-z", "a1", "uninstall", "-F")
	c.must("zonecfg", "-z", "a1", "delete", "-F")
	if exists() {
		t.Error("the zone is left")
	}
}

// saltZones reads list -p -c as Salt does.
func saltZones(c *client) map[string]map[string]string {
	zones := map[string]map[string]string{}
	for line := range strings.Lines(c.words("zoneadm list -p -c")) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		z := map[string]string{}
		for i, name := range strings.Split("zoneid:zonename:state:zonepath:uuid:brand:ip-type", ":") {
			z[name] = fields[i]
		}
		zones[z["zonename"]] = z
	}
	return zones
}

// saltInfo reads info as Salt does: properties, and for each kind of resource those of each.
// A value in square brackets is a calculated one.
func saltInfo(c *client, zone string) (properties map[string]string, resources map[string][]map[string]string) {
	kinds := []string{"rctl", "net", "fs", "device", "dedicated-cpu", "dataset", "attr", "capped-cpu", "capped-memory"}
	properties, resources = map[string]string{}, map[string][]map[string]string{}
	kind := ""
	for _, line := range strings.Split(c.words("zonecfg -z "+zone+" info"), "\n") {
		if !strings.Contains(line, ":") {
			continue
		}
		inner := strings.HasPrefix(line, "\t")
		key, value, _ := strings.Cut(strings.Trim(strings.TrimSpace(line), "[]"), ":")
		value = strings.ReplaceAll(strings.TrimSpace(value), `"`, "")
		switch {
		case slices.Contains(kinds, key):
			kind = key
			resources[kind] = append(resources[kind], map[string]string{})
		case inner && kind != "":
			resources[kind][len(resources[kind])-1][key] = value
		default:
			kind = ""
			properties[key] = value
		}
	}
	return properties, resources
}

// TestClientSalt: the modules zoneadm and zonecfg, as the state zone calls them.
func TestClientSalt(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.is("zonename", strings.TrimSpace(c.words("zonename")), "global") // or the modules don't load
	commands := func(text string) {
		t.Helper()
		c.must("zonecfg", "-z", "s1", "-f", c.file(text))
	}
	commands("create -b -F\nset brand=sparse\nset zonepath=/zones/s1\n")
	if z := saltZones(c)["s1"]; z["state"] != "configured" || z["ip-type"] != "shared" || z["zoneid"] != "-" {
		t.Errorf("list: %v", z)
	}
	commands("set autoboot=true\n")
	commands("set cpu-shares=50\n")
	commands("add attr\nset name=owner\nset type=string\nset value=\"Jorge Schrauwen\"\nend\n")
	commands("add capped-memory\nset physical=64M\nend\n")
	commands("select capped-memory\nset physical=128M\nend\n")
	commands("add rctl\nset name=zone.max-sem-ids\nadd value (priv=privileged,limit=100,action=deny)\nend\n")
	properties, resources := saltInfo(c, "s1")
	c.is("autoboot", properties["autoboot"], "true")
	c.is("cpu-shares", properties["cpu-shares"], "50")
	if len(resources["attr"]) != 1 || len(resources["capped-memory"]) != 1 || len(resources["rctl"]) == 0 {
		t.Fatalf("info: %v", resources)
	}
	c.is("attr", resources["attr"][0]["value"], "Jorge Schrauwen")
	c.is("capped-memory", resources["capped-memory"][0]["physical"], "128M")
	commands("clear cpu-shares\n")
	commands("remove attr name=owner\n")
	properties, resources = saltInfo(c, "s1")
	if _, found := properties["cpu-shares"]; found || len(resources["attr"]) != 0 {
		t.Errorf("left: %v %v", properties, resources)
	}
	if out, errs, status := c.call("", "zonecfg", "-z", "s1", "-f", c.file("set brand=sparse\nremove attr name=none\n")); status == 0 || out != "" || !strings.HasPrefix(errs, "On line 2 of ") {
		t.Errorf("a missing resource: %d, %q, %q", status, out, errs) // it drops such a line
	}

	c.words("zoneadm -z s1 verify")
	c.words("zoneadm -z s1 install -x nodataset")
	uuid := saltZones(c)["s1"]["uuid"]
	if len(uuid) != 36 || strings.Index(uuid, "-") != 8 { // how it tells a UUID from a name
		t.Fatalf("the UUID is %q", uuid)
	}
	c.words("zoneadm -u " + uuid + " ready")
	c.is("ready", saltZones(c)["s1"]["state"], "ready")
	c.words("zoneadm -u " + uuid + " boot -- -m verbose -s")
	c.is("booted", saltZones(c)["s1"]["state"], "running")
	c.words("zoneadm -u " + uuid + " reboot")
	c.words("zoneadm -u " + uuid + " halt")
	if out, errs, status := c.call("", "zoneadm", "-z", "s1", "shutdown"); status != 1 || out != "" || errs != "zoneadm: zone 's1': not running\n" {
		t.Errorf("shutdown: %d, %q, %q", status, out, errs) // it shows what is behind "zoneadm: "
	}
	c.words("zonecfg -z s2 create -t s1 -F")
	c.must("zonecfg", "-z", "s2", "-f", c.file("set zonepath=/zones/s2\n"))
	c.words("zoneadm -z s2 clone s1")
	c.words("zoneadm -z s2 move " + c.machine + "/zones/s3")
	c.is("moved", saltZones(c)["s2"]["zonepath"], c.machine+"/zones/s3")
	c.words("zoneadm -z s1 detach")
	c.words("zoneadm -z s1 attach -F")
	path := filepath.Join(c.top, "exported")
	c.words("zonecfg -z s1 export -f " + path)
	for _, zone := range []string{"s1", "s2"} {
		c.words("zoneadm -z " + zone + " uninstall -F")
		c.words("zonecfg -z " + zone + " delete -F")
	}
	c.words("zonecfg -z s1 -f " + path)
	c.is("imported", saltZones(c)["s1"]["state"], "configured")
}

// puppetZone reads a line of list -p as Puppet does.
func puppetZone(line string) map[string]string {
	z := map[string]string{}
	for i, value := range strings.Split(line, ":") {
		if names := []string{"id", "name", "ensure", "path", "uuid", "brand", "iptype"}; i < len(names) {
			z[names[i]] = value
		}
	}
	return z
}

// TestClientPuppet: the provider of zone_core. Its configuration goes through a shell to the
// standard input of zonecfg -f -, with the two outputs as one.
func TestClientPuppet(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	flush := func(lines ...string) {
		t.Helper()
		text := strings.Join(append(lines, "commit", "exit"), "\n") + "\n"
		out, errs, status := c.call(text, "zonecfg", "-z", "p1", "-f", "-")
		if status != 0 || strings.Contains(out+errs, "not allowed") {
			t.Fatalf("%d: %s%s", status, out, errs)
		}
	}
	status := func() map[string]string {
		out, _, status := c.call("", "zoneadm", "-z", "p1", "list", "-p")
		if status != 0 {
			return nil
		}
		return puppetZone(strings.TrimSuffix(out, "\n"))
	}
	if z := status(); z != nil {
		t.Fatalf("the zone is %v", z)
	}
	flush("create -b ", "set ip-type=shared", "set autoboot=true", "set brand=sparse", "set zonepath=/zones/p1",
		"add rctl\nset name=zone.cpu-shares\nadd value (priv=privileged,limit=10,action=none)\nend",
		"add net\nset physical=lo0\nset address=192.0.2.1\nend")
	c.is("ensure", status()["ensure"], "configured")
	info := map[string]string{}
	plain, nested := regexp.MustCompile(`^(\S+):\s*(\S+)$`), regexp.MustCompile(`^\s+(\S+):\s*(.+)$`)
	for _, line := range strings.Split(c.must("zonecfg", "-z", "p1", "info"), "\n") {
		for _, form := range []*regexp.Regexp{plain, nested} {
			if m := form.FindStringSubmatch(line); m != nil {
				info[m[1]] = m[2]
			}
		}
	}
	for name, want := range map[string]string{"autoboot": "true", "ip-type": "shared", "zonepath": "/zones/p1", "physical": "lo0", "address": "192.0.2.1"} {
		c.is(name, info[name], want)
	}
	flush("set autoboot=false", "remove net address=192.0.2.1")
	c.must("zoneadm", "-z", "p1", "install")
	c.is("ensure", status()["ensure"], "installed")
	c.must("zoneadm", "-z", "p1", "boot")
	c.is("ensure", status()["ensure"], "running")
	found := false
	for line := range strings.Lines(c.must("zoneadm", "list", "-cp")) {
		z := puppetZone(strings.TrimSuffix(line, "\n"))
		found = found || z["name"] == "p1" && z["ensure"] == "running" && z["iptype"] == "shared"
	}
	if !found {
		t.Error("list -cp lacks the zone")
	}
	c.must("zoneadm", "-z", "p1", "halt")
	c.must("zoneadm", "-z", "p1", "uninstall", "-F")
	c.must("zonecfg", "-z", "p1", "delete", "-F")
	c.is("absent", status()["ensure"], "")
}

// TestClientZadm: zadm gives zonecfg its words one by one, with the equals sign and the
// semicolon as words of their own and each value in quotes.
func TestClientZadm(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	list := func() map[string]string {
		states := map[string]string{}
		for line := range strings.Lines(c.words("zoneadm list -cp")) {
			fields := strings.Split(strings.TrimSuffix(line, "\n"), ":")
			states[fields[1]] = fields[2]
		}
		return states
	}
	zonecfg := func(words ...string) {
		t.Helper()
		c.must(append([]string{"zonecfg", "-z", "d1"}, words...)...)
	}
	c.is("zonename", c.words("zonename"), "global\n")
	zonecfg("create", "-b", ";", "set", "zonename", "=", `"d1"`, ";", "set", "zonepath", "=", `"/zones/d1"`, ";",
		"set", "brand", "=", `"sparse"`, ";", "set", "ip-type", "=", `"exclusive"`, ";")
	zonecfg("add", "net", ";", "set", "physical", "=", `"d10"`, ";", "end")
	zonecfg("add", "attr", ";", "set", "name", "=", `"resolvers"`, ";", "set", "type", "=", `"string"`, ";", "set", "value", "=", `"192.0.2.1,192.0.2.2"`, ";", "end")
	zonecfg("set", "cpu-shares", "=", `"10"`)
	zonecfg("set", "fs-allowed", "=", `"ufs,pcfs"`)
	form := regexp.MustCompile(`^(\s+)?([^:]+):(?:\s+(.*))?$`)
	got := map[string]string{}
	resource := ""
	for line := range strings.Lines(c.words("zonecfg -z d1 info")) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasSuffix(line, "not specified") {
			continue
		}
		line = regexp.MustCompile(`^(\s*)\[(.*)\]\s*$`).ReplaceAllString(line, "$1$2")
		m := form.FindStringSubmatch(line)
		switch {
		case m == nil:
			t.Errorf("zadm can't read %q", line)
		case m[1] != "":
			got[resource+"."+m[2]] = m[3]
		default:
			resource = m[2]
			got[m[2]] = m[3]
		}
	}
	for name, want := range map[string]string{"zonename": "d1", "brand": "sparse", "ip-type": "exclusive", "cpu-shares": "10",
		"fs-allowed": "ufs,pcfs", "net.physical": "d10", "attr.name": "resolvers", "attr.value": `"192.0.2.1,192.0.2.2"`} {
		if strings.Trim(got[name], `"`) != strings.Trim(want, `"`) {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	zonecfg("remove", "-F", "attr")
	zonecfg("remove", "-F", "net")
	zonecfg("clear", "cpu-shares")
	zonecfg("set", "ip-type", "=", `"shared"`)
	c.words("zoneadm -z d1 install")
	c.words("zoneadm -z d1 boot")
	c.is("booted", list()["d1"], "running")
	c.words("zoneadm -z d1 halt")
	c.is("halted", list()["d1"], "installed")
	c.words("zoneadm -z d1 uninstall -F")
	c.words("zonecfg -z d1 delete -F")
	if _, found := list()["d1"]; found {
		t.Error("the zone is left")
	}
}

// TestClientOpenSVC: the driver of zones. It refuses a line of list -p with 8 fields, takes
// the rest of a line of info for the value, and clears the environment for zoneadm.
func TestClientOpenSVC(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	state := func() string {
		out, _, status := c.call("", "zoneadm", "-z", "o1", "list", "-p")
		if status != 0 {
			return ""
		}
		fields := strings.Split(strings.TrimSpace(out), ":")
		if !slices.Contains([]int{7, 9, 10}, len(fields)) {
			t.Fatalf("OpenSVC expects other numbers of fields than in %q", out)
		}
		if fields[1] != "o1" {
			return ""
		}
		return fields[2]
	}
	c.must("zonecfg", "-z", "o1", "create; set zonepath=/zones/o1")
	c.is("created", state(), "configured")
	c.must("zonecfg", "-z", "o1", "set brand=sparse; set ip-type=exclusive")
	if _, _, status := c.call("", "zonecfg", "-z", "o1", "select net physical=o10; info; end"); status == 0 {
		t.Error("a missing net is selected")
	}
	c.must("zonecfg", "-z", "o1", "add net; set physical=o10; end")
	c.must("zonecfg", "-z", "o1", "select net physical=o10; info; end")
	c.must("zonecfg", "-z", "o1", "remove net; set ip-type=shared; add capped-memory; set physical=1G; end; set cpu-shares=2")
	c.is("zonepath", strings.TrimSpace(strings.ReplaceAll(c.words("zonecfg -z o1 info zonepath"), "zonepath: ", "")), "/zones/o1")
	memory := ""
	for line := range strings.Lines(c.words("zonecfg -z o1 info capped-memory")) {
		if _, value, found := strings.Cut(line, ": "); found && strings.Contains(line, "physical:") {
			memory = strings.TrimSpace(value)
		}
	}
	c.is("memory", memory, "1G")
	c.words("zonecfg -z o1 info rctl name=zone.cpu-cap")
	cfg := filepath.Join(c.top, "o1.cfg")
	c.words("zonecfg -z o1 export -f " + cfg)
	text, err := os.ReadFile(cfg)
	if err != nil || !strings.Contains(string(text), "set zonepath=/zones/o1\n") {
		t.Errorf("exported: %q (%v)", text, err)
	}
	c.words("zoneadm -z o1 install")

	adm := *c
	adm.env = c.bare()
	adm.words("zoneadm -z o1 ready")
	c.is("ready", state(), "ready")
	adm.words("zoneadm -z o1 boot")
	c.is("booted", state(), "running")
	c.words("zlogin o1 pwd")
	adm.words("zoneadm -z o1 halt")
	adm.words("zoneadm -z o1 detach")
	c.is("detached", state(), "configured")
	c.words("zonecfg -z o1 delete -F")
	c.is("deleted", state(), "")
	c.must("zonecfg", "-z", "o1", "-f", cfg)
	// The first try is with options that only one of the systems has, the second by force.
	if _, _, status := c.call("", "zoneadm", "-z", "o1", "attach", "-x", "deny-zbe-clone"); status != 0 {
		adm.words("zoneadm -z o1 attach -x deny-zbe-clone -F")
	}
	c.is("attached", state(), "installed")
	c.words("zoneadm -z o1 uninstall -F")
}

// TestClientRust: the crate zone gives each command of zonecfg as a word, with semicolons
// between them, to commands in an empty environment.
func TestClientRust(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.env = c.bare()
	config := func(commands ...string) {
		t.Helper()
		argv := []string{"zonecfg", "-z", "r1"}
		for i, command := range commands {
			if i > 0 {
				argv = append(argv, ";")
			}
			argv = append(argv, command)
		}
		c.must(argv...)
	}
	list := func() map[string]string {
		states := map[string]string{}
		for _, line := range strings.Split(strings.TrimSpace(c.words("zoneadm list -cip")), "\n") {
			fields := strings.Split(line, ":")
			if len(fields) < 7 || !slices.Contains([]string{"shared", "excl"}, fields[6]) ||
				!slices.Contains([]string{"configured", "incomplete", "installed", "ready", "mounted", "running", "shutting_down", "down"}, fields[2]) {
				t.Fatalf("the crate can't parse %q", line)
			}
			states[fields[1]] = fields[2]
		}
		return states
	}
	c.is("zonename", strings.TrimSpace(c.words("zonename")), "global")
	config("create -F -b", "set zonepath=/zones/r1", "set autoboot=false", "set brand=sparse", "set limitpriv=default",
		"add fs", "set type=lofs", "set dir=/opt/x", "set special=/usr/share/common-licenses", "set options=[ro,nodevices]", "end",
		"add attr", "set name=my-attr", "set type=string", "set value=hello", "end")
	config("clear hostid", "select attr name=my-attr", "set type=uint", "set value=5", "end")
	config("create -F ", "set brand=sparse", "set zonepath=/zones/r1") // Default has a blank behind it
	c.is("created", list()["r1"], "configured")
	c.must("zoneadm", "-z", "r1", "install")
	c.must("zoneadm", "-z", "r1", "boot")
	c.is("booted", list()["r1"], "running")
	c.is("zlogin", c.must("zlogin", "-Q", "r1", "echo one; echo two"), "one\ntwo\n")
	if _, errs, status := c.call("", "zlogin", "-Q", "r1", "echo why >&2; exit 3"); status != 3 || errs != "why\n" {
		t.Errorf("zlogin exits with %d: %q", status, errs)
	}
	c.must("zoneadm", "-z", "r1", "halt")
	c.must("zoneadm", "-z", "r1", "uninstall", "-F")
	config("export -f " + filepath.Join(c.top, "exported"))
	config("delete -F")
	if _, found := list()["r1"]; found {
		t.Error("the zone is left")
	}
	archive := filepath.Join(c.top, "box.tar")
	if out, err := exec.Command("tar", "-C", c.system, "-cf", archive, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	config("create -b", "set brand=tar", "set zonepath=/zones/r1")
	c.must("zoneadm", "-z", "r1", "install", "-a "+archive) // brand options in one word
	c.is("installed", list()["r1"], "installed")
	c.must("zoneadm", "-z", "r1", "uninstall", "-F")
}

// telegrafZones reads list -cp as telegraf's plugin for zones does: lines that don't have 8
// fields are dropped without a word.
func telegrafZones(text string) map[string]string {
	states := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		fields := strings.Split(line, ":")
		if len(fields) != 8 {
			continue
		}
		if _, err := strconv.Atoi(fields[7]); err == nil {
			states[fields[1]] = fields[2] + " " + fields[5] + " " + fields[6]
		}
	}
	return states
}

// TestClientTelegraf: the plugin wants an eighth field, which its service asks for by a
// variable.
func TestClientTelegraf(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	if zones := telegrafZones(c.words("zoneadm list -cp")); len(zones) != 0 {
		t.Errorf("7 fields do, too: %v", zones)
	}
	c.env = append(c.bare(), "ZONES_LIST_FIELDS=8")
	c.is("web", telegrafZones(c.words("zoneadm list -cp"))["web"], "installed sparse shared")
	c.env = append(c.bare(), "ZONES_LIST_FIELDS=9")
	if _, errs, status := c.call("", "zoneadm", "list", "-cp"); status != 2 || !strings.Contains(errs, "ZONES_LIST_FIELDS is '9'") {
		t.Errorf("%d: %q", status, errs)
	}
}
