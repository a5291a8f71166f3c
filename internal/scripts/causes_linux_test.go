package scripts

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/rootfs/sparse"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/zonecfg/brand"
)

// cause is a boot failure that a new user may meet.
type cause struct {
	name                 string
	root                 bool   // only root can make it fail, in a mount namespace
	user                 bool   // root doesn't fail
	attributes, elements string // added to the zone's configuration
	before               string // shell commands; $TOP is the test's directory
	args                 string // of boot
	call, path           string // expressions for what the cause names
}

var causes = []cause{
	{
		name:   "a root directory that can't be entered",
		before: `cd $TOP/m/zones/web && mv root real && ln -s loop root && ln -s root loop`,
		call:   "lookup", path: "/zones/web/root",
	},
	{
		name: "a root directory without permission", user: true,
		before: `chmod 0 $TOP/m/zones/web/root`,
		call:   "access|lookup|open_tree|stat", path: "/zones/web/root",
	},
	{
		name: "a device file that the machine doesn't have", root: true,
		before: `mkdir $TOP/dev && mount -t tmpfs dev $TOP/dev
for n in null zero random urandom tty; do : >$TOP/dev/$n && mount --bind /dev/$n $TOP/dev/$n; done
mkdir $TOP/dev/pts $TOP/dev/shm && mount --bind /dev/pts $TOP/dev/pts && ln -s pts/ptmx $TOP/dev/ptmx && ln -s /proc/self/fd $TOP/dev/fd && mount --rbind $TOP/dev /dev`,
		call: "open_tree", path: "/dev/full",
	},
	{
		name: "a full disk", root: true,
		elements: `<filesystem special="/etc" directory="/data" type="lofs"/>`,
		before:   `mkdir $TOP/m/zones/web/dev && cp -a $TOP/m/zones/web $TOP/web && mount -t tmpfs -o nr_inodes=$(($(find $TOP/web | wc -l) + 3)),mode=700 disk $TOP/m/zones/web && cp -a $TOP/web/. $TOP/m/zones/web && i=0 && while touch $TOP/m/zones/web/root/fill$i; do i=$((i + 1)); done 2>/dev/null`,
		call:     "mkdirat", path: "/data",
	},
	{
		name:     "a mount point that is a file",
		elements: `<filesystem special="/etc" directory="/etc/hostname" type="lofs"/>`,
		call:     "mount point", path: "/etc/hostname",
	},
	{
		name: "a hook that fails", root: true,
		before: hookedBrand(map[string]string{"prestatechange": "/bin/sh -c 'echo no such vlan >&amp;2; exit 7'"}) +
			`sed -i 's/brand="sparse"/brand="hooked"/' $TOP/m/etc/zones/web.xml`,
		call: "prestatechange", path: "/bin/sh -c .*: exit status 7: no such vlan",
	},
	{
		name: "a missing init", args: "-- -i /none/init",
		call: "stat", path: "/zones/web/root/none/init",
	},
	{
		name: "a control group that can't be made", root: true,
		before: `zoneadm-go host >/dev/null
awk '$3 ~ /^cgroup/ { print $2 }' /proc/self/mounts | while read -r dir; do mount -o remount,bind,ro "$dir"; done`,
		call: "mkdir", path: "/sys/fs/cgroup",
	},
	{
		name: "a link that doesn't exist", attributes: `ip-type="exclusive"`,
		elements: `<network physical="none0"/>`,
		call:     "link_by_name|link", path: "none0",
	},
}

// hookedBrand returns shell commands that make a brand "hooked", which is sparse with these
// hooks: a zone that was installed as sparse may become one. They must run in a mount
// namespace, since brands are below /usr/lib.
func hookedBrand(hooks map[string]string) string {
	var elements, mounts strings.Builder
	for hook, command := range hooks {
		fmt.Fprintf(&elements, "<%s>%s</%s>\n", hook, command, hook)
	}
	own, err := brand.Open("/none", "sparse")
	if err != nil {
		panic(err) // it is built in
	}
	for set, list := range map[string][]priv.Entry{"default": own.Privileges.Default, "prohibited": own.Privileges.Prohibited, "required": own.Privileges.Required} {
		for _, p := range list {
			fmt.Fprintf(&elements, `<privilege set="%s" name="%s" ip-type="%s"/>`+"\n", set, p.Name, p.IPType)
		}
	}
	for _, dir := range sparse.Shared() {
		fmt.Fprintf(&mounts, `<mount special="%s" directory="%s" opt="ro,nodevices" type="lofs"/>`, dir, dir)
	}
	return `mkdir $TOP/lib && mount -t tmpfs none $TOP/lib && mkdir $TOP/lib/up $TOP/lib/work
mount -t overlay -o lowerdir=/usr/lib,upperdir=$TOP/lib/up,workdir=$TOP/lib/work overlay /usr/lib && mkdir -p /usr/lib/brand/hooked
cat >/usr/lib/brand/hooked/config.xml <<'END'
<?xml version="1.0"?>
<!DOCTYPE brand PUBLIC "-//Sun Microsystems Inc//DTD Brands//EN" "file:///usr/share/lib/xml/dtd/brand.dtd.1">
<brand name="hooked"><modname></modname><initname>` + sparse.Init + `</initname>
` + elements.String() + `</brand>
END
cat >/usr/lib/brand/hooked/platform.xml <<'END'
<?xml version="1.0"?>
<!DOCTYPE platform PUBLIC "-//Sun Microsystems Inc//DTD Zones Platform//EN" "file:///usr/share/lib/xml/dtd/zone_platform.dtd.1">
<platform name="hooked">` + mounts.String() + `</platform>
END
`
}

// nobody is the user ID of an ordinary user.
const nobody = 65534

