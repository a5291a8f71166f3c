package zoneadm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// The mode of a zonepath: its owner's only.
const zonepathMode = 0o700

// zonepath checks the directory of the target's files for a verb. Verbs that make
// a zone make the directory too, and all but verify mend its owner and mode.
func (t *Tool) zonepath(verb string, z *zonecfg.Zone, b *brand.Brand) bool {
	path := z.Zonepath
	if !filepath.IsAbs(path) {
		t.raw("%s is not an absolute path.", path)
		return false
	}
	resolved, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		switch verb {
		case "verify":
			t.raw("WARNING: %s does not exist, so it could not be verified.", path)
			t.raw("When 'zoneadm install' is run, it is made; the checks that")
			t.raw("were left out here are made then.")
			return true
		case "install", "clone", "move":
		default:
			t.sayOf(path, err)
			return false
		}
		if err := makeZonepath(path); err != nil {
			t.sayOf(path, err)
			return false
		}
		resolved, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		t.sayOf(path, err)
		return false
	}
	if resolved != path {
		fmt.Fprintf(t.Err, "%s: %s: Resolved path mismatch\n", t.Prog, path)
		return false
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.sayOf(path, err)
		return false
	}
	if !info.IsDir() {
		t.raw("%s is not a directory.", path)
		return false
	}
	on, known := t.mountOf(path)
	if known && on.FSType == "tmpfs" {
		fmt.Fprintf(t.Out, "WARNING: %s is on a temporary file system.\n", path)
	}
	sound := t.alone(path)
	sound = t.owned(path, info, verb != "verify") && sound
	sound = t.parent(path) && sound
	if known && networked(on) {
		t.raw("Zonepath %s is on an NFS mounted file system.\n\tA local file system must be used.", path)
		sound = false
	}
	if _, nosuid := on.Option("nosuid"); nosuid && t.needsSetUID(b) {
		t.raw("Zonepath %s is on a nosuid file system.", path)
		sound = false
	}
	if verb != "attach" && verb != "move" {
		sound = t.rootOf(verb, path) && sound
	}
	return sound
}

// needsSetUID tells that programs of the zone's own files may set the user id. In
// zones whose programs are the machine's, and in those of a user who has only one id
// there, none does.
func (t *Tool) needsSetUID(b *brand.Brand) bool {
	if t.Owner != 0 {
		return false
	}
	if b.Skeleton == nil {
		return true
	}
	shared, err := b.Skeleton.Mounts()
	return err != nil || len(shared) == 0
}

// makeZonepath makes the directory and those above it.
func makeZonepath(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.Mkdir(path, zonepathMode)
}

// alone checks that no other zone that is installed has its files around or
// within the path.
func (t *Tool) alone(path string) bool {
	entries, err := t.Store.Entries()
	if err != nil {
		t.sayOf(path, err)
		return false
	}
	for _, e := range entries {
		if e.Name == t.target || e.Name == "global" || e.State < zonecfg.Installed || e.Zonepath == "" {
			continue
		}
		other := t.Store.InRoot(e.Zonepath)
		if resolved, err := filepath.EvalSymlinks(other); err == nil {
			other = resolved
		} else {
			fmt.Fprintf(t.Out, "WARNING: zone %s is installed, but its zonepath %s does not exist.\n", e.Name, other)
			continue
		}
		ours, theirs := path+"/", other+"/"
		if strings.HasPrefix(ours, theirs) || strings.HasPrefix(theirs, ours) {
			t.raw("%s zonepath (%s) and %s zonepath (%s) overlap.", t.target, path, e.Name, other)
			return false
		}
	}
	return true
}

// ownerOf returns the owner of a file.
func ownerOf(info os.FileInfo) uint32 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Uid
	}
	return 0
}

// permission is one bit of a mode, in the words of the diagnostics.
type permission struct {
	bit  os.FileMode
	text string
}

var permissions = []permission{
	{0o400, "owner readable"}, {0o200, "owner writable"}, {0o100, "owner executable"},
	{0o040, "group readable"}, {0o020, "group writable"}, {0o010, "group executable"},
	{0o004, "world readable"}, {0o002, "world writable"}, {0o001, "world executable"},
}

