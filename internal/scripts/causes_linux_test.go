package scripts

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// cause is a boot failure that a new user may meet.
type cause struct {
	name string
	root bool // only root can cause the failure, in a mount namespace
	user bool // only ordinary users meet it
	// config is put into the zone's configuration; ROOT is the zone's root directory.
	attributes, elements string
	before               string // shell commands; $TOP is the test's directory
	args                 string // of boot
	// call and path are named by the message about the cause.
	call, path string
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
		before:   `cp -a $TOP/m/zones/web $TOP/web && mount -t tmpfs -o nr_inodes=$(($(find $TOP/web | wc -l) + 3)),mode=700 disk $TOP/m/zones/web && cp -a $TOP/web/. $TOP/m/zones/web && i=0 && while touch $TOP/m/zones/web/root/fill$i; do i=$((i + 1)); done 2>/dev/null`,
		call:     "mkdirat", path: "/data",
	},
	{
		name:     "a mount point that is a file",
		elements: `<filesystem special="/etc" directory="/etc/hostname" type="lofs"/>`,
		call:     "mount point", path: "/etc/hostname",
	},
	{
		name: "a hook that fails", root: true,
		before: `mkdir $TOP/upper $TOP/work $TOP/lib && mount -t tmpfs none $TOP/lib && mkdir $TOP/lib/up $TOP/lib/work
mount -t overlay -o lowerdir=/usr/lib,upperdir=$TOP/lib/up,workdir=$TOP/lib/work overlay /usr/lib && mkdir -p /usr/lib/brand/hooked
cat >/usr/lib/brand/hooked/config.xml <<'END'
<?xml version="1.0"?>
<!DOCTYPE brand PUBLIC "-//Sun Microsystems Inc//DTD Brands//EN" "file:///usr/share/lib/xml/dtd/brand.dtd.1">
<brand name="hooked"><modname></modname><initname>/sbin/init</initname>
<prestatechange>/bin/sh -c 'echo no such vlan >&amp;2; exit 7'</prestatechange>
</brand>
END
cat >/usr/lib/brand/hooked/platform.xml <<'END'
<?xml version="1.0"?>
<!DOCTYPE platform PUBLIC "-//Sun Microsystems Inc//DTD Zones Platform//EN" "file:///usr/share/lib/xml/dtd/zone_platform.dtd.1">
<platform name="hooked"></platform>
END
sed -i 's/brand="sparse"/brand="hooked"/' $TOP/m/etc/zones/web.xml`,
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

// nobody is the user ID of an ordinary user.
const nobody = 65534

// TestCauses: whatever prevents a zone's boot, the command's message names the failed
// call and the path, and the log has the whole error.
func TestCauses(t *testing.T) {
	if here, err := zonesHere(); err != nil || !here {
		t.Skip("this user may make no namespaces here:", err)
	}
	for _, c := range causes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.root && os.Getuid() != 0 || c.user && os.Getuid() == 0 {
				t.Skip("needs root, or another user")
			}
			c.run(t, nil)
		})
		if os.Getuid() != 0 || c.root {
			continue
		}
		t.Run(c.name+", as a user", func(t *testing.T) {
			t.Parallel()
			c.run(t, &syscall.Credential{Uid: nobody, Gid: nobody})
		})
	}
}

func (c *cause) run(t *testing.T, user *syscall.Credential) {
	top, err := os.MkdirTemp("", "causes")
	if err != nil {
		t.Fatal(err)
	}
	machine := filepath.Join(top, "m")
	runDir := filepath.Join(machine, "run")
	t.Cleanup(func() {
		if err := end(runDir, syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		os.RemoveAll(top)
	})
	if err := os.CopyFS(machine, os.DirFS("../../docs/examples")); err != nil {
		t.Fatal(err)
	}
	if user != nil {
		if out, err := exec.Command("chown", "-R", fmt.Sprintf("%d:%[1]d", nobody), top).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	start := func(argv ...string) *exec.Cmd {
		command := exec.Command(argv[0], argv[1:]...)
		command.Dir = top
		command.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "TOP=" + top, "HOME=" + top, "TMPDIR=" + top,
			"ZONES_ROOT=" + machine, "ZONES_RUN=" + runDir}
		command.SysProcAttr = &syscall.SysProcAttr{Credential: user}
		return command
	}
	if out, err := start("sh", "-c", "exec zoneadm-go -z web install").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := end(runDir, syscall.SIGTERM); err != nil { // the next kernel process sees what is made now
		t.Fatal(err)
	}
	config := filepath.Join(machine, "etc/zones/web.xml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`autoboot="false"`), []byte(`autoboot="false" `+c.attributes), 1)
	text = bytes.Replace(text, []byte(`</zone>`), []byte(c.elements+`</zone>`), 1)
	if err := os.WriteFile(config, text, 0o644); err != nil {
		t.Fatal(err)
	}
	script := []string{"sh", "-c", "set -e\n" + c.before + "\nexec zoneadm-go -z web boot " + c.args}
	if c.root {
		script = append([]string{"unshare", "-m", "--propagation", "private"}, script...)
	}
	command := start(script...)
	var errs bytes.Buffer
	command.Stderr = &errs
	if err := command.Run(); err == nil {
		t.Fatal("the zone boots")
	}
	_, told, ok := strings.Cut(errs.String(), "zoneadm-go: zone 'web': cause: ")
	told, _, _ = strings.Cut(told, "\n")
	if !ok || !regexp.MustCompile(`(^|: )(`+c.call+`) \S*`+c.path).MatchString(told) {
		t.Errorf("the cause is %q, not of %s %s; all that is told:\n%s", told, c.call, c.path, errs.String())
	}
	if _, err := os.Stat("/dev/log"); err == nil {
		return // the system's log has it
	}
	log, err := os.ReadFile(filepath.Join(runDir, "zoneadmd.log"))
	if err != nil || !strings.Contains(string(log), "[zone 'web'] boot web: ") || !strings.Contains(string(log), told) {
		t.Errorf("the log is %q, %v, without %q", log, err, told)
	}
}
