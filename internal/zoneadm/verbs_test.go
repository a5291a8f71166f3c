package zoneadm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

func TestSpecBootArguments(t *testing.T) {
	type bootCase struct {
		ID, Do string
		Given  struct {
			State string
		} `spec:"some"` // others are of zoneadmd
		Expect struct {
			Request string `json:"request_string"`
			Stderr  []string
			Exit    int
		}
	}
	ran := 0
	for _, c := range spectest.Cases[bootCase](t, "cases-zoneadm.json", "bootargs") {
		line, ok := strings.CutPrefix(c.Do, "zoneadm: ")
		if !ok {
			continue // of zoneadmd
		}
		ran++
		t.Run(c.ID, func(t *testing.T) {
			line = strings.Replace(line, "with one operand of 256 characters", strings.Repeat("x", 256), 1)
			state := "installed"
			if strings.HasPrefix(line, "reboot") {
				state = "running"
			}
			b := newBench(t)
			b.zone("z1", state)
			status, _, errs := b.do("-z z1 " + line)
			if status != c.Expect.Exit || !slices.Equal(errs, c.Expect.Stderr) {
				t.Errorf("exit status %d, want %d; stderr %q, want %q", status, c.Expect.Exit, errs, c.Expect.Stderr)
			}
			if c.Expect.Request == "" {
				if len(b.asked) > 0 {
					t.Errorf("zoneadmd was asked: %q", b.asked)
				}
				return
			}
			if want := " \"" + c.Expect.Request + "\""; len(b.asked) != 1 || !strings.HasSuffix(b.asked[0], want) {
				t.Errorf("zoneadmd was asked %q, want %s", b.asked, want)
			}
		})
	}
	if ran == 0 {
		t.Error("no cases")
	}
}