// TestSmartosLive947Causes: when a boot fails, the command's cause line names the call and the path,
// and the zone's log contains the line.
// https://github.com/TritonDataCenter/smartos-live/issues/947 and 299: "call to zoneadmd
// failed" is all that is printed.
func TestSmartosLive947Causes(t *testing.T) {
	needZones(t)
	for _, c := range causes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.root {
				testenv.Need(t, testenv.Root)
			}
			if c.user {
				testenv.Need(t, testenv.User)
			}
			c.check(t, nil)
		})
		if os.Getuid() != 0 || c.root {
			continue
		}
		t.Run(c.name+", as a user", func(t *testing.T) {
			t.Parallel()
			c.check(t, &syscall.Credential{Uid: nobody, Gid: nobody})
		})
	}
}

// TestMissingDevice: a device that the configuration names by its path and the host
// lacks is a warning of the command and in the log; a pattern may match nothing.
func TestMissingDevice(t *testing.T) {
	needZones(t)
	users := map[string]*syscall.Credential{"as this user": nil}
	if os.Getuid() == 0 {
		users["as another user"] = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	for name, user := range users {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, user)
			h.configure("", `<device match="/dev/zones-none*"/><device match="zones-none"/>`)
			var errs bytes.Buffer
			command := h.command("sh", "-c", "exec zoneadm-go -z web boot")
			command.Stderr = &errs
			if err := command.Run(); err != nil {
				t.Fatalf("%v: %s", err, errs.String())
			}
			const warning = "WARNING: skipping device '/dev/zones-none': lstat: No such file or directory\n"
			// A user can't enforce limits either, and is warned of those first.
			if got := errs.String(); !strings.HasSuffix("\n"+got, "\nzone 'web': "+warning) || strings.Count(got, "skipping") != 1 {
				t.Errorf("the command prints %q", got)
			}
			h.logged(warning)
		})
	}
}

func needZones(t *testing.T) {
	testenv.Need(t, testenv.Long, zones())
}

// check boots the zone and checks what the command prints and the log.
func (c *cause) check(t *testing.T, user *syscall.Credential) {
	h := newHome(t, user)
	h.configure(c.attributes, c.elements)
	script := []string{"sh", "-c", "set -e\n" + c.before + "\nexec zoneadm-go -z web boot " + c.args}
	if c.root {
		script = append([]string{"unshare", "-m", "--propagation", "private"}, script...)
	}
	command := h.command(script...)
	var errs bytes.Buffer
	command.Stderr = &errs
	if err := command.Run(); err == nil {
		t.Fatal("the zone boots")
	}
	_, told, ok := strings.Cut(errs.String(), "zoneadm-go: zone 'web': cause: ")
	told, _, _ = strings.Cut(told, "\n")
	if !ok || !regexp.MustCompile(`(^|: )(`+c.call+`) \S*`+c.path).MatchString(told) {
		t.Errorf("the cause is %q, not of %s %s; the command prints:\n%s", told, c.call, c.path, errs.String())
	}
	h.logged("boot web: ", told)
}

// home is a directory with an installed zone web, for commands of a user.
type home struct {
	*testing.T
	top, machine, runDir string
	user                 *syscall.Credential
}

func newHome(t *testing.T, user *syscall.Credential) *home {
	top, err := os.MkdirTemp("", "causes")
	if err != nil {
		t.Fatal(err)
	}
	h := &home{t, top, filepath.Join(top, "m"), filepath.Join(top, "m/run"), user}
	t.Cleanup(func() {
		h.stop()
		os.RemoveAll(top)
	})
	if err := os.CopyFS(h.machine, os.DirFS("../../docs/examples")); err != nil {
		t.Fatal(err)
	}
	if user != nil {
		owner := fmt.Sprintf("%d:%d", user.Uid, user.Gid)
		if out, err := exec.Command("chown", "-R", owner, top).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if out, err := h.command("sh", "-c", "exec zoneadm-go -z web install").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h.stop() // the next kernel process is started by the boot, in its mount namespace
	return h
}

// stop ends the kernel process and its zones.
func (h *home) stop() {
	h.Helper()
	if err := end(h.runDir, syscall.SIGTERM); err != nil {
		h.Error(err)
	}
}

// command returns a command of the user; PATH has the commands under test.
func (h *home) command(argv ...string) *exec.Cmd {
	command := exec.Command(argv[0], argv[1:]...)
	command.Dir = h.top
	command.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "TOP=" + h.top, "HOME=" + h.top,
		"TMPDIR=" + h.top, "ZONES_ROOT=" + h.machine, "ZONES_RUN=" + h.runDir}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: h.user}
	return command
}

// configure adds attributes and elements to the zone's configuration.
func (h *home) configure(attributes, elements string) {
	h.Helper()
	path := filepath.Join(h.machine, "etc/zones/web.xml")
	text, err := os.ReadFile(path)
	if err != nil {
		h.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`autoboot="false"`), []byte(`autoboot="false" `+attributes), 1)
	text = bytes.Replace(text, []byte(`</zone>`), []byte(elements+`</zone>`), 1)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		h.Fatal(err)
	}
}

// logged checks that one line of the zone's log has all the texts.
func (h *home) logged(texts ...string) {
	h.Helper()
	if _, err := os.Stat("/dev/log"); err == nil {
		h.Log("the log isn't checked: this machine has a system log, which gets the lines")
		return
	}
	log, err := os.ReadFile(filepath.Join(h.runDir, "zoneadmd.log"))
	if err != nil {
		h.Fatal(err)
	}
	texts = append(texts, "[zone 'web'] ")
	for line := range strings.Lines(string(log)) {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			return
		}
	}
	h.Errorf("no line of the log has all of %q:\n%s", texts, log)
}
