package zoneadm

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// links is what verifying asks of a kernel that knows data links.
type links interface {
	LinkByName(name string) (zone.LinkID, error)
}

// skips are the checks that a verb leaves out.
func skips(verb string, verbs ...string) bool {
	for _, v := range verbs {
		if v == verb {
			return true
		}
	}
	return false
}

// verifyZone checks everything that the target needs of the machine, for a verb,
// and prints all that it finds.
func (t *Tool) verifyZone(verb string, args []string) bool {
	z, err := t.Store.Load(t.target)
	if err != nil {
		t.sayOf(verb, err)
		return false
	}
	if !t.samePath(z) {
		return false
	}
	b, ok := t.brandOf(z, verb)
	if !ok {
		return false
	}
	sound := true
	if verb != "attach" && !t.zonepath(verb, z, b) {
		t.raw("could not verify zonepath %s because of the above errors.", z.Zonepath)
		sound = false
	}
	if !t.alternate() {
		sound = t.verifyNet(z) && sound
	}
	sound = t.verifyFS(z) && sound
	if t.alternate() {
		return sound
	}
	sound = t.verifyRctls(z) && sound
	t.verifyPool(z)
	sound = t.verifyAdm(b, z, verb, args) && sound
	sound = t.verifyDatasets(z) && sound
	if verb != "mount" {
		sound = t.verifyPrivileges(z, b) && sound
	}
	return sound
}

// samePath checks that the file and the index name the same zonepath.
func (t *Tool) samePath(z *zonecfg.Zone) bool {
	entry, err := t.Store.Entry(t.target)
	if err != nil || entry.Zonepath == "" {
		return true // the path is the file's then
	}
	indexed := t.Store.InRoot(entry.Zonepath)
	if indexed == z.Zonepath {
		return true
	}
	t.raw("The XML repository has zonepath '%s',", z.Zonepath)
	t.raw("but the index file has zonepath '%s'.", indexed)
	t.raw("These must match, so fix the incorrect entry.")
	return false
}

func (t *Tool) verifyNet(z *zonecfg.Zone) bool {
	known, ok := t.Kernel.(links)
	if !ok {
		return true
	}
	sound := true
	for _, n := range z.Net {
		if n.Physical == "lo0" {
			continue
		}
		if !z.Exclusive() {
			if err := zonecfg.CheckAddress(n.Address); err != nil {
				t.raw("could not verify net address=%s physical=%s\n\t%s", n.Address, n.Physical, reason(err))
				sound = false
				continue
			}
		}
		if _, err := known.LinkByName(n.Physical); err == nil {
			continue
		} else if z.Exclusive() {
			t.raw("WARNING: skipping network interface '%s': %s", n.Physical, reason(err))
		} else {
			t.raw("WARNING: skipping network interface '%s' which may not be present/plumbed in the global zone.", n.Physical)
		}
	}
	return sound
}

// systemFS returns the programs that mount and check file systems of a type. there
// is false where no such programs are: there the embedded kernel mounts.
func systemFS(t string) (mount, fsck string, there bool) {
	dir := filepath.Join("/usr/lib/fs", t)
	if _, err := os.Stat("/usr/lib/fs"); err != nil {
		return "", "", false
	}
	return filepath.Join(dir, "mount"), filepath.Join(dir, "fsck"), true
}

func (t *Tool) verifyFS(z *zonecfg.Zone) bool {
	sound := true
	for _, f := range z.FS {
		sound = t.verifyOneFS(f) && sound
	}
	return sound
}

func (t *Tool) verifyOneFS(f zonecfg.FS) bool {
	if f.Type == "proc" || f.Type == "mntfs" || f.Type == "autofs" || strings.HasPrefix(f.Type, "nfs") {
		t.raw("cannot verify fs %s: type %s is not allowed.", f.Dir, f.Type)
		return false
	}
	if mount, fsck, ok := systemFS(f.Type); ok {
		info, err := os.Stat(mount)
		if err != nil {
			t.raw("could not verify fs %s: could not access %s: %s", f.Dir, mount, reason(err))
			return false
		}
		if !info.Mode().IsRegular() {
			t.raw("could not verify fs %s: %s is not a regular file", f.Dir, mount)
			return false
		}
		_, err = os.Stat(fsck)
		special, specialErr := os.Stat(f.Special)
		switch {
		case f.Raw != "" && errors.Is(err, fs.ErrNotExist):
			t.raw("cannot verify fs %s: 'raw' device specified but no fsck executable exists for %s", f.Dir, f.Type)
			return false
		case f.Raw == "" && err == nil && (specialErr != nil || !special.Mode().IsRegular()):
			t.raw("could not verify fs %s: must specify 'raw' device for %s file systems", f.Dir, f.Type)
			return false
		}
	}
	switch f.Type {
	case "tmpfs":
		return true // its source is a word
	case "zfs":
		return t.verifyZFS(f)
	}
	resolved, err := filepath.EvalSymlinks(f.Special)
	if err != nil {
		t.raw("could not verify fs %s: could not access %s: %s", f.Dir, f.Special, reason(err))
		return false
	}
	if on, ok := t.mountOf(resolved); ok && networked(on) {
		t.raw("cannot verify fs %s: NFS mounted file system.\n\tA local file system must be used.", f.Special)
		return false
	}
	return true
}

// verifyPool warns of a pool that the zone asks for where there are none. A zone
// without its pool runs in the machine's own.
func (t *Tool) verifyPool(z *zonecfg.Zone) {
	if z.Pool == "" {
		return
	}
	if _, err := os.Stat(poolDevice); err != nil {
		t.raw("WARNING: pools facility not active; zone will not be bound to pool '%s'.", z.Pool)
	}
}

// poolDevice is there where the system has resource pools.
const poolDevice = "/dev/pool"

func (t *Tool) verifyRctls(z *zonecfg.Zone) bool {
	sound := true
	for _, r := range z.Rctl {
		control, ok := rctl.Lookup(r.Name)
		if !ok {
			t.say("WARNING: Ignoring unrecognized rctl '%s'.", r.Name)
			continue
		}
		for _, text := range r.Values {
			value, err := text.Parse()
			if err != nil {
				t.say("invalid rctl value: (priv=%s,limit=%s,action%s)", text.Priv, text.Limit, text.Action)
				sound = false
				continue
			}
			if control.Check(value) != nil {
				t.say("(priv=%s,limit=%s,action=%s) is not a valid value for rctl '%s'", text.Priv, text.Limit, text.Action, r.Name)
				sound = false
			}
		}
	}
	return sound
}

func (t *Tool) verifyPrivileges(z *zonecfg.Zone, b *brand.Brand) bool {
	_, err := z.Privileges(&b.Privileges)
	if err == nil {
		return true
	}
	var limit *priv.LimitError
	if errors.As(err, &limit) {
		t.raw("%s", limit.Error())
	} else {
		t.raw("failed to determine the zone's privilege set")
	}
	return false
}
