package guest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// A zone of the system's zoneadmd needs a brand that can be booted without a package server.
// The test makes one of an installed brand: without its hooks, with our program as init, and
// with the host's libraries.
const (
	brandsDir = "/usr/lib/brand"
	testBrand = "zt-brand"
	realZone  = "zt-real"
)

// templates are the brands that the test's may be made of, the best first.
var templates = []string{"sparse", "lipkg", "ipkg", "pkgsrc", "native"}

// hooks are the elements of a brand's config.xml that are commands for states of a zone.
var hooks = []string{"boot", "sysboot", "halt", "shutdown", "verify_cfg", "verify_adm", "postattach", "postclone", "postinstall", "predetach", "attach",
	"detach", "clone", "presnap", "postsnap", "validatesnap", "preuninstall", "uninstall", "prestatechange", "poststatechange", "query"}

// branded turns the files of an installed brand into those of the test's brand.
func branded(config, platform string) (newConfig, newPlatform string) {
	element := func(name string) *regexp.Regexp {
		return regexp.MustCompile(`(?s)<` + name + `>.*?</` + name + `>|<` + name + `\s*/>`)
	}
	for _, hook := range hooks {
		config = element(hook).ReplaceAllString(config, "")
	}
	config = element("install").ReplaceAllLiteralString(config, "<install>/usr/bin/true</install>")
	config = element("initname").ReplaceAllLiteralString(config, "<initname>/"+initProgram+"</initname>")
	config = regexp.MustCompile(`<brand\s+name="[^"]*"`).ReplaceAllLiteralString(config, `<brand name="`+testBrand+`"`)
	platform = regexp.MustCompile(`<platform\s+name="[^"]*"`).ReplaceAllLiteralString(platform, `<platform name="`+testBrand+`"`)
	mounts := ""
	for _, dir := range []string{"/lib", "/usr", "/sbin"} {
		if !strings.Contains(platform, `directory="`+dir+`"`) {
			mounts += fmt.Sprintf("\t<global_mount special=%q directory=%q opt=\"ro,nodevices\" type=\"lofs\" />\n", dir, dir)
		}
	}
	return config, strings.Replace(platform, "</platform>", mounts+"</platform>", 1)
}

