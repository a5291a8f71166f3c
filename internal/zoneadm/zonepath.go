package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/internal/rootfs/remove"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// zonepathMode is the mode of a zonepath.
const zonepathMode = 0o700

// zonepath checks the zone's directory. The verbs install, clone and move create it if it
// doesn't exist, and all but verify correct its owner and mode.
func (t *Target) zonepath(z *zonecfg.Zone, b *brand.Brand) bool {
	path := z.Zonepath
	if !filepath.IsAbs(path) {
		t.problem(bare("%s is not an absolute path.", path))
		return false
	}
	resolved, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		switch {
		case t.verb == VerbVerify:
			t.warn(bare("WARNING: %s does not exist, so it could not be verified.\n"+
				"'zoneadm install' will create it, and will then make\nthe checks that were left out here.", path))
			return true
		case t.verb.in(VerbInstall, VerbClone):
		case t.verb == VerbMove && z != t.config: // the new one; the old one has the zone's files
		default:
			t.problem(about(path, err))
			return false
		}
		if t.DryRun {
			return t.dryZonepath(path)
		}
		if err := t.makeZonepath(path); err != nil {
			t.problem(about(path, err))
			return false
		}
		resolved, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		t.problem(about(path, err))
		return false
	}
	if filepath.ToSlash(resolved) != path {
		t.problem(named("%s: Resolved path mismatch", path))
		return false
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.problem(about(path, err))
		return false
	}
	if !info.IsDir() {
		t.problem(bare("%s is not a directory.", path))
		return false
	}
	if name, is := t.notMounted(path); is {
		t.problem(bare("%s.", notMountedText(name, path)))
		return false
	}
	on, known := t.mountOf(path)
	if known && on.FSType == "tmpfs" {
		t.warn(Line{Output, fmt.Sprintf("WARNING: %s is on a temporary file system.", path)})
	}
	sound := t.alone(path)
	sound = t.owned(path, info) && sound
	sound = t.parent(path) && sound
	if known && networked(on) {
		t.problem(bare("Zonepath %s is on an NFS mounted file system.\n\tA local file system must be used.", path))
		sound = false
	}
	if _, nosuid := on.Option("nosuid"); nosuid && t.needsSetUID(b) {
		t.problem(bare("Zonepath %s is on a nosuid file system.", path))
		sound = false
	}
	if !t.verb.in(VerbAttach, VerbMove) {
		sound = t.rootOf(path) && sound
	}
	return sound
}

// needsSetUID reports whether the zone's files may include set-user-id programs. They don't
// if the zone uses the host's programs, or has only one user id because it is an
// ordinary user's.
func (t *Target) needsSetUID(b *brand.Brand) bool {
	if t.Owner != 0 {
		return false
	}
	if b.Skeleton == nil {
		return true
	}
	shared, err := b.Skeleton.Mounts()
	return err != nil || len(shared) == 0
}

// makeZonepath creates the directory and its parents.
func (t *Target) makeZonepath(path string) error {
	var missing []string // the innermost last
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		missing = append([]string{dir}, missing...)
	}
	for i, dir := range append(missing, path) {
		mode := os.FileMode(0o755)
		if i == len(missing) {
			mode = zonepathMode
		}
		switch err := os.Mkdir(dir, mode); {
		case err == nil:
			t.made = append(t.made, dir)
		case !errors.Is(err, fs.ErrExist): // or another zoneadm has just created it
			return err
		}
	}
	return nil
}

// unmake removes the directories that the verb has created for a zonepath, if it fails with
// nothing in them.
func (t *Target) unmake(failed *error) {
	if *failed != nil {
		for _, dir := range slices.Backward(t.made) {
			os.Remove(dir) // fails if something is in it
		}
	}
	t.made = nil
}

// occupied reports whether a directory has other entries than those of a zonepath.
func occupied(path string) bool {
	entries, err := os.ReadDir(path)
	return err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return !slices.Contains(standard, e.Name()) && !slices.Contains([]string{".zfs", zonecfg.DetachedManifest}, e.Name())
	})
}

// alone checks that the path doesn't overlap with the zonepath of another installed zone.
func (t *Target) alone(path string) bool {
	other, missing, err := t.Store.Overlap(t.Name, path)
	if err != nil {
		t.problem(about(path, err))
		return false
	}
	for _, e := range missing {
		t.warn(Line{Output, fmt.Sprintf("WARNING: zone %s is installed, but its zonepath %s does not exist.", e.Name, e.Zonepath)})
	}
	if other != nil {
		t.problem(bare("%s zonepath (%s) and %s zonepath (%s) overlap.", t.Name, path, other.Name, other.Zonepath))
	}
	return other == nil
}

// foreign reports whether a file has another owner than zonepaths must have.
func (t *Target) foreign(info os.FileInfo) bool {
	stat, err := posix.StatOf(info)
	return posix.Permissions && (err != nil || stat.UID != t.Owner)
}

// permission is a bit of a mode and its name in messages.
type permission struct {
	bit  os.FileMode
	text string
}

var permissions = []permission{
	{0o400, "owner readable"}, {0o200, "owner writable"}, {0o100, "owner executable"},
	{0o040, "group readable"}, {0o020, "group writable"}, {0o010, "group executable"},
	{0o004, "world readable"}, {0o002, "world writable"}, {0o001, "world executable"},
}

