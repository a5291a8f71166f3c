package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/version"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/lang"
)

func TestInvocation(t *testing.T) {
	t.Parallel()
	const usage = "usage:\tzonecfg help\n\tzonecfg -z <zone>\t\t\t(interactive)\n\tzonecfg -z <zone> <command>\n\tzonecfg -z <zone> -f <command-file>\n"
	const made = "create; set zonepath=/zones/z1"
	for _, c := range []struct {
		name       string
		args       []string
		input      string
		out, errs  string // what is printed, or how it begins with ... at the end
		status     int
		afterwards string // pool
	}{
		{name: "nothing", args: nil, errs: usage + "Commands:\n...", status: 2},
		{name: "help", args: []string{"help", "usage"}, out: usage},
		{name: "help on an unknown subject", args: []string{"help", "me"}, errs: "Unknown help subject me.  ..."},
		{name: "a question mark", args: []string{"-?"}, out: usage + "Commands:\n...", status: 2},
		{name: "an unknown option", args: []string{"-x"}, errs: "zonecfg: illegal option -- x\n" + usage, status: 2},
		{name: "an unknown long option", args: []string{"--nothing"}, errs: "zonecfg: illegal option -- nothing\n" + usage, status: 2},
		{name: "words that begin with dashes", args: []string{"-z", "z1", "-- info"}, errs: "zonecfg: illegal option --  info\n" + usage, status: 2},
		{name: "letters that aren't ASCII", args: []string{"-z", "z1", "xé info zonename; é info zonename"}, out: "zonename: z1\nzonename: z1\n", errs: "syntax error at 'x'\n...", status: 1},
		{name: "long options", args: []string{"--zone", "z1", "--file=/none", "info", "zonename"}, out: "zonename: z1\n"},
		{name: "long options and letters", args: []string{"--zone=z2", "-zz1", "info zonename"}, out: "zonename: z1\n"},
		{name: "an argument is all behind its letter", args: []string{"-z=z1", "info"}, errs: "=z1: Bogus zone name\n...", status: 2},
		{name: "a long option without its argument", args: []string{"--zone"}, errs: "zonecfg: option requires an argument -- z\n" + usage, status: 2},
		{name: "an argument that a long option doesn't take", args: []string{"--running=x", "-z", "z1", "info"}, errs: "zonecfg: illegal option -- running=x\n" + usage, status: 2},
		{name: "a long option behind the words", args: []string{"-z", "z1", "info", "--zone"}, errs: "usage:\ninfo ...", status: 1},
		{name: "the usage by its name", args: []string{"--usage"}, out: usage + "Commands:\n...", status: 2},
		{name: "the help by its name", args: []string{"-z", "z1", "--help"}, out: "zonecfg-go makes, changes, ..."},
		{name: "the version", args: []string{"--version"}, out: version.Line("zonecfg-go") + "\n"},
		{name: "the version beside a zone", args: []string{"-z", "z1", "--version", "info"}, out: version.Line("zonecfg-go") + "\n"},
		{name: "the version as an argument", args: []string{"-z", "--version"}, errs: "--version: Bogus zone name\n...", status: 2},
		{name: "the version behind the words", args: []string{"-z", "z1", "info", "--version"}, errs: "usage:\ninfo ...", status: 1},
		{name: "no letter for the version", args: []string{"-v"}, errs: "zonecfg: illegal option -- v\n" + usage, status: 2},
		{name: "an unknown letter before a command of ours", args: []string{"-x", "diff", "z1", "z1"}, errs: "zonecfg: illegal option -- x\n" + usage, status: 2},
		{name: "a zone for diff", args: []string{"-z", "z1", "diff", "z1", "z1"}, errs: "zonecfg: diff has no use for -z; see 'zonecfg-go diff --help'\n", status: 2},
		{name: "a file for apply", args: []string{"-f", "/none", "apply", "z1"}, errs: "zonecfg: apply has no use for -f; see 'zonecfg-go apply --help'\n", status: 2},
		{name: "a running zone for apply", args: []string{"-rz", "z1", "apply", "z1"}, errs: "zonecfg: apply has no use for -r; see 'zonecfg-go apply --help'\n", status: 2},
		{name: "an option without its argument", args: []string{"-z", "z1", "-f"}, errs: "zonecfg: option requires an argument -- f\n" + usage, status: 2},
		{name: "the first thing that is wrong", args: []string{"-z", "a/b", "-x"}, errs: "a/b: Bogus zone name\n\n<zone> := ...", status: 2},
		{name: "a line of a file that was named before", args: []string{"-f", "script", "-z", "a/b"}, errs: "On line 0 of script:\na/b: Bogus zone name\n...", status: 2},
		{name: "a line of standard input that was named before", args: []string{"-f", "-", "-R", "x"}, errs: "On line 0:\nroot path must be absolute: x\n", status: 2},
		{name: "an empty name", args: []string{"-z", "", "info"}, errs: ": Bogus zone name\n\n<zone> := ...", status: 2},
		{name: "a file beside words is named and not read", args: []string{"-z", "z1", "-f", "/none", "set autoboot=x"}, errs: "On line 1 of /none:\nautoboot value must be 'true' or 'false'.\n", status: 1},
		{name: "no zone", args: []string{"info"}, errs: usage, status: 2},
		{name: "a bogus name", args: []string{"-z", "a/b", "info"}, errs: "a/b: Bogus zone name\n\n<zone> := ...", status: 2},
		{name: "a root that isn't absolute", args: []string{"-R", "x", "-z", "z1", "info"}, errs: "root path must be absolute: x\n", status: 2},
		{name: "a root without a name", args: []string{"-R", "", "-z", "z1", "info"}, errs: "root path must be absolute: \n", status: 2},
		{name: "a root that isn't there", args: []string{"-R", "/none", "-z", "z1", "info"}, errs: "root path must be a directory: /none\n", status: 2},
		{name: "words together", args: []string{"-z", "z1", "info", "zonename;", "info", "pool"}, out: "zonename: z1\npool: \n"},
		{name: "options behind the words belong to the language", args: []string{"-z", "z1", "remove", "-F", "attr"}, errs: "remove attr: No such entry\n", status: 1},
		{name: "a dash behind --", args: []string{"-z", "z1", "--", "info", "zonename"}, out: "zonename: z1\n"},
		{name: "words win over a file", args: []string{"-z", "z1", "-f", "/none", "info", "zonename"}, out: "zonename: z1\n"},
		{name: "a file that isn't there", args: []string{"-z", "z1", "-f", "/none"}, errs: "could not open file /none: No such file or directory\n", status: 1},
		{name: "a file without a name", args: []string{"-z", "z1", "-f", ""}, input: "set pool=p\n", errs: "could not open file : No such file or directory\n", status: 1},
		{name: "a line of a file without a name", args: []string{"-f", "", "-z", "a/b"}, errs: "On line 0 of :\na/b: Bogus zone name\n...", status: 2},
		{name: "the last of several zones", args: []string{"-z", "global", "-z", "z1", "set zonepath=/zones/z1; info zonename"}, out: "zonename: z1\n"},
		{name: "a directory for a file", args: []string{"-z", "z1", "-f", "/"}, errs: "/ is not a regular file.\n", status: 1},
		{name: "standard input", args: []string{"-z", "z1"}, input: "set pool=p\ninfo pool\n", out: "pool: p\n", afterwards: "p"},
		{name: "standard input goes on after a mistake", args: []string{"-z", "z1"}, input: "set autoboot=x\nset pool=p\n", errs: "autoboot value must be 'true' or 'false'.\n", status: 1, afterwards: "p"},
		{name: "standard input by its name has lines", args: []string{"-z", "z1", "-f", "-"}, input: "set pool=p\nset autoboot=x\n", errs: "On line 2:\nautoboot value must be 'true' or 'false'.\n", status: 1, afterwards: "p"},
		{name: "a question that nobody answers", args: []string{"-z", "z1"}, input: "delete\ny\n", errs: "Input not from terminal and -F not specified:\ndelete command ignored, exiting.\n", status: 1},
		{name: "exit", args: []string{"-z", "z1"}, input: "set pool=p\nexit\nset pool=q\n", afterwards: "p"},
		{name: "an unknown subcommand is a syntax error", args: []string{"-z", "z1", "apply it"}, errs: "syntax error at 'a'\n...", status: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			s.must("z1", made)
			out, errs, status := s.feed(c.input, c.args...)
			for _, o := range []struct{ what, got, want string }{{"stdout", out, c.out}, {"stderr", errs, c.errs}} {
				if begin, cut := strings.CutSuffix(o.want, "..."); o.got != o.want && !(cut && strings.HasPrefix(o.got, begin)) {
					t.Errorf("%s:\n%s\nwant:\n%s", o.what, o.got, o.want)
				}
			}
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			z, err := zonecfg.Open(s.root, s.run).Load("z1")
			if err != nil || z.Pool != c.afterwards {
				t.Errorf("the pool is %q, %v; want %q", z.Pool, err, c.afterwards)
			}
		})
	}
}