// lineTest is a command line on a machine with z1 in a state, and its result.
type lineTest struct {
	name, state, line string
	status            int
	errs              []string // nil: not checked
	asked             []string
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	short := []string{"usage:\tzoneadm help", "\tzoneadm [-z <zone>] [-u <uuid-match>] list", "\tzoneadm {-z <zone>|-u <uuid-match>} <subcommand>"}
	for _, test := range []lineTest{
		{"the same -z twice", "installed", "-z z1 -z z1 boot", 0, nil, []string{`z1 boot ""`}},
		{"letters glued to arguments", "installed", "-zz1 boot -fs", 0, nil, []string{`z1 forceboot "-s"`}},
		{"two dashes end the options", "installed", "-z z1 boot -- -m verbose", 0, nil, []string{`z1 boot "-m verbose"`}},
		{"an id of an active zone is accepted and then has no file", "running", "-z 0x1 boot", 1, []string{"zoneadm: zone '0x1': missing or invalid brand"}, nil},
		{"an id of none isn't", "installed", "-z 0b1 boot", 1, []string{"zoneadm: 0b1: No such zone configured"}, nil},
		{"a UUID wins over a name", "installed", "-z nosuch -u " + usualID + " boot", 0, nil, []string{`z1 boot ""`}},
		{"a UUID in capitals", "installed", "-u " + strings.ToUpper(usualID) + " boot", 0, nil, []string{`z1 boot ""`}},
		{"an empty UUID is none", "installed", "-u  -z z1 boot", 1, nil, nil},
		{"a UUID that isn't one", "installed", "-u 12 -z z1 boot", 1, []string{"zoneadm: zone 'z1': illegal UUID value specified"}, nil},
		{"the nil UUID matches nothing", "installed", "-u 00000000-0000-0000-0000-000000000000 halt", 1, []string{"zoneadm: no zone specified"}, nil},
		{"a verb must be whole", "installed", "-z z1 boo", 2, nil, nil},
		{"and is looked for last", "installed", "-z z2 boo", 1, []string{"zoneadm: z2: No such zone configured"}, nil},
		{"an unknown option of a verb", "installed", "-z z1 ready -x", 2, []string{"zoneadm: illegal option -- x", "usage:\tready", "\t" + lookupCommand("ready").about}, nil},
		{"a question to a verb", "installed", "-z z1 ready -?", 0, []string{"usage:\tready", "\t" + lookupCommand("ready").about}, nil},
		{"operands that a verb hasn't", "installed", "-z z1 halt now", 2, nil, nil},
		{"a root that isn't there", "installed", "-R /nosuch/root list", 1, []string{"zoneadm: root path must be a directory."}, nil},
		{"the root / is none", "installed", "-R / -z z1 boot", 0, nil, []string{`z1 boot ""`}},
		{"JSON where there is none", "installed", "--json -z z1 boot", 2, nil, nil},
		{"the usage names hidden verbs nowhere", "installed", "help sysboot", 2, []string{"usage:\thelp", "\t" + lookupCommand("help").about}, nil},
		{"mark without -F", "installed", "-z z1 mark configured", 2, []string{}, nil},
		{"mark nothing", "installed", "-z z1 mark", 2, []string{}, nil},
		{"mount takes no operand", "installed", "-z z1 mount x", 2, []string{}, nil},
		{"mount", "installed", "-z z1 mount", 0, []string{}, []string{`z1 mount ""`}},
		{"apply is for the global zone", "installed", "-z z1 apply", 2, nil, nil},
		{"sysboot without a hook", "installed", "-z z1 sysboot", 0, []string{}, nil},
		{"shutdown and boot again", "running", "-z z1 shutdown -r -- -s", 0, nil, []string{`z1 shutdown ""`, `z1 boot "-s"`}},
		{"operands of shutdown without -r", "running", "-z z1 shutdown -- -s", 0, []string{}, []string{`z1 shutdown ""`}},
		{"ready", "installed", "-z z1 ready", 0, []string{}, []string{`z1 ready ""`}},
		{"halt of what is halted", "installed", "-z z1 halt", 0, []string{"zone 'z1': zone is already halted"}, []string{`z1 halt ""`}},
		{"boot of what is only configured", "configured", "-z z1 boot", 1, []string{"zoneadm: zone 'z1': must be installed before boot."}, nil},
		{"-u twice", "installed", "-u 12 -u " + usualID + " ready", 0, nil, []string{`z1 ready ""`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", test.state)
			status, _, errs := b.do(test.line)
			if status != test.status || !slices.Equal(b.asked, test.asked) {
				t.Errorf("exit status %d, want %d; asked %q, want %q; %q", status, test.status, b.asked, test.asked, errs)
			}
			if test.errs != nil && !slices.Equal(errs, test.errs) {
				t.Errorf("stderr %q, want %q", errs, test.errs)
			}
		})
	}
	t.Run("no verb", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		status, out, errs := b.do("")
		if status != 2 || len(out) > 0 || len(errs) < 3 || !slices.Equal(errs[:3], short) || !slices.Contains(errs, "host [--json]") {
			t.Errorf("exit status %d, %q, %q", status, out, errs)
		}
	})
	t.Run("a question before the verb", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		status, out, errs := b.do("-? list")
		if status != 2 || len(errs) > 0 || !slices.Equal(out[:3], short) {
			t.Errorf("exit status %d, %q, %q", status, out, errs)
		}
		for _, line := range out {
			if strings.HasPrefix(line, "mount") || strings.HasPrefix(line, "sysboot") {
				t.Errorf("help has %q", line)
			}
		}
	})
}

// TestNoKernelForNothing: command lines that need no kernel start none.
func TestNoKernelForNothing(t *testing.T) {
	for _, line := range []string{"", "help", "help boot", "-? list", "nosuchverb", "-R relative list"} {
		b := newBench(t)
		b.Kernel = nil
		b.Connect = func() (zone.Kernel, error) {
			t.Errorf("%q: the kernel was opened", line)
			return nil, os.ErrPermission
		}
		b.do(line)
	}
}