// wrong says which bits of a mode must be and aren't, or mustn't and are.
func wrong(mode, must, mustNot os.FileMode) (texts []string) {
	for _, p := range permissions {
		switch {
		case must&p.bit != 0 && mode&p.bit == 0:
			texts = append(texts, "must be "+p.text)
		case mustNot&p.bit != 0 && mode&p.bit != 0:
			texts = append(texts, "must not be "+p.text)
		}
	}
	return texts
}

// owned checks owner and mode of the zonepath; with mend they are set right.
func (t *Tool) owned(path string, info os.FileInfo, mend bool) bool {
	sound := true
	if ownerOf(info) != t.Owner {
		t.raw("%s is not owned by root.", path)
		sound = false
		if mend {
			t.raw("%s: changing owner to root.", path)
			if err := os.Chown(path, int(t.Owner), -1); err != nil {
				t.sayOf(path, err)
			} else {
				sound = true
			}
		}
	}
	texts := wrong(info.Mode().Perm(), 0o700, 0o077)
	if len(texts) == 0 {
		return sound
	}
	for _, text := range texts {
		t.raw("%s %s.", path, text)
	}
	if !mend {
		return false
	}
	t.raw("%s: changing permissions to 0700.", path)
	if err := os.Chmod(path, zonepathMode); err != nil {
		t.sayOf(path, err)
		return false
	}
	return sound
}

// parent checks the directory that the zonepath is in, which nobody else may
// change.
func (t *Tool) parent(path string) bool {
	above := filepath.Dir(path)
	if above == path {
		t.raw("%s is its own parent.", path)
		return false
	}
	info, err := os.Stat(above)
	if err != nil {
		t.sayOf(above, err)
		return false
	}
	sound := true
	if ownerOf(info) != t.Owner {
		t.raw("%s is not owned by root.", above)
		sound = false
	}
	for _, text := range wrong(info.Mode().Perm(), 0o700, 0o022) {
		t.raw("%s %s.", above, text)
		sound = false
	}
	return sound
}

// rootOf checks what may lie in the zonepath of a zone that is only configured.
func (t *Tool) rootOf(verb, path string) bool {
	state, err := t.stateOf(t.target)
	if err != nil || state != zonecfg.Configured {
		return true
	}
	root := filepath.Join(path, "root")
	info, err := os.Lstat(root)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		t.sayOf(root, err)
		return false
	}
	if _, err := os.Lstat(filepath.Join(path, detachedFile)); err == nil {
		t.raw("Cannot %s detached zone.\nUse attach or remove %s directory.", verb, path)
		return false
	}
	sound := true
	if !info.IsDir() {
		t.raw("%s is not a directory.", root)
		return false
	}
	if ownerOf(info) != t.Owner {
		t.raw("%s is not owned by root.", root)
		sound = false
	}
	if info.Mode().Perm() != 0o755 {
		t.raw("%s mode is not 0755.", root)
		sound = false
	}
	return sound
}

// The files of a detached zone, and of one that was attached by force.
const (
	detachedFile = "SUNWdetached.xml"
	attachedFile = "SUNWattached.xml"
)

// standard are the entries of a zonepath that the system makes.
var standard = []string{"dev", "lu", "root", attachedFile}

// clean removes a zonepath: all of it, or only the standard entries where there
// are others and all isn't asked for.
func (t *Tool) clean(path string, all bool) error {
	if path == "" || path == "/" {
		t.raw("invalid zonepath '%s'", path)
		return zonecfg.ErrInvalid
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil // not there, or not to be looked into: nothing to remove
	}
	others := false
	for _, e := range entries {
		if name := e.Name(); name != ".zfs" && !skips(name, standard...) {
			others = true
		}
	}
	if others && !all {
		for _, name := range standard {
			if err := os.RemoveAll(filepath.Join(path, name)); err != nil {
				return err
			}
		}
		t.raw("WARNING: Unable to completely remove %s", path)
		t.raw("because it contains additional user data.  Only the standard directory")
		t.raw("entries have been removed.")
		return nil
	}
	return os.RemoveAll(path)
}
