package zoneadm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// TestGone: the errors of a call whose server has exited are those after which another one
// is started; the rest are answers.
func TestGone(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		io.EOF: true, io.ErrUnexpectedEOF: true,
		syscall.EPIPE: true, syscall.ECONNRESET: true, syscall.ECONNREFUSED: true, syscall.ENOENT: true, syscall.EBADF: true,
		syscall.EACCES: false, syscall.EMSGSIZE: false, syscall.EINVAL: false, syscall.EINTR: false, net.ErrClosed: false,
	} {
		if gone(err) != want || gone(fmt.Errorf("door: %w", err)) != want {
			t.Errorf("%v: gone is %v", err, !want)
		}
	}
}

// TestConfigure: what doesn't verify isn't saved, and what does is.
func TestConfigure(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "configured")
	load := func() *zonecfg.Zone {
		z, err := b.Store.Load("z1")
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	saved, bad := load(), load()
	bad.Zonepath = ""
	err := b.On("z1", Observer{}).SetConfig(bad)
	var failed *Error
	if !errors.Is(err, ErrVerify) || !errors.As(err, &failed) || failed.Verb != VerbConfigure || len(failed.Problems) == 0 {
		t.Errorf("without a zonepath: %v", err)
	}
	if got := load(); !reflect.DeepEqual(got, saved) {
		t.Errorf("it is saved: %+v", got)
	}
	good := load()
	good.Autoboot = true
	if err := b.On("z1", Observer{}).SetConfig(good); err != nil {
		t.Error(err)
	}
	if got := load(); !got.Autoboot {
		t.Error("it isn't saved")
	}
	other := load()
	other.Name, other.Zonepath = "z2", ""
	if err := b.On("z2", Observer{}).Create(other, false); !errors.Is(err, ErrVerify) {
		t.Errorf("a zone without a zonepath: %v", err)
	}
	if _, err := b.Store.Entry("z2"); !errors.Is(err, zonecfg.ErrNoZone) {
		t.Errorf("it has an entry: %v", err)
	}
}