func TestAlternateRoot(t *testing.T) {
	t.Parallel()
	s, other := newSystem(t), newSystem(t)
	out, errs, status := s.zonecfg("-R", other.root, "-z", "z1", "create; set zonepath="+other.root+"/zones/z1; info zonepath; export")
	if status != 0 || errs != "" || !strings.HasPrefix(out, "zonepath: "+other.root+"/zones/z1\ncreate -b\nset zonepath="+other.root+"/zones/z1\n") {
		t.Fatalf("status %d\n%s%s", status, out, errs)
	}
	if s.exists("/etc/zones/z1.xml") || !strings.Contains(other.read("/etc/zones/z1.xml"), ` zonepath="/zones/z1"`) || !strings.Contains(other.read("/etc/zones/index"), "z1:configured:/zones/z1:\n") {
		t.Errorf("the zone is elsewhere:\n%s", other.read("/etc/zones/z1.xml"))
	}
	if _, errs, status := s.zonecfg("-R", other.root, "-z", "z1", "set -F zonepath=/elsewhere"); status != 1 || !strings.Contains(errs, "Bad document property") {
		t.Errorf("status %d %s", status, errs)
	}
}

// A machine without an /etc/zones gets one with its first zone.
func TestFirstZone(t *testing.T) {
	t.Parallel()
	s := &system{t: t, root: t.TempDir(), run: t.TempDir()}
	s.must("web", "create; set zonepath=/zones/web")
	if !strings.Contains(s.read("/etc/zones/web.xml"), `brand="sparse"`) || !strings.Contains(s.read("/etc/zones/index"), "web:configured:/zones/web:\n") {
		t.Errorf("%s\n%s", s.read("/etc/zones/web.xml"), s.read("/etc/zones/index"))
	}
	// What fails leaves nothing.
	s = &system{t: t, root: t.TempDir(), run: t.TempDir()}
	if _, _, status := s.zonecfg("-z", "web", "create; set autoboot=true"); status != 1 || s.exists("/etc") {
		t.Errorf("status %d, and something is there", status)
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.User)
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	if err := os.Chmod(s.root+"/etc/zones/z1.xml", 0o444); err != nil {
		t.Fatal(err)
	}
	_, errs, status := s.feed("set pool=p\n", "-z", "z1")
	want := "WARNING: you do not have write access to this zone's configuration file;\ngoing into read-only mode.\nz1: cannot set in read-only mode.\nThis user may not write to " +
		s.root + "/etc/zones, or to the zone's file in it: be the owner, or root.\n"
	if status != 1 || errs != want {
		t.Errorf("status %d\n%s", status, errs)
	}
}

