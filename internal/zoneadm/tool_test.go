package zoneadm

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// bench is a tool with a machine of its own: a store below a temporary directory, a
// kernel with the given zones, a brand whose hooks record how they were called, and a
// zoneadmd that answers from its table of states.
type bench struct {
	*Tool
	t        *testing.T
	dir      string // of the store, and of the brand
	kernel   *told
	out, err bytes.Buffer
	mu       sync.Mutex // guards asked
	asked    []string   // the requests that the zoneadmd received
}

const usualID = "0a1b2c3d-1111-4222-8333-444455556666"

func newBench(t *testing.T) *bench {
	t.Helper()
	dir, err := filepath.EvalSymlinks(testenv.MemoryDir(t)) // a store syncs its files
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, dir: dir, kernel: &told{zones: []toldZone{{0, "global", zone.StatusRunning, 0}}}}
	for _, directory := range []string{"etc/zones", "z", "b", "brands/ipkg", "run"} {
		if err := os.MkdirAll(filepath.Join(dir, directory), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "etc/zones/index"), "global:installed:/:\n")
	b.Tool = &Tool{
		Machine: &Machine{
			Kernel: b.kernel, Store: zonecfg.Open(dir, filepath.Join(dir, "run")), Daemon: b,
			RunDir: filepath.Join(dir, "run"), Brands: filepath.Join(dir, "brands"), Owner: uint32(os.Geteuid()),
			Caller: Caller{Name: "root", Global: true, Privileged: true, Authorized: func(string) bool { return true }},
			Mounts: func() ([]mount.Entry, error) { return []mount.Entry{{Point: "/", FSType: "ufs"}}, nil },
		},
		Prog: "zoneadm", Dir: dir, Out: &b.out, Err: &b.err,
	}
	b.brand(map[string]string{"install": "/b/install %z %R"}, nil)
	return b
}

// brand describes the brand of the bench's zones. Each hook whose program is in /b
// gets a program that records its command line and exits with the status given for its
// name.
func (b *bench) brand(hooks map[string]string, status map[string]int) {
	b.t.Helper()
	text := `<?xml version="1.0"?><brand name="ipkg"><initname>/sbin/init</initname><installopts>a:u</installopts>`
	for hook, command := range hooks {
		program := strings.TrimPrefix(strings.Fields(command)[0], "/b/")
		path := filepath.Join(b.dir, "b", program)
		script := fmt.Sprintf("#!/bin/sh\necho \"exec $0 $*\" >>%s/calls\nexit %d\n", b.dir, status[hook])
		if err := testenv.WriteProgram(path, []byte(script), 0o755); err != nil {
			b.t.Fatal(err)
		}
		text += fmt.Sprintf("<%s>%s</%s>", hook, strings.Replace(command, "/b/", b.dir+"/b/", 1), hook)
	}
	write(b.t, filepath.Join(b.Brands, "ipkg/config.xml"), text+"</brand>")
	write(b.t, filepath.Join(b.Brands, "ipkg/platform.xml"), `<platform name="ipkg" allow-exclusive-ip="true"/>`)
}

// calls returns the command lines of the hooks that ran, without the bench's
// directory.
func (b *bench) calls() []string {
	text, err := os.ReadFile(filepath.Join(b.dir, "calls"))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), b.dir, ""), "\n"), "\n")
}

// active are the states that the kernel has, with their representation in the kernel.
var active = map[string]struct {
	status zone.Status
	root   string
}{
	"ready": {zone.StatusReady, "root"}, "running": {zone.StatusRunning, "root"}, "shutting_down": {zone.StatusShuttingDown, "root"},
	"down": {zone.StatusDown, "root"}, "mounted": {zone.StatusReady, "lu"},
}