// makeBrand installs the test's brand until the test has ended.
func makeBrand(t *testing.T) {
	t.Helper()
	why := errors.New("none of " + strings.Join(templates, ", ") + " is below " + brandsDir)
	for _, name := range templates {
		config, err := os.ReadFile(filepath.Join(brandsDir, name, "config.xml"))
		platform, err2 := os.ReadFile(filepath.Join(brandsDir, name, "platform.xml"))
		if errors.Join(err, err2) != nil {
			continue
		}
		dir := filepath.Join(brandsDir, testBrand)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		})
		newConfig, newPlatform := branded(string(config), string(platform))
		if err := errors.Join(os.WriteFile(dir+"/config.xml", []byte(newConfig), 0o644), os.WriteFile(dir+"/platform.xml", []byte(newPlatform), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	testenv.Need(t, testenv.Given("a brand", why))
}

// copyAccounts gives the zone what su(8) needs to make somebody a user.
func copyAccounts(t *testing.T, root string) {
	t.Helper()
	for _, path := range []string{"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/project", "/etc/user_attr", "/etc/nsswitch.conf", "/etc/pam.conf", "/etc/profile",
		"/etc/pam.d", "/etc/default", "/etc/security"} {
		if _, err := os.Stat(path); err != nil {
			continue // not every release has all
		}
		if out, err := exec.Command("cp", "-RpP", path, filepath.Join(root, "etc")).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

// newRealZone configures and attaches a zone that the system's zoneadmd can boot.
func newRealZone(t *testing.T) {
	t.Helper()
	makeBrand(t)
	_, err := os.Stat("/zones")
	made := err != nil
	path := "/zones/" + realZone
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(path); err != nil {
			t.Error(err)
		}
		if made {
			os.Remove("/zones") // others may use it by now
		}
	})
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	newRoot(t, path+"/root")
	copyAccounts(t, path+"/root")
	configure(t, realZone, "create -b\nset brand="+testBrand+"\nset zonepath="+path+"\nset max-lwps=500\n")
	must(t, system["zoneadm"], "-z", realZone, "attach", "-F")
	t.Cleanup(func() {
		// Halting a zone that is installed fails, and uninstalling tells whether it worked.
		ask(t, "", system["zoneadm"], "-z", realZone, "halt")
		if a := ask(t, "", system["zoneadm"], "-z", realZone, "uninstall", "-F"); a.status != 0 {
			t.Errorf("uninstall: %v", a)
		}
	})
}

// state fails unless the system says that the zone is in a state.
func state(t *testing.T, want string) {
	t.Helper()
	if line := must(t, system["zoneadm"], "-z", realZone, "list", "-p"); !strings.Contains(line, ":"+realZone+":"+want+":") {
		t.Errorf("the zone was to be %s: %s", want, line)
	}
}

// TestZoneadmd: with a zone of the system's zoneadmd, our commands do what the system's do.
func TestZoneadmd(t *testing.T) {
	needSystem(t, testenv.Root)
	as := underTheirNames(t, commandsDir(t))
	newRealZone(t)
	must(t, system["zoneadm"], "-z", realZone, "boot")
	state(t, "running")
	for _, argv := range [][]string{
		{"zoneadm", "list"}, {"zoneadm", "list", "-p"}, {"zoneadm", "list", "-v"}, {"zoneadm", "list", "-cp"}, {"zoneadm", "-z", realZone, "list", "-p"},
		{"zoneadm", "-z", realZone, "list", "-v"}, {"zoneadm", "-z", realZone, "boot"}, {"zoneadm", "-z", realZone, "ready"}, {"zoneadm", "-z", realZone, "uninstall", "-F"},
		{"zonecfg", "-z", realZone, "info"}, {"zonecfg", "-z", realZone, "export"}, {"zonecfg", "-z", realZone, "delete", "-F"},
	} {
		t.Run(name(argv), func(t *testing.T) { same(t, as, argv...) })
	}
	for _, words := range [][]string{
		{"-S", realZone, "/usr/bin/echo", "hello"}, {"-S", realZone, "/usr/bin/zonename"}, {"-S", realZone, "exit 7"}, {"-S", realZone, "/none/such"},
		{realZone, "/usr/bin/id"}, {realZone, "echo one; echo two >&2; exit 3"}, {realZone, "kill -9 $$"}, {realZone, "env"}, {realZone, "pwd"},
		{"-l", "root", realZone, "/usr/bin/zonename"}, {"-l", "zt-nobody", realZone, "true"}, {"-n", realZone, "cat"},
	} {
		t.Run("zlogin "+name(words), func(t *testing.T) { same(t, as, append([]string{"zlogin"}, words...)...) })
	}
	t.Run("input and status", func(t *testing.T) {
		for _, zlogin := range []string{system["zlogin"], as + "/zlogin"} {
			if a := ask(t, "one\ntwo\n", zlogin, "-S", realZone, "cat; exit 9"); a.out != "one\ntwo\n" || a.status != 9 {
				t.Errorf("%s: %v", zlogin, a)
			}
		}
	})
	compareKstats(t)

	// Ours halts and boots by the same zoneadmd.
	must(t, as+"/zoneadm", "-z", realZone, "halt")
	state(t, "installed")
	must(t, as+"/zoneadm", "-z", realZone, "boot")
	state(t, "running")
	if a := ask(t, "", as+"/zlogin", "-S", realZone, "/usr/bin/zonename"); a.out != realZone+"\n" || a.status != 0 {
		t.Errorf("in the zone that ours has booted: %v", a)
	}
	must(t, as+"/zoneadm", "-z", realZone, "reboot")
	state(t, "running")
	must(t, system["zoneadm"], "-z", realZone, "halt")
	state(t, "installed")
}

// TestBranded: the test's brand has no hooks of the one that it is made of.
func TestBranded(t *testing.T) {
	t.Parallel()
	config, platform := branded(`<brand name="x">
	<modname></modname>
	<initname>/sbin/init</initname>
	<login_cmd>/usr/bin/login -z %Z %u</login_cmd>
	<install>/usr/lib/brand/x/install -z %z</install>
	<installopts>a:</installopts>
	<boot>/usr/lib/brand/x/boot
		%z</boot>
	<halt></halt>
	<attach/>
	<prestatechange>/x</prestatechange>
	<privilege set="default" name="proc_fork" />
</brand>`, `<platform name="x" allow-exclusive-ip="true">
	<global_mount special="/dev" directory="/dev" type="dev" opt="attrdir=%R/root/dev"/>
	<global_mount special="/usr" directory="/usr" opt="ro" type="lofs" />
</platform>`)
	if strings.Contains(config, "/usr/lib/brand") || strings.Contains(config, "statechange") || strings.Contains(config, "<halt") || strings.Contains(config, "<attach") {
		t.Errorf("a hook is left: %s", config)
	}
	for _, want := range []string{`<brand name="zt-brand">`, "<initname>/zt-init</initname>", "<install>/usr/bin/true</install>", "<login_cmd>/usr/bin/login", "<installopts>a:", `name="proc_fork"`} {
		if !strings.Contains(config, want) {
			t.Errorf("no %s in %s", want, config)
		}
	}
	if strings.Count(platform, `directory="/usr"`) != 1 || strings.Count(platform, `directory="/lib"`) != 1 || !strings.Contains(platform, `<platform name="zt-brand" allow`) ||
		!strings.HasSuffix(platform, "</platform>") {
		t.Errorf("platform: %s", platform)
	}
}