// TestDeleteInstalled: deleting an installed zone by force says where its files are.
func TestDeleteInstalled(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	if _, errs, status := s.zonecfg("-z", "z1", "delete -F"); status != 0 || errs != "" {
		t.Errorf("a zone without files: status %d: %s", status, errs)
	}
	s.must("z1", "create; set zonepath=/zones/z1")
	if err := zonecfg.Open(s.root, s.run).SetState("z1", zonecfg.Installed); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(s.root+"/zones/z1/root", 0o755); err != nil {
		t.Fatal(err)
	}
	_, errs, status := s.zonecfg("-z", "z1", "delete -F")
	if want := "WARNING: zone z1 was installed: its files are still in " + s.root + "/zones/z1.\n"; status != 0 || errs != want {
		t.Errorf("status %d: %s, want %s", status, errs, want)
	}
}

// TestFullOutput: output that can't be written is a failure.
func TestFullOutput(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		testenv.Need(t, testenv.Given("/dev/full", err))
	}
	defer full.Close()
	var errs strings.Builder
	status := run([]string{"-z", "z1", "info"}, process{out: full, err: &errs, root: s.root, runDir: s.run})
	if status != 1 || !strings.Contains(errs.String(), "could not write the output: write /dev/full: no space left on device") {
		t.Errorf("status %d: %s", status, errs.String())
	}
}