// TestSharedResources: clone warns of each resource that both zones have.
func TestSharedResources(t *testing.T) {
	t.Parallel()
	lofs := func(options ...string) zonecfg.Zone {
		return zonecfg.Zone{FS: []zonecfg.FS{{Dir: "/a", Special: "/export", Type: "lofs", Options: options}}}
	}
	other := lofs("ro")
	other.FS[0].Special = "/elsewhere"
	const written = "WARNING: read-write lofs file system on '/export' is configured in both zones."
	for _, test := range []struct {
		name string
		a, b zonecfg.Zone
		want []string
	}{
		{"nothing", zonecfg.Zone{}, zonecfg.Zone{}, nil},
		{"a directory that both read", lofs("ro"), lofs("nodev", "ro"), nil},
		{"a directory that the new one writes", lofs(), lofs("ro"), []string{written}},
		{"a directory that the source writes", lofs("ro"), lofs(), []string{written}},
		{"other directories", lofs(), other, nil},
		{"a device's file system", zonecfg.Zone{FS: []zonecfg.FS{{Dir: "/a", Special: "/dev/dsk/c0", Type: "ufs", Options: []string{"ro"}}}},
			zonecfg.Zone{FS: []zonecfg.FS{{Dir: "/b", Special: "/dev/dsk/c0", Type: "ufs", Options: []string{"ro"}}}},
			[]string{"WARNING: ufs file system on '/dev/dsk/c0' is configured in both zones."}},
		{"a device with two types", zonecfg.Zone{FS: []zonecfg.FS{{Dir: "/a", Special: "/dev/dsk/c0", Type: "ufs"}}},
			zonecfg.Zone{FS: []zonecfg.FS{{Dir: "/a", Special: "/dev/dsk/c0", Type: "pcfs"}}}, nil},
		{"an address", zonecfg.Zone{Net: []zonecfg.Net{{Address: "10.0.0.1/24"}, {Address: "10.0.0.2/24"}}},
			zonecfg.Zone{Net: []zonecfg.Net{{Address: "10.0.0.2/24"}, {Address: "10.0.0.3/24"}}},
			[]string{"WARNING: network address '10.0.0.2/24' is configured in both zones."}},
		{"links without addresses", zonecfg.Zone{Net: []zonecfg.Net{{Physical: "net0"}}}, zonecfg.Zone{Net: []zonecfg.Net{{Physical: "net0"}}}, nil},
		{"a device", zonecfg.Zone{Device: []zonecfg.Device{{Match: "/dev/a*"}, {Match: "/dev/b"}}},
			zonecfg.Zone{Device: []zonecfg.Device{{Match: "/dev/a*"}}}, []string{"WARNING: device '/dev/a*' is configured in both zones."}},
		{"a dataset", zonecfg.Zone{Dataset: []zonecfg.Dataset{{Name: "tank/a"}, {Name: "tank/b"}}},
			zonecfg.Zone{Dataset: []zonecfg.Dataset{{Name: "tank/b"}}}, []string{"WARNING: dataset 'tank/b' is configured in both zones."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			target := newBench(t).On("z1", Observer{Notice: func(n Notice) {
				if n.Kind == Warning {
					got = append(got, n.Text)
				}
			}})
			target.warnShared(&test.a, &test.b)
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// TestBrandOf: a zone without a brand has the default one, as has a zone of the brand
// cluster below another root; brands of illumos are enough for what doesn't run them.
func TestBrandOf(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	write(t, filepath.Join(b.dir, "etc/zones/SUNWdefault.xml"), `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="default" zonepath="" autoboot="false" brand="ipkg"/>`)
	for _, test := range []struct {
		brand, root string
		verb        Verb
		want, text  string
	}{
		{"", "", VerbBoot, "ipkg", ""},
		{"ipkg", "", VerbBoot, "ipkg", ""},
		{"cluster", "/a", VerbBoot, "ipkg", ""},
		{"cluster", "", VerbBoot, "", "missing or invalid brand"},
		{"none", "", VerbBoot, "", "missing or invalid brand"},
		{"lx", "", VerbList, "lx", ""},
		{"lx", "", VerbUninstall, "lx", ""},
		{"lx", "", VerbBoot, "", "brand 'lx' exists only on illumos: it can't be used on this machine; brands sparse and tar can"},
		{"lx", "", VerbVerify, "", "brand 'lx' exists only on illumos: it can't be used on this machine; brands sparse and tar can"},
	} {
		machine := *b.Machine
		machine.Alternate = test.root
		target := machine.On("z1", Observer{})
		target.verb = test.verb
		found, err := target.brandOf(&zonecfg.Zone{Brand: test.brand})
		switch {
		case test.text == "" && (err != nil || found.Name != test.want):
			t.Errorf("brand %q below %q to %s: %v, %v, want %s", test.brand, test.root, test.verb, found, err, test.want)
		case test.text != "" && (!errors.Is(err, brand.ErrUnknown) || !strings.HasSuffix(err.Error(), test.text)):
			t.Errorf("brand %q below %q to %s: %v, want %s", test.brand, test.root, test.verb, err, test.text)
		}
	}
}

// TestUnprivilegedApply: apply is for the privileged, and changes nothing for others.
func TestUnprivilegedApply(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	k := &controlled{told: b.kernel}
	b.Kernel, b.Caller.Privileged = k, false
	write(t, filepath.Join(b.dir, "etc/zones/global.xml"), `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="global" zonepath="/" autoboot="false"><mcap physcap="1048576"/></zone>`)
	if err := b.On("global", Observer{}).Apply(t.Context()); !errors.Is(err, ErrPermission) || len(k.set) > 0 {
		t.Errorf("%v, set %q", err, k.set)
	}
}

// TestVerifyRctls: a value that isn't a number and one that the control doesn't take are
// problems of their own; an unknown control is none.
func TestVerifyRctls(t *testing.T) {
	t.Parallel()
	value := func(limit, action string) zonecfg.RctlValue {
		return zonecfg.RctlValue{Priv: "privileged", Limit: limit, Action: action}
	}
	for _, test := range []struct {
		name     string
		rctl     zonecfg.Rctl
		problems []string
		warned   []string
	}{
		{"sound", zonecfg.Rctl{Name: "zone.cpu-shares", Values: []zonecfg.RctlValue{value("10", "none")}}, nil, nil},
		{"no number", zonecfg.Rctl{Name: "zone.cpu-shares", Values: []zonecfg.RctlValue{value("ten", "none")}},
			[]string{"invalid rctl value: (priv=privileged,limit=ten,actionnone)"}, nil},
		{"another action", zonecfg.Rctl{Name: "zone.cpu-shares", Values: []zonecfg.RctlValue{value("10", "deny")}},
			[]string{"(priv=privileged,limit=10,action=deny) is not a valid value for rctl 'zone.cpu-shares'"}, nil},
		{"all of them are told", zonecfg.Rctl{Name: "zone.cpu-shares", Values: []zonecfg.RctlValue{value("x", "none"), value("10", "deny"), value("y", "none")}},
			[]string{"invalid rctl value: (priv=privileged,limit=x,actionnone)",
				"(priv=privileged,limit=10,action=deny) is not a valid value for rctl 'zone.cpu-shares'",
				"invalid rctl value: (priv=privileged,limit=y,actionnone)"}, nil},
		{"unknown", zonecfg.Rctl{Name: "zone.none", Values: []zonecfg.RctlValue{value("x", "none")}}, nil,
			[]string{"WARNING: Ignoring unrecognized rctl 'zone.none'."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var warned []string
			target := newBench(t).On("z1", Observer{Notice: func(n Notice) {
				if n.Kind == Warning {
					warned = append(warned, n.Text)
				}
			}})
			sound := target.verifyRctls(&zonecfg.Zone{Rctl: []zonecfg.Rctl{test.rctl}})
			if !slices.Equal(target.problems, test.problems) || sound != (test.problems == nil) || !slices.Equal(warned, test.warned) {
				t.Errorf("sound is %v, %q, %q", sound, target.problems, warned)
			}
		})
	}
}

// TestForeign: a zonepath, its parent and its root of another user are told, each by its
// path. Verify changes nothing.
func TestForeign(t *testing.T) {
	t.Parallel()
	if !posix.Permissions {
		return
	}
	b := newBench(t)
	b.zone("z1", "configured")
	path := filepath.Join(b.dir, "z/z1")
	for _, dir := range []string{path, filepath.Join(path, "root")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(path, "root"), 0o755); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := b.do("-z z1 verify"); status != ExitOK {
		t.Fatalf("exit status %d, %q", status, errs)
	}
	b.Owner++
	status, _, errs := b.do("-z z1 verify")
	want := []string{"/z/z1 is not owned by root.", "/z is not owned by root.", "/z/z1/root is not owned by root."}
	told := slices.DeleteFunc(errs, func(line string) bool { return !strings.Contains(line, "owned") })
	if status != ExitFailed || !slices.Equal(told, want) {
		t.Errorf("exit status %d, %q, want %q", status, told, want)
	}
}

// TestVerboseHeader: the columns are named once.
func TestVerboseHeader(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	b.zone("z2", "configured")
	status, out, _ := b.do("list -cv")
	if status != ExitOK || len(out) != 4 || out[0] != VerboseHeader || strings.Count(strings.Join(out, "\n"), VerboseHeader) != 1 {
		t.Errorf("exit status %d, %q", status, out)
	}
}

// TestHostReport: host prints the kernel's report, as lines or as JSON.
func TestHostReport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	want := zone.Report{Host: "sim", Detail: "no namespaces", PID: 7, Capabilities: []zone.Capability{
		{Concept: "processes", Mechanism: "none", Class: "reported", Missing: "namespaces"},
		{Concept: "memory", Mechanism: "counted", Class: "enforced"}}}
	b.Kernel = reporting{b.kernel, want}
	status, out, errs := b.do("host")
	if wantOut := []string{"host: sim (no namespaces)", "reported  processes              none (namespaces)", "enforced  memory                 counted"}; status != ExitOK ||
		!slices.Equal(out, wantOut) || len(errs) > 0 {
		t.Errorf("exit status %d, %q, %q", status, out, errs)
	}
	var got zone.Report
	status, out, errs = b.do("--json host")
	if err := json.Unmarshal([]byte(strings.Join(out, "\n")), &got); err != nil || status != ExitOK || len(errs) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("exit status %d, %v, %+v, %q", status, err, got, errs)
	}
}

// TestCheckManifest: attach -n asks the brand's hooks with the manifest, or a copy of it
// that is then removed, and says what a file without a zone is.
func TestCheckManifest(t *testing.T) {
	b := newBench(t)
	t.Setenv("TMPDIR", t.TempDir())
	const head = `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
`
	whole := head + `<zone name="old" zonepath="/old" autoboot="false" brand="ipkg"/>`
	hooks := map[string]string{"verify_adm": "/b/check %z %R ", "attach": "/b/attach %z %R"}
	for _, test := range []struct {
		name, path, text string
		hooks            map[string]string
		status           map[string]int
		want             string // the line; "" for success
		calls            []string
	}{
		{"a zone", "m", whole, hooks, nil, "", []string{"/b/check - - attach -n m", "/b/attach - - -n TMP"}},
		{"a brand without an attach hook", "m", whole, map[string]string{"verify_adm": "/b/check %z %R "}, nil, "", []string{"/b/check - - attach -n m"}},
		{"the brand verifies and refuses", "m", whole, hooks, map[string]int{"verify_adm": 1}, "brand hook verify_adm exited with status 1", []string{"/b/check - - attach -n m"}},
		{"the brand refuses", "m", whole, hooks, map[string]int{"attach": 3}, "brand hook attach exited with status 3", []string{"/b/check - - attach -n m", "/b/attach - - -n TMP"}},
		{"an unknown brand", "m", strings.Replace(whole, "ipkg", "none", 1), hooks, nil, "missing or invalid brand", nil},
		{"XML of something else", "m", head + "<other/>", hooks, nil, "Cannot attach to an earlier release of the operating system", nil},
		{"no XML", "m", "text", hooks, nil, "m is not an XML file", nil},
		{"the beginning of XML", "m", "<?xm", hooks, nil, "m is not an XML file", nil},
		{"no XML on standard input", "-", "text", hooks, nil, "Input is not a valid XML file", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.brand(test.hooks, test.status)
			os.Remove(filepath.Join(b.dir, "calls"))
			err := b.On("z1", Observer{}).CheckManifest(t.Context(), test.path, []byte(test.text), []string{"-n", test.path})
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
			calls := b.calls()
			for i, call := range calls {
				if before, after, ok := strings.Cut(call, " -n "+os.TempDir()+"/zone.manifest"); ok && !strings.Contains(after, " ") {
					calls[i] = before + " -n TMP"
				}
				calls[i] = strings.TrimPrefix(calls[i], "exec ")
			}
			if !slices.Equal(calls, test.calls) {
				t.Errorf("called %q, want %q", calls, test.calls)
			}
			if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}

// TestSamePath: a zonepath in the index must be that of the configuration, below the same
// root; a zone that has none there isn't compared.
func TestSamePath(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "configured")
	in := func(path string) *zonecfg.Zone { return &zonecfg.Zone{Zonepath: filepath.Join(b.dir, path)} }
	for _, test := range []struct {
		zone, path string
		want       bool
	}{{"z1", "/z/z1", true}, {"z1", "/z/z2", false}, {"none", "/z/z2", true}, {"empty", "/z/z2", true}} {
		if test.zone == "empty" {
			write(t, filepath.Join(b.dir, "etc/zones/index"), "global:installed:/:\nempty:configured::\n")
		}
		target := b.On(test.zone, Observer{})
		if got := target.samePath(in(test.path)); got != test.want || len(target.problems) != map[bool]int{false: 3}[test.want] {
			t.Errorf("%s at %s: %v, %q", test.zone, test.path, got, target.problems)
		}
	}
}

// TestOpenLock: a lock that can't be made says which of its steps failed, on what, and keeps
// no descriptor.
func TestOpenLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, "")
	if err := os.Mkdir(filepath.Join(dir, "z1.zoneadm.lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		dir, name, want string
		err             error
	}{
		{file, "z1", "could not mkdir " + file + ": Not a directory", syscall.ENOTDIR},
		{dir, "z1", "could not open " + dir + "/z1.zoneadm.lock: Is a directory", syscall.EISDIR},
	} {
		if _, err := openLock(test.dir, test.name); err == nil || err.Error() != test.want || !errors.Is(err, test.err) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	wide := filepath.Join(dir, "wide")
	if err := os.Mkdir(wide, 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := openLock(wide, "z1")
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if info, err := os.Stat(wide); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v, %v", info, err)
	}
}