// zone makes a zone in a state.
func (b *bench) zone(name, state string) {
	b.t.Helper()
	onDisk := state
	if a, ok := active[state]; ok {
		onDisk = "installed"
		path := filepath.Join(b.dir, "z", name, a.root)
		b.kernel.zones = append(b.kernel.zones, toldZone{zone.ID(len(b.kernel.zones)), name, a.status, 0})
		if b.kernel.roots == nil {
			b.kernel.roots = map[string]string{}
		}
		b.kernel.roots[name] = path
	}
	id := usualID
	if onDisk == "configured" {
		id = ""
	}
	index := filepath.Join(b.dir, "etc/zones/index")
	text, err := os.ReadFile(index)
	if err != nil {
		b.t.Fatal(err)
	}
	write(b.t, index, fmt.Sprintf("%s%s:%s:/z/%s:%s\n", text, name, onDisk, name, id))
	b.configure(b.t, name, "/z/"+name, "ipkg", "shared")
	if onDisk == "configured" {
		return
	}
	for _, directory := range []string{"", "root"} {
		if err := os.Mkdir(filepath.Join(b.dir, "z", name, directory), 0o700); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(b.dir, "z", name, "root"), 0o755); err != nil {
		b.t.Fatal(err)
	}
}

// state returns the zone's index entry.
func (b *bench) state(name string) zonecfg.Entry {
	b.t.Helper()
	e, err := b.Store.Entry(name)
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// do runs a command line and returns the exit status and what was printed.
func (b *bench) do(line string) (status int, out, errs []string) {
	b.out.Reset()
	b.err.Reset()
	status = b.Run(strings.Fields(line))
	return status, lines(b.out.String()), lines(strings.ReplaceAll(b.err.String(), b.dir, ""))
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// Request is the zoneadmd of every zone: it answers by state and changes nothing.
func (b *bench) Request(name string, r zone.CommandRequest) (zone.CommandReply, error) {
	b.mu.Lock()
	b.asked = append(b.asked, fmt.Sprintf("%s %s %q", name, r.Command, r.BootArgs))
	b.mu.Unlock()
	state, _, err := b.On(name, Observer{}).stateOf(name)
	if err != nil {
		return zone.CommandReply{}, err
	}
	invalid := zone.CommandReply{Result: -1, Text: fmt.Sprintf("%s operation is invalid for zones in state '%s'\n", r.Command, state)}
	switch {
	case state == zonecfg.Mounted || state < zonecfg.Installed && r.Command != zone.CommandForceBoot:
		return invalid, nil
	case r.Command == zone.CommandBoot && state > zonecfg.Ready:
		return zone.CommandReply{Text: "zone is already booted\n"}, nil
	case r.Command == zone.CommandHalt && state == zonecfg.Installed:
		return zone.CommandReply{Text: "zone is already halted\n"}, nil
	}
	return zone.CommandReply{}, nil
}

func (b *bench) Notify(name string, r zone.CommandRequest) {
	b.asked = append(b.asked, fmt.Sprintf("%s %s", name, r.Command))
}

func (k *told) root(name string) []byte {
	if path, ok := k.roots[name]; ok {
		return append([]byte(path), 0)
	}
	return []byte("/z/root\x00")
}

func (k *told) uniqid(id zone.ID) []byte {
	return binary.LittleEndian.AppendUint64(nil, uint64(id)+100)
}

// lineCase is a case about a command line.
type lineCase struct {
	ID, Area, Do string
	Given        struct {
		Zone    string
		State   string
		Zones   []string
		Caller  string
		Source  string
		Index   []string
		Install int     `json:"install hook exits"`
		Remove  int     `json:"uninstall hook exits"`
		Detach  int     `json:"detach hook exits"`
		Clone   int     `json:"clone hook exits"`
		Text    string  `json:"install hook text"`
		Removes string  `json:"uninstall hook text"`
		Leaves  string  `json:"detach hook text"`
		Verify  string  `json:"verify_adm text"`
		Kernel  [][]any // the bench's kernel has the active ones of the index
		Path    string  `json:"zonepath"`    // always the bench's
		Options string  `json:"installopts"` // always the bench's
		Hook    string  `json:"hook_text"`   // of cases for package brand
	}
	Expect struct {
		Stdout         []string
		Stderr         *[]string
		StderrContains string `json:"stderr_contains"`
		Exit           *int
		StateAfter     string `json:"state_after"`
		HookCommand    string `json:"hook_command"`
		Lock           string
		Then           string
	}
}

// plain fails the test if what a case is given is said in words that given doesn't know.
func (c *lineCase) plain(t *testing.T) {
	t.Helper()
	known := func(text, form string) {
		if !regexp.MustCompile(`^(` + form + `)?$`).MatchString(text) {
			t.Fatalf("the test doesn't know what is given: %q", text)
		}
	}
	const one = `[a-z0-9]+( \(?(configured|incomplete|installed)\)?)?(, same brand)?`
	for _, text := range append([]string{c.Given.Zone, c.Given.Source}, c.Given.Zones...) {
		known(text, one+`(; `+one+`)*`)
	}
	known(c.Given.State, `configured|incomplete|installed|ready|running|shutting_down|down|mounted`)
	known(c.Given.Caller, `root(, global zone| inside zone z1)?|unprivileged (user )?bob(, global zone)?|all privileges, real user bob without the authorization`)
	known(c.Given.Path, `/z/z1`)
	known(c.Given.Options, `a:u`)
}

// given sets up the zones described by a case: "z1 configured; src incomplete, same
// brand".
func (b *bench) given(c *lineCase) {
	c.plain(b.t)
	made := map[string]bool{"global": true, "": true}
	add := func(name, state string) {
		if !made[name] {
			made[name] = true
			b.zone(name, state)
		}
	}
	words := func(text string) (name, state string) {
		fields := strings.Fields(strings.NewReplacer(",", " ", "(", " ", ")", " ").Replace(text))
		state = "installed"
		if len(fields) > 1 && slices.Contains([]string{"configured", "incomplete", "installed"}, fields[1]) {
			state = fields[1]
		}
		return append(fields, "")[0], state
	}
	for _, text := range append(strings.Split(c.Given.Zone, ";"), append(c.Given.Zones, c.Given.Source)...) {
		name, state := words(text)
		if c.Given.State != "" && name == "z1" {
			state = c.Given.State
		}
		add(name, state)
	}
	if c.Given.State != "" {
		add("z1", c.Given.State)
	}
	for _, line := range c.Given.Index {
		name, rest, _ := strings.Cut(line, ":")
		state, _, _ := strings.Cut(rest, ":")
		add(name, state)
	}
	if strings.Contains(c.Do, "clone src") {
		add("src", "installed")
	}
	caller := c.Given.Caller
	b.Caller.Privileged = !strings.Contains(caller, "unprivileged")
	if strings.Contains(caller, "bob") {
		b.Caller.Name = "bob"
	}
	if strings.Contains(caller, "without the authorization") {
		b.Caller.Authorized = func(string) bool { return false }
	}
	if strings.HasPrefix(caller, "root inside") {
		b.Caller.Global, b.Inside = false, true
		b.kernel.zones = append(b.kernel.zones, toldZone{1, "z1", zone.StatusRunning, 0})
	}
	hooks, status := map[string]string{"install": "/b/install %z %R"}, map[string]int{}
	for hook, given := range map[string]struct {
		text   string
		status int
	}{
		"install": {c.Given.Text, c.Given.Install}, "uninstall": {c.Given.Removes, c.Given.Remove},
		"detach": {c.Given.Leaves, c.Given.Detach}, "clone": {"", c.Given.Clone}, "verify_adm": {c.Given.Verify, 0},
	} {
		if given.text == "" && given.status == 0 {
			continue
		}
		hooks[hook], status[hook] = given.text, given.status
		if given.text == "" {
			hooks[hook] = "/b/" + hook + " %z %R"
		}
	}
	b.brand(hooks, status)
}

func TestSpecCommandLines(t *testing.T) {
	t.Parallel()
	cases := spectest.Cases[lineCase](t, "cases-zoneadm.json", "gate", "global-options", "uuid-option", "state-verb", "brand-hook", "list-select")
	for _, c := range cases {
		if c.Do == "substitute tokens" || c.Area == "list-select" && *c.Expect.Exit == 0 {
			continue // in the tests of package brand, and in TestSpecSelection
		}
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.given(&c)
			if strings.Contains(c.Do, "-R /mnt") {
				c.Do = strings.Replace(c.Do, "/mnt", b.dir, 1) // which has the same zones
			}
			status, out, errs := b.do(c.Do)
			if c.Expect.Exit != nil && status != *c.Expect.Exit {
				t.Errorf("exit status %d, want %d: %q", status, *c.Expect.Exit, errs)
			}
			if c.Expect.Stderr != nil && !slices.Equal(errs, *c.Expect.Stderr) {
				t.Errorf("stderr %q\nwant   %q", errs, *c.Expect.Stderr)
			}
			if !strings.Contains(strings.Join(errs, "\n"), c.Expect.StderrContains) {
				t.Errorf("stderr %q has no %q", errs, c.Expect.StderrContains)
			}
			if c.Expect.Stdout != nil && !slices.Equal(out, c.Expect.Stdout) {
				t.Errorf("stdout %q, want %q", out, c.Expect.Stdout)
			}
			if want := c.Expect.StateAfter; want != "" && b.state("z1").State.String() != want {
				t.Errorf("state %s, want %s", b.state("z1").State, want)
			}
			if want := c.Expect.HookCommand; want != "" && !slices.Contains(b.calls(), want) {
				t.Errorf("hooks %q, want %q", b.calls(), want)
			}
			if c.Expect.Lock == "not taken" {
				if _, err := os.Stat(filepath.Join(b.RunDir, "z1.zoneadm.lock")); err == nil {
					t.Error("the lock was taken")
				}
			}
			if c.Expect.Then != "" {
				if e := b.state("z1"); e.State != zonecfg.Incomplete || e.UUID.String() == usualID {
					t.Errorf("then %+v, want %s", e, c.Expect.Then)
				}
			}
		})
	}
}