// TestBrokenFile: the message names file and line, in one line, and nothing changes.
func TestBrokenFile(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "running")
	b.zone("z2", "installed")
	for _, name := range []string{"z1", "z2"} {
		write(t, filepath.Join(b.dir, "etc/zones", name+".xml"), "<zone name=\"z1\"\nautoboot=maybe/>")
	}
	for name, want := range map[string]string{
		"z1": "zoneadm: zone 'z1': missing or invalid brand (Invalid document: /etc/zones/z1.xml:",
		"z2": "zoneadm: z2: No such zone configured (Invalid document: /etc/zones/z2.xml:",
	} {
		status, _, errs := b.do("-z " + name + " halt")
		if status != 1 || len(errs) != 1 || !strings.HasPrefix(errs[0], want) || len(b.asked) > 0 {
			t.Errorf("exit status %d, %q", status, errs)
		}
	}
	status, out, errs := b.do("list -i")
	if status != 0 || !slices.Equal(out, []string{"global"}) || len(errs) != 2 || !strings.Contains(errs[0], "z1.xml:") {
		t.Errorf("list: %d, %q, %q", status, out, errs)
	}
}

func TestJSON(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "running")
	b.zone("z2", "configured")
	for line, want := range map[string][]string{"list --json": {"global", "z1"}, "--json list -c": {"global", "z1", "z2"}, "-z z1 list --json": {"z1"}} {
		status, out, errs := b.do(line)
		var zones []struct {
			ID          *int
			Name, State string
		}
		if err := json.Unmarshal([]byte(strings.Join(out, "\n")), &zones); err != nil || status != 0 || len(errs) > 0 {
			t.Fatalf("%s: %d, %v, %q, %q", line, status, err, out, errs)
		}
		var names []string
		for _, z := range zones {
			names = append(names, z.Name)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: %q, want %q", line, names, want)
		}
	}
}

// TestInside: a program in a zone sees only that zone, as the kernel describes it.
func TestInside(t *testing.T) {
	b := newBench(t)
	b.Inside, b.Caller.Global = true, false
	b.kernel.zones = []toldZone{{4, "z1", zone.StatusRunning, zone.FlagNetExcl}}
	write(t, filepath.Join(b.dir, "etc/zones/index"), "z1:installed:/:"+usualID+"\n")
	status, out, errs := b.do("list -cp")
	if want := "4:z1:running:/:" + usualID + ":ipkg:excl"; status != 0 || !slices.Equal(out, []string{want}) || len(errs) > 0 {
		t.Errorf("%d, %q, %q", status, out, errs)
	}
	if status, out, _ := b.do("-z z1 list"); status != 0 || !slices.Equal(out, []string{"z1"}) {
		t.Errorf("%d, %q", status, out)
	}
	if status, _, errs := b.do("-z other list"); status != 1 || !slices.Equal(errs, []string{"zoneadm: other: No such zone configured"}) {
		t.Errorf("%d, %q", status, errs)
	}
}

// TestInstallAndUninstall goes through the states of a zone of the brand sparse.
func TestInstallAndUninstall(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "configured")
	b.configure(t, "z1", "/z/z1", "sparse", "shared")
	root := filepath.Join(b.dir, "z/z1/root")
	if status, _, errs := b.do("-z z1 install"); status != 0 || b.state("z1").State != zonecfg.Installed {
		t.Fatalf("install: %d, %q", status, errs)
	}
	first := b.state("z1").UUID
	if info, err := os.Stat(filepath.Join(root, "etc")); err != nil || !info.IsDir() {
		t.Error(err)
	}
	if info, err := os.Stat(filepath.Dir(root)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	// Without a terminal and -F it doesn't ask and changes nothing.
	status, _, errs := b.do("-z z1 uninstall")
	if want := []string{"zoneadm: zone 'z1': Input not from terminal and -F not specified: uninstall not done."}; status != 1 || !slices.Equal(errs, want) {
		t.Errorf("uninstall: %d, %q", status, errs)
	}
	if status, _, errs := b.do("-z z1 uninstall -F"); status != 0 || b.state("z1").State != zonecfg.Configured {
		t.Errorf("uninstall: %d, %q", status, errs)
	}
	if _, err := os.Stat(filepath.Dir(root)); !os.IsNotExist(err) {
		t.Errorf("the zonepath is left: %v", err)
	}
	if !slices.Equal(b.asked, []string{"z1 note_uninstalling"}) {
		t.Errorf("zoneadmd received %q", b.asked)
	}
	// A file in the way may be someone's data: it stays, and so does the state.
	if err := os.MkdirAll(filepath.Join(root, "precious"), 0o755); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := b.do("-z z1 install"); status != 1 || b.state("z1").State != zonecfg.Configured {
		t.Errorf("install on top: %d, %q", status, errs)
	}
	if _, err := os.Stat(filepath.Join(root, "precious")); err != nil {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(root, "precious")); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := b.do("-z z1 install"); status != 0 || b.state("z1").UUID == first {
		t.Errorf("install again: %d, %q", status, errs)
	}
	// Files of the administrator next to the zone's own are kept.
	write(t, filepath.Join(b.dir, "z/z1/notes"), "")
	status, _, errs = b.do("-z z1 uninstall -F")
	if want := "WARNING: Unable to completely remove /z/z1"; status != 0 || len(errs) != 3 || errs[0] != want {
		t.Errorf("uninstall: %d, %q", status, errs)
	}
	if left, err := os.ReadDir(filepath.Join(b.dir, "z/z1")); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}