// wrong returns a text for each bit of a mode that must be set and isn't, or must not be
// set and is.
func wrong(mode, must, mustNot os.FileMode) (texts []string) {
	if !posix.Permissions {
		return nil
	}
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

// owned checks owner and mode of the zonepath. All verbs but verify correct them.
func (t *Target) owned(path string, info os.FileInfo) bool {
	kind := Repair
	if t.verb == VerbVerify {
		kind = Problem
	}
	found := func(l Line) {
		if kind == Problem {
			t.problem(l)
		} else {
			t.tell(kind, l)
		}
	}
	sound := true
	repair := func(text string, do func() error) {
		if kind == Problem {
			sound = false
			return
		}
		if t.verb.in(VerbInstall, VerbClone, VerbMove) && occupied(path) {
			switch {
			case t.verb == VerbMove: // refused later, by the original's message
				return
			case sound: // once
				t.problem(bare("%s has other files than a zone's, so its owner and mode aren't changed:\n"+
					"give the zone a directory of its own.", path))
			}
			sound = false
			return
		}
		if t.DryRun {
			t.would("repair %s: %s", path, strings.TrimSuffix(text, "."))
			return
		}
		t.tell(Repair, bare("%s: %s", path, text))
		if err := do(); err != nil {
			t.problem(about(path, err))
			sound = false
		}
	}
	if t.foreign(info) {
		found(bare("%s is not owned by root.", path))
		repair("changing owner to root.", func() error { return os.Chown(path, int(t.Owner), -1) })
	}
	texts := wrong(info.Mode().Perm(), 0o700, 0o077)
	for _, text := range texts {
		found(bare("%s %s.", path, text))
	}
	if len(texts) > 0 {
		repair("changing permissions to 0700.", func() error { return os.Chmod(path, zonepathMode) })
	}
	return sound
}

// parent checks the parent directory of the zonepath, which other users must not be able to
// write to.
func (t *Target) parent(path string) bool {
	above := filepath.Dir(path)
	if above == path {
		t.problem(bare("%s is its own parent.", path))
		return false
	}
	info, err := os.Stat(above)
	if err != nil {
		t.problem(about(above, err))
		return false
	}
	sound := true
	if t.foreign(info) {
		t.problem(bare("%s is not owned by root.", above))
		sound = false
	}
	for _, text := range wrong(info.Mode().Perm(), 0o700, 0o022) {
		t.problem(bare("%s %s.", above, text))
		sound = false
	}
	return sound
}

// rootOf checks the root directory of a zone that is only configured.
func (t *Target) rootOf(path string) bool {
	state, _, err := t.stateOf(t.Name)
	if err != nil || state != zonecfg.Configured {
		return true
	}
	root := filepath.Join(path, "root")
	info, err := os.Lstat(root)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		t.problem(about(root, err))
		return false
	}
	if _, err := os.Lstat(filepath.Join(path, zonecfg.DetachedManifest)); err == nil {
		t.problem(bare("Cannot %s detached zone.\nUse attach or remove %s directory.", t.verb, path))
		return false
	}
	sound := true
	if !info.IsDir() {
		t.problem(bare("%s is not a directory.", root))
		return false
	}
	if t.foreign(info) {
		t.problem(bare("%s is not owned by root.", root))
		sound = false
	}
	if posix.Permissions && info.Mode().Perm() != 0o755 {
		t.problem(bare("%s mode is not 0755.", root))
		sound = false
	}
	return sound
}

// standard are the entries of a zonepath that the system creates.
var standard = []string{"dev", "lu", "root", zonecfg.AttachedManifest}

// others returns the names in a zonepath that the system doesn't create.
func others(entries []os.DirEntry) (names []string) {
	for _, e := range entries {
		if name := e.Name(); name != ".zfs" && !slices.Contains(standard, name) {
			names = append(names, name)
		}
	}
	return names
}

// clean removes a zonepath; of one that is a mount point the contents, unless that is a ZFS
// file system, which is destroyed. If it has other entries than the standard ones, and all isn't
// set, only the standard entries are removed.
func (t *Target) clean(ctx context.Context, path string, all bool) error {
	if path == "" || path == "/" {
		t.warn(bare("invalid zonepath '%s'", path))
		return zonecfg.ErrInvalid
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil // missing or unreadable: nothing to remove
	}
	if len(others(entries)) > 0 && !all {
		for _, name := range standard {
			if err := remove.Tree(ctx, filepath.Join(path, name)); err != nil {
				return err
			}
		}
		t.warn(bare("WARNING: Unable to completely remove %s\n"+
			"because it contains additional user data.  Only the standard directory\nentries have been removed.", path))
		return nil
	}
	if name, ok := t.datasetAt(path); ok {
		err := t.destroyDataset(name, path)
		if err == nil {
			return nil
		}
		t.warn(bare("WARNING: ZFS dataset %s stays, empty: %s", name, reason(err)))
	}
	if t.mountPoint(path) {
		return remove.Contents(ctx, path)
	}
	return remove.Tree(ctx, path)
}

// notCleaned returns the error of a zonepath that can't be removed. The original's line says
// only why; another says what can't be removed.
func (t *Target) notCleaned(err error) *Error {
	failed := t.failure("cleaning up zonepath failed", err)
	var file *fs.PathError
	if errors.As(err, &file) {
		failed.Lines = append(failed.Lines, named("%s: %v", file.Path, file.Err))
	}
	return failed
}