func TestIgnoredLines(t *testing.T) {
	b := newBench(t)
	b.Store.Warn = b.ignored
	index := filepath.Join(b.dir, "etc/zones/index")
	write(t, index, "global:installed:/:\nz1:halfway:/z/z1:\n")
	status := b.Run([]string{"list", "-c"})
	want := "zoneadm: " + index + `:2: there is no state "halfway": "z1:halfway:/z/z1:" is ignored` + "\n"
	if b.err.String() != want || status != ExitOK {
		t.Errorf("status %d: %s, want %s", status, b.err.String(), want)
	}
}

// TestZonesNames: names that a zone's root has chosen don't reach the terminal as they are.
func TestZonesNames(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	b.zone("z2", "configured")
	b.Mounts = func() ([]mount.Entry, error) {
		return []mount.Entry{{Point: "/", FSType: "ufs"}, {Point: filepath.Join(b.dir, "z/z1/root/a\x1b[31m\u202eb"), FSType: "ufs"}}, nil
	}
	for _, line := range []string{"-z z1 uninstall -F", "-z z2 clone z1", "-z z1 move /z/z3", "-z z1 detach"} {
		status, _, errs := b.do(line)
		if text := strings.Join(errs, "\n"); status != 1 || !strings.Contains(text, `/root/a\x1b[31m\u202eb`) || strings.ContainsAny(text, "\x1b\u202e") {
			t.Errorf("%s: %d, %q", line, status, errs)
		}
	}
	path := filepath.Join(b.dir, "z/z1/root/a\x1b[31m\nb")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	holder := exec.Command("cat") // until its input is closed
	holder.ExtraFiles = []*os.File{file}
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	defer holder.Wait()
	defer in.Close()
	b.Mounts = nil
	_, out, _ := b.do("-z z1 holds")
	text := strings.Join(out, "\n")
	if runtime.GOOS == "linux" && !strings.Contains(text, `/root/a\x1b[31m\nb`) || strings.Contains(text, "\x1b") {
		t.Errorf("%q", out)
	}
}