// TestFailedInstall: an archive that doesn't exist leaves no files behind.
func TestFailedInstall(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "configured")
	b.configure(t, "z1", "/z/z1", "tar", "shared")
	status, _, errs := b.do("-z z1 install -a nosuch.tar.gz")
	if status != 1 || len(errs) != 1 || !strings.Contains(errs[0], "/nosuch.tar.gz") || b.state("z1").State != zonecfg.Configured {
		t.Errorf("%d, %q", status, errs)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "z/z1")); !os.IsNotExist(err) {
		t.Error(err)
	}
	if status, _, errs := b.do("-z z1 install -q"); status != 2 || b.state("z1").State != zonecfg.Configured {
		t.Errorf("%d, %q", status, errs)
	}
}

// TestForeignBrand: a zone of a brand that only illumos has can be listed, marked and
// removed here, but neither installed nor booted.
func TestForeignBrand(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "configured")
	b.configure(t, "z1", "/z/z1", "lx", "shared")
	if status, out, errs := b.do("-z z1 list -p"); status != 0 || len(out) != 1 || len(errs) > 0 {
		t.Errorf("list: %d, %q, %q", status, out, errs)
	}
	status, _, errs := b.do("-z z1 install")
	if status != 1 || len(errs) != 1 || !strings.Contains(errs[0], "brand 'lx' exists only on illumos") || b.state("z1").State != zonecfg.Configured {
		t.Errorf("install: %d, %q", status, errs)
	}
	if status, _, errs := b.do("-z z1 mark -F installed"); status != 0 || len(errs) > 0 || b.state("z1").State != zonecfg.Installed {
		t.Errorf("mark: %d, %q", status, errs)
	}
	if status, _, errs := b.do("-z z1 boot"); status != 1 || len(b.asked) > 0 {
		t.Errorf("boot: %d, %q", status, errs)
	}
	if status, _, errs := b.do("-z z1 uninstall -F"); status != 0 || len(errs) > 0 || b.state("z1").State != zonecfg.Configured {
		t.Errorf("uninstall: %d, %q", status, errs)
	}
}

func TestClone(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "configured")
	b.zone("src", "installed")
	source := filepath.Join(b.dir, "z/src/root")
	write(t, filepath.Join(source, "a"), "text")
	if err := os.Chmod(filepath.Join(source, "a"), 0o750|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(source, "a"), filepath.Join(source, "b")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../../etc", filepath.Join(source, "link")); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := b.do("-z z1 clone -m move src"); status != 1 || b.state("z1").State != zonecfg.Incomplete || len(errs) != 2 {
		t.Errorf("clone by a method that there isn't: %d, %q", status, errs)
	}
	b.do("-z z1 uninstall -F")
	status, out, errs := b.do("-z z1 clone src")
	if want := "Copying " + b.dir + "/z/src..."; status != 0 || !slices.Equal(out, []string{want}) || len(errs) > 0 || b.state("z1").State != zonecfg.Installed {
		t.Fatalf("clone: %d, %q, %q", status, out, errs)
	}
	copied := filepath.Join(b.dir, "z/z1/root")
	a, err := os.Stat(filepath.Join(copied, "a"))
	if err != nil || a.Mode() != 0o750|os.ModeSetuid {
		t.Fatalf("%v, %v", a, err)
	}
	if other, err := os.Stat(filepath.Join(copied, "b")); err != nil || !os.SameFile(a, other) {
		t.Errorf("the names of one file: %v, %v", other, err)
	}
	if text, err := os.Readlink(filepath.Join(copied, "link")); err != nil || text != "../../../etc" {
		t.Errorf("%q, %v", text, err)
	}
	if original, err := os.Stat(filepath.Join(source, "a")); err != nil || os.SameFile(a, original) {
		t.Errorf("the copy is the original: %v", err)
	}
}

