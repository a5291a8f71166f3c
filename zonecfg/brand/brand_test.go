package brand_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/rootfs/skeleton"
	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

func ExampleOpen() {
	b, err := brand.Open(brand.Dir, "sparse")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.InitName, b.Command(brand.Shutdown, "web", "/zones/web"))
	// Output: /etc/init /etc/init shutdown
}

// system makes a directory with a brand as the system describes its own.
func system(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"config.xml": config, "platform.xml": `<platform name="b" allow-exclusive-ip="true">
<global_mount special="/dev" directory="/dev" type="dev" opt="attrdir=%R/root/dev"/><mount special="/proc" directory="/proc" type="proc"/>
<device match="null"/><device match="zcons/%z/zoneconsole" name="zconsole"/><symlink source="fd" target="/dev/fd"/></platform>`} {
		if err := os.WriteFile(filepath.Join(dir, "b", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFile(t *testing.T) {
	dir := system(t, `<?xml version="1.0"?>
<!DOCTYPE brand PUBLIC "-//Sun Microsystems Inc//DTD Brands//EN" "file:///usr/share/lib/xml/dtd/brand.dtd.1">
<brand name="b"><modname></modname><initname>/sbin/init</initname><restartinit0>true</restartinit0>
<login_cmd>/usr/bin/login -z %Z %u</login_cmd><forcedlogin_cmd>f</forcedlogin_cmd><user_cmd>u</user_cmd>
<install>/b/inst -z %z -R %R</install><installopts>a:u</installopts><verify_adm>/b/va %z %R </verify_adm>
<privilege set="default" name="sys_mount"/><privilege set="prohibited" name="sys_ip_config" ip-type="shared"/><privilege set="required" name="proc_exec"/></brand>`)
	b, err := brand.Open(dir, "b")
	if err != nil {
		t.Fatal(err)
	}
	if b.InitName != "/sbin/init" || !b.RestartInit || !b.RestartInit0 || b.RestartInitReboot || b.LoginCmd != "/usr/bin/login -z %Z %u" || b.InstallOpts != "a:u" {
		t.Errorf("%+v", b)
	}
	if got := b.Command(brand.Install, "z1", "/z/z1"); got != "/b/inst -z z1 -R /z/z1" {
		t.Errorf("install is %q", got)
	}
	if got := b.Command(brand.VerifyAdm, "z1", "/z/z1"); got != "/b/va z1 /z/z1 " {
		t.Errorf("verify_adm is %q: the verb is glued to it", got)
	}
	if got := b.Command(brand.Detach, "z1", "/z/z1"); got != "" {
		t.Errorf("detach is %q", got)
	}
	if len(b.GlobalMounts) != 1 || b.GlobalMounts[0].Options != "attrdir=%R/root/dev" || len(b.Mounts) != 1 || len(b.Devices) != 2 || len(b.Symlinks) != 1 {
		t.Errorf("platform: %+v", b)
	}
	if s, err := b.Privileges.Limit("", "shared"); err != nil || !s.Has("sys_mount") || !s.Has("proc_fork") {
		t.Errorf("privileges %v, %v", s, err)
	}
}

func TestOpenErrors(t *testing.T) {
	for _, name := range []string{"", ".", "..", "a/b", "nosuch", "ipkg"} {
		if _, err := brand.Open(t.TempDir(), name); !errors.Is(err, brand.ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for text, want := range map[string]string{
		"<brand name=\"b\">\n<initname>":                          "config.xml:2",
		`<brand name="other"></brand>`:                            `brand "other"`,
		`<brand name="b"><privilege set="odd" name="x"/></brand>`: `a set "odd"`,
		`<zone/>`: "config.xml:1",
	} {
		_, err := brand.Open(system(t, text), "b")
		if err == nil || errors.Is(err, brand.ErrUnknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if !brand.Foreign("lx") || brand.Foreign("sparse") {
		t.Error("which brands are of other systems")
	}
}

func TestSubst(t *testing.T) {
	type substCase struct {
		ID    string
		Given struct {
			HookText string `json:"hook_text"`
			Zone     string
			Zonepath string
		} `spec:"some"` // others are of internal/zoneadm
		Expect struct{ Text *string }
	}
	ran := 0
	for _, c := range spectest.Cases[substCase](t, "cases-zoneadm.json", "brand-hook") {
		if c.Expect.Text == nil {
			continue // about a verb
		}
		ran++
		if got := (brand.Subst{Zone: c.Given.Zone, Path: c.Given.Zonepath}).In(c.Given.HookText); got != *c.Expect.Text {
			t.Errorf("%s: %q", c.ID, got)
		}
	}
	if ran == 0 {
		t.Error("no case is about substitution")
	}
	if got := (brand.Subst{Here: "global", User: "bob"}).In("-z %Z -f %u%q%"); got != "-z global -f bob" {
		t.Errorf("%q", got)
	}
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if e := brand.Run("echo", " -n a b", nil, &out, nil); e != (brand.Exit{}) || out.String() != "a b" {
		t.Errorf("%+v, %q", e, out.String())
	}
	for command, want := range map[string]brand.Exit{
		"sh -c 'exit 254'":      {Code: brand.ExitClean},
		"sh -c 'kill -TERM $$'": {Code: brand.ExitFatal, Signal: syscall.SIGTERM},
		"/no/such/program":      {Code: 127},
	} {
		if e := brand.Run(command, "", nil, nil, nil); e != want && !(command[0] == '/' && (e.Code == 126 || e.Code == 127)) {
			t.Errorf("%s: %+v", command, e)
		}
	}
}

// TestSparse: a root directory with all that a zone needs, twice the same, and
// nothing outside of it.
func TestSparse(t *testing.T) {
	b, err := brand.Open(t.TempDir(), "sparse")
	if err != nil {
		t.Fatal(err)
	}
	top := t.TempDir()
	root := filepath.Join(top, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	i := &skeleton.Installation{Zone: &zonecfg.Zone{Name: "web", FS: []zonecfg.FS{{Dir: "/srv/a/b"}, {Dir: "/../../outside"}}}, Root: root}
	for range 2 {
		if err := skeleton.Install(context.Background(), b, i); err != nil {
			t.Fatal(err)
		}
	}
	for path, mode := range map[string]os.FileMode{"etc/init": 0o755, "etc/shadow": 0o600, "tmp": 0o777, "root": 0o700, "srv/a/b": 0o755, "outside": 0o755, "dev": 0o755, "proc": 0o555} {
		if info, err := os.Stat(filepath.Join(root, path)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if entries, _ := os.ReadDir(top); len(entries) != 1 {
		t.Errorf("beside the root there is %v", entries)
	}
	mounts, err := b.Skeleton.Mounts()
	if err != nil || !slices.ContainsFunc(mounts, func(m brand.Mount) bool { return m.Directory == "/usr" && m.Options == "ro,nodevices,nosetuid" }) {
		t.Errorf("mounts %v, %v", mounts, err)
	}
	for _, m := range mounts {
		if info, err := os.Lstat(filepath.Join(root, m.Directory)); err != nil || !info.IsDir() {
			t.Errorf("no mount point %s: %v", m.Directory, err)
		}
	}
	if passwd, err := os.ReadFile(filepath.Join(root, "etc/passwd")); err != nil || !strings.HasPrefix(string(passwd), "root:x:0:0:") {
		t.Errorf("%s, %v", passwd, err)
	}
	if _, err := b.Privileges.Limit("", "shared"); err != nil {
		t.Error(err)
	}
}