// https://github.com/TritonDataCenter/smartos-live/issues/912: what export wrote, with
// base64 in it, was not importable.
func TestSmartosLive912ExportIsImportable(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", `create; set zonepath=/zones/z1; set bootargs="-smp threads=4"; add attr; set name=qemu-extra-opts; set type=string; set value="LXNtcCB0aHJlYWRzPTQ="; end; add attr; set name=alias; set type=string; set value="d2luZG93cw=="; end`)
	file := filepath.Join(t.TempDir(), "z1.cfg")
	s.must("z1", "export -f "+file)
	if out, errs, status := s.zonecfg("-z", "z2", "-f", file); status != 0 || out+errs != "" {
		t.Fatalf("status %d\n%s%s", status, out, errs)
	}
	if one, two := s.read("/etc/zones/z1.xml"), s.read("/etc/zones/z2.xml"); strings.Replace(one, `"z1"`, `"z2"`, 1) != two {
		t.Errorf("%s\nbecame\n%s", one, two)
	}
}

// https://github.com/oxidecomputer/omicron/issues/4334: running the commands that made
// a zone again, when it is installed, must not harm it.
func TestOmicron4334CreateAgain(t *testing.T) {
	t.Parallel()
	const script = "create -F\nset zonepath=/zones/z1\nset autoboot=true\n"
	s := newSystem(t)
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func() (string, int) {
		_, errs, status := s.zonecfg("-z", "z1", "-f", file)
		return errs, status
	}
	if errs, status := run(); status != 0 || errs != "" {
		t.Fatalf("status %d %s", status, errs)
	}
	if err := zonecfg.Open(s.root, s.run).SetState("z1", zonecfg.Installed); err != nil {
		t.Fatal(err)
	}
	before, index := s.read("/etc/zones/z1.xml"), s.read("/etc/zones/index")
	errs, status := run()
	if status != 0 || !strings.Contains(errs, "Zone z1 already installed; create not allowed.") {
		t.Errorf("status %d %s", status, errs)
	}
	if s.read("/etc/zones/z1.xml") != before || s.read("/etc/zones/index") != index {
		t.Errorf("it was changed:\n%s%s", s.read("/etc/zones/z1.xml"), s.read("/etc/zones/index"))
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1; set bootargs=-v; add attr; set name=a; set type=string; set value=x; end")
	file := filepath.Join(t.TempDir(), "zone.json")
	put := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ok := func(args ...string) string {
		t.Helper()
		out, errs, status := s.zonecfg(args...)
		if status != 0 || errs != "" {
			t.Fatalf("%v: status %d\n%s", args, status, errs)
		}
		return out
	}
	no := func(says string, args ...string) {
		t.Helper()
		before := s.read("/etc/zones/z1.xml") + s.read("/etc/zones/index")
		out, errs, status := s.zonecfg(args...)
		if status != 1 || !strings.Contains(errs, says) {
			t.Errorf("%v: status %d\n%s%s\nnot %q", args, status, out, errs, says)
		}
		if after := s.read("/etc/zones/z1.xml") + s.read("/etc/zones/index"); after != before {
			t.Errorf("%v changed\n%s\nto\n%s", args, before, after)
		}
	}

	// What a zone says of itself changes nothing.
	asJSON := ok("-z", "z1", "info", "--json")
	put(asJSON)
	before := s.read("/etc/zones/z1.xml")
	if out := ok("apply", file); out != "" || s.read("/etc/zones/z1.xml") != before {
		t.Errorf("%s\n%s", out, s.read("/etc/zones/z1.xml"))
	}
	// A change is made in its place.
	put(strings.Replace(asJSON, `"-v"`, `"-m verbose"`, 1))
	if out := ok("apply", "--dry-run", file); out != "-bootargs: -v\n+bootargs: -m verbose\n" {
		t.Errorf("the dry run says\n%s", out)
	}
	if s.read("/etc/zones/z1.xml") != before {
		t.Error("the dry run was none")
	}
	if out := ok("apply", file); out != "-bootargs: -v\n+bootargs: -m verbose\n" {
		t.Errorf("it says that it changed\n%s", out)
	}
	if after := s.read("/etc/zones/z1.xml"); after != strings.Replace(before, `"-v"`, `"-m verbose"`, 1) {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
	// A new zone, under another name, from JSON, from XML, from standard input.
	ok("-z", "z2", "apply", file)
	ok("-z", "z3", "apply", s.root+"/etc/zones/z2.xml")
	if _, errs, status := s.feed(asJSON, "-z", "z4", "apply", "-"); status != 0 {
		t.Errorf("status %d %s", status, errs)
	}
	if out, _, _ := s.zonecfg("diff", "z2", "z3"); out != "-zonename: z2\n+zonename: z3\n" {
		t.Errorf("they differ:\n%s", out)
	}
	if out, _, _ := s.zonecfg("diff", "z3", "z4"); out != "-zonename: z3\n+zonename: z4\n-bootargs: -m verbose\n+bootargs: -v\n" {
		t.Errorf("they differ:\n%s", out)
	}
	// A file that names no brand leaves the choice: the default one, or what is there.
	put(`{"zonename": "z5", "zonepath": "/zones/z5"}`)
	ok("apply", file)
	if xml := s.read("/etc/zones/z5.xml"); !strings.Contains(xml, `<zone name="z5" zonepath="/zones/z5" autoboot="false" brand="ipkg"/>`) {
		t.Errorf("%s", xml)
	}
	s.must("z5", "set brand=lx")
	if out := ok("apply", "--dry-run", file); out != "" {
		t.Errorf("the dry run says\n%s", out)
	}
	// What won't do isn't done.
	put(strings.Replace(asJSON, `"/zones/z1"`, `"zones/z1"`, 1))
	no("zones/z1 is not an absolute path.", "apply", file)
	put(strings.Replace(asJSON, `"brand": "ipkg"`, `"brand": "nosuch"`, 1))
	no("unknown brand", "apply", file)
	put(`{"zonename": "z1", "colour": "red"}`)
	no("colour", "apply", file)
	put(asJSON[:len(asJSON)/2])
	no(file, "apply", file)
	no("no such file", "apply", file+".none")
	if err := zonecfg.Open(s.root, s.run).SetState("z1", zonecfg.Installed); err != nil {
		t.Fatal(err)
	}
	put(strings.Replace(asJSON, `"/zones/z1"`, `"/zones/other"`, 1))
	no("its zonepath can't be changed", "apply", file)
	put(strings.Replace(asJSON, `"brand": "ipkg"`, `"brand": "lx"`, 1))
	no("that can't be changed", "apply", file)
	put(strings.Replace(asJSON, `"autoboot": false`, `"autoboot": true`, 1))
	ok("apply", file)
}

func TestDiff(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1; set pool=p; add device; set match=/dev/a; end; add device; set match=/dev/b; end")
	s.must("z2", "create; set zonepath=/zones/z1; set autoboot=true; add device; set match=/dev/b; end; add capped-memory; set physical=1500m; end")
	out, errs, status := s.zonecfg("diff", "z1", "z2")
	want := "-zonename: z1\n+zonename: z2\n-autoboot: false\n+autoboot: true\n-pool: p\n+pool: \n-device:\n-\tmatch: /dev/a\n+capped-memory:\n+\tphysical: 1572864000\n"
	if status != 1 || errs != "" || out != want {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if out, _, status := s.zonecfg("diff", "z1", s.root+"/etc/zones/z1.xml"); status != 0 || out != "" {
		t.Errorf("status %d\n%s", status, out)
	}
	out, _, status = s.zonecfg("diff", "--json", "z1", "z2")
	var changes []lang.Change
	if err := json.Unmarshal([]byte(out), &changes); err != nil || status != 1 || len(changes) != 5 || changes[3].Kind != "device" || changes[3].New != "" {
		t.Errorf("status %d, %v\n%s", status, err, out)
	}
	if _, errs, status := s.zonecfg("diff", "z1", "none"); status != 2 || errs != "zonecfg: none: No such zone configured\n" {
		t.Errorf("status %d %s", status, errs)
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1; add fs; set dir=/a; set special=/b; set type=lofs; end")
	p := process{root: s.root, runDir: s.run}
	session := lang.New("z1", options(p, p.open(s.root)))
	for _, c := range []struct {
		before, line string
		want         []string
	}{
		{"", "c", []string{"clear ", "commit", "create"}},
		{"", "set auto", []string{"set autoboot="}},
		{"", "set autoboot=", []string{"set autoboot=true", "set autoboot=false"}},
		{"", "info; set ip-type=s", []string{"info; set ip-type=shared"}},
		{"", "set brand=sp", []string{"set brand=sparse"}},
		{"", "remove fs dir=", []string{"remove fs dir=/a"}},
		{"", "set limitpriv=def", []string{"set limitpriv=default"}},
		{"", "set limitpriv=default,!sys_t", []string{"set limitpriv=default,!sys_time", "set limitpriv=default,!sys_trans_label"}},
		{"", "set fs-allowed=ufs,zf", []string{"set fs-allowed=ufs,zfs"}},
		{"", "add capped-", []string{"add capped-cpu", "add capped-memory"}},
		{"info pool", "select fs d", []string{"select fs dir="}},
		{"", "select fs type=lofs d", []string{"select fs type=lofs dir="}},
		{"", "create -t z", []string{"create -t z1"}},
		{"", "create -t SUNWb", []string{"create -t SUNWblank"}},
		{"", "help commi", []string{"help commit"}},
		{"add rctl", "s", []string{"set "}},
		{"", "set name=zone.max-l", []string{"set name=zone.max-locked-memory", "set name=zone.max-lwps", "set name=zone.max-lofi"}},
		{"", "add v", []string{"add value (priv=privileged,limit="}},
		{"", "add value (priv=privileged,limit=5,action=", []string{"add value (priv=privileged,limit=5,action=deny)", "add value (priv=privileged,limit=5,action=none)"}},
		{"cancel; add attr", "set type=", []string{"set type=boolean", "set type=int", "set type=string", "set type=uint"}},
		{"cancel; add admin", "set auths=login,m", []string{"set auths=login,manage"}},
		{"cancel; add security-flags", "set lower=none,-nos", nil},
		{"", "set lower=none,-noexe", []string{"set lower=none,-noexecstack"}},
		{"cancel; add fs", "set type=n", nil}, // nfs can't be
		{"cancel", "xyzzy", nil},
	} {
		if c.before != "" {
			session.RunInput(strings.NewReader(c.before+"\n"), false)
		}
		got := session.Complete(c.line)
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q becomes %q, not %q", c.line, got, c.want)
		}
	}
}

// A zone whose file names no brand has that of the default template.
func TestInfoBrand(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	s.write("/etc/zones/z1.xml", strings.Replace(s.read("/etc/zones/z1.xml"), ` brand="ipkg"`, "", 1))
	if strings.Contains(s.read("/etc/zones/z1.xml"), "brand=") {
		t.Fatal("the file names a brand")
	}
	for _, script := range []string{"info brand", "info"} {
		if out, errs, status := s.zonecfg("-z", "z1", script); status != 0 || errs != "" || !strings.Contains(out, "brand: ipkg\n") {
			t.Errorf("%s: status %d\n%s%s", script, status, out, errs)
		}
	}
}

func TestIgnoredLines(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create -b; set zonepath=/zones/z1; set brand=ipkg")
	s.write("/etc/zones/index", "global:installed:/:\nz1:configured:/zones/z1:\nz2:halfway:/zones/z2:\nz1:installed:/zones/z1:\n")
	out, errs, status := s.zonecfg("-z", "z1", "info zonepath; set pool=p; commit; set pool=q")
	index := s.root + "/etc/zones/index"
	want := "zonecfg: " + index + `:3: there is no state "halfway": "z2:halfway:/zones/z2:" is ignored` + "\n" +
		"zonecfg: " + index + `:4: line 2 is zone z1 already: "z1:installed:/zones/z1:" is ignored` + "\n"
	if out != "zonepath: /zones/z1\n" || errs != want || status != 0 {
		t.Errorf("status %d\n%s%s, want\n%s", status, out, errs, want)
	}
}

// https://github.com/omniosorg/zadm/pull/5: cpu and shares of zones, for programs and tables.
func TestZadm5CPUAndShares(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1; set cpu-shares=7; add capped-cpu; set ncpus=1.5; end")
	out, errs, status := s.zonecfg("-z", "z1", "info", "--json")
	var z struct {
		Rctl []struct {
			Name  string
			Value []struct{ Limit json.Number }
		}
	}
	if err := json.Unmarshal([]byte(out), &z); err != nil || status != 0 {
		t.Fatalf("status %d, %v: %s%s", status, err, out, errs)
	}
	limits := map[string]string{}
	for _, r := range z.Rctl {
		limits[r.Name] = r.Value[0].Limit.String()
	}
	if limits["zone.cpu-shares"] != "7" || limits["zone.cpu-cap"] != "150" {
		t.Errorf("%q", limits)
	}
	for _, text := range []string{"cpu-shares: 7", "[ncpus: 1.50]"} {
		if out, _, _ := s.zonecfg("-z", "z1", "info"); !strings.Contains(out, text) {
			t.Errorf("info lacks %q:\n%s", text, out)
		}
	}
}

// https://github.com/hadfl/kvmadm/issues/98: commands that fail on their way make no zone.
func TestKvmadm98FailedCreate(t *testing.T) {
	t.Parallel()
	for _, script := range []string{
		"create; set zonepath=/zones/z1; set brand=nosuch",
		"create; set zonepath=/zones/z1; add fs; set dir=/a; end",
		"create; set autoboot=true",
	} {
		s := newSystem(t)
		file := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(script, "; ", "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"-z", "z1", script}, {"-z", "z1", "-f", file}} {
			_, errs, status := s.zonecfg(args...)
			if status == 0 || errs == "" || s.exists("/etc/zones/z1.xml") || strings.Contains(s.read("/etc/zones/index"), "z1") {
				t.Errorf("%q: status %d, %q; index %q", args, status, errs, s.read("/etc/zones/index"))
			}
		}
	}
}