func TestMoveDetachAttach(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "installed")
	write(t, filepath.Join(b.dir, "z/z1/root/a"), "text")
	id := b.state("z1").UUID
	if err := os.MkdirAll(filepath.Join(b.dir, "z/full/x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := b.do("-z z1 move /z/full"); status != 1 || b.state("z1").Zonepath != "/z/z1" || !slices.Contains(errs, "could not move zone to /z/full: directory not empty") {
		t.Errorf("move onto something: %d, %q", status, errs)
	}
	if status, _, errs := b.do("-z z1 move /z/new"); status != 0 || b.state("z1").Zonepath != "/z/new" || b.state("z1").UUID != id || len(errs) > 0 {
		t.Fatalf("move: %d, %q, %+v", status, errs, b.state("z1"))
	}
	if z, err := b.Store.Load("z1"); err != nil || z.Zonepath != filepath.Join(b.dir, "z/new") {
		t.Errorf("%+v, %v", z, err)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "z/new/root/a")); err != nil {
		t.Error(err)
	}
	status, out, errs := b.do("-z z1 detach -n")
	if z, err := zonecfg.ParseXML([]byte(strings.Join(out, "\n"))); status != 0 || err != nil || z.Name != "z1" || len(errs) > 0 {
		t.Errorf("detach -n: %d, %v, %q", status, err, errs)
	}
	if status, _, errs := b.do("-z z1 detach"); status != 0 || b.state("z1").State != zonecfg.Configured || len(errs) > 0 {
		t.Fatalf("detach: %d, %q", status, errs)
	}
	manifest := filepath.Join(b.dir, "z/new", zonecfg.DetachedManifest)
	if info, err := os.Stat(manifest); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
	if status, _, errs := b.do("-z z1 attach -n " + manifest); status != 0 || len(errs) > 0 || b.state("z1").State != zonecfg.Configured {
		t.Errorf("attach -n: %d, %q", status, errs)
	}
	if status, _, errs := b.do("-z z1 attach -n nosuch"); status != 1 || !slices.Equal(errs, []string{"zoneadm: zone 'z1': could not open manifest path nosuch: No such file or directory"}) {
		t.Errorf("attach -n: %d, %q", status, errs)
	}
	if status, _, errs := b.do("-z z1 attach"); status != 0 || b.state("z1").State != zonecfg.Installed || len(errs) > 0 {
		t.Errorf("attach: %d, %q", status, errs)
	}
	if _, err := os.Stat(manifest); !os.IsNotExist(err) {
		t.Errorf("the manifest is left: %v", err)
	}
}

// TestArgumentsOfClients: programs give an empty word for no option, and several options in
// one word.
func TestArgumentsOfClients(t *testing.T) {
	for _, test := range []struct {
		name     string
		args     []string
		options  string
		operands []string
	}{
		{name: "an empty word", args: []string{""}},
		{name: "an empty word before an option", args: []string{"", "-a", "/x"}, options: "a=/x "},
		{name: "an option and its argument", args: []string{"-a /x"}, options: "a=/x "},
		{name: "two options in one word", args: []string{"-x nodataset -a /x"}, options: "x=nodataset a=/x "},
		{name: "a path with a blank", args: []string{"-a", "/my x"}, options: "a=/my x "},
		{name: "a path with a blank in the word", args: []string{"-a/my x"}, options: "a=/my x "},
		{name: "an operand", args: []string{"", "x", ""}, operands: []string{"x", ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			options, operands := takenApart(test.args, "?x:a:")
			var got string
			for _, o := range options {
				got += string(o.Letter) + "=" + o.Argument + " "
			}
			if got != test.options || !slices.Equal(operands, test.operands) {
				t.Errorf("options %q, operands %q", got, operands)
			}
		})
	}
}
