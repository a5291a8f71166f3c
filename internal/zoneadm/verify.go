package zoneadm

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// links is implemented by kernels that have data links.
type links interface {
	LinkByName(name string) (zone.LinkID, error)
}

// verified verifies the zone for the verb. The error has the last line; the problems have
// been sent to the observer.
func (t *Target) verified(ctx context.Context, args []string) error {
	ended := t.step(Verifying, "verifying it")
	sound := t.verifyZone(ctx, args)
	ended()
	switch {
	case sound:
		return nil
	case ctx.Err() != nil:
		return t.unsound(ctx.Err())
	}
	return t.unsound(ErrVerify, named("zone %s failed to verify", t.Name))
}

// unsound returns the error of a verb that has found problems.
func (t *Target) unsound(cause error, lines ...Line) *Error {
	failed := t.failed(cause, lines...)
	failed.Problems = t.problems
	return failed
}

// Verify checks whether the zone's configuration can be used on this host.
func (t *Target) Verify(ctx context.Context) error {
	defer t.forget()
	if err := t.enter(VerbVerify, whichever, false); err != nil {
		return err
	}
	return t.verified(ctx, nil)
}

// verifyZone runs all checks and reports whether they succeed.
func (t *Target) verifyZone(ctx context.Context, args []string) bool {
	z, b, err := t.load()
	if err != nil {
		t.problems = append(t.problems, err.Error())
		for _, line := range err.(*Error).Lines {
			t.tell(Problem, line)
		}
		return false
	}
	if !t.samePath(z) {
		return false
	}
	sound := true
	if t.verb != VerbAttach && !t.zonepath(z, b) {
		t.problem(bare("could not verify zonepath %s because of the above errors.", z.Zonepath))
		sound = false
	}
	if t.Alternate == "" {
		sound = t.verifyNet(z) && sound
	}
	sound = t.verifyFS(z) && sound
	if t.Alternate != "" {
		return sound
	}
	sound = t.verifyRctls(z) && sound
	t.verifyPool(z)
	t.unenforced(z)
	if failed := t.verifyAdm(ctx, b, z, args); failed != nil {
		t.hookProblem(failed)
		sound = false
	}
	sound = t.verifyDatasets(z) && sound
	if t.verb != VerbMount {
		sound = t.verifyPrivileges(z, b) && sound
	}
	return sound
}

// hookProblem records a failed hook as a problem. The hook has printed the reason itself.
func (t *Target) hookProblem(failed *HookError) {
	t.problems = append(t.problems, failed.Error())
	for _, line := range failed.lines() {
		t.tell(Problem, line)
	}
}

// samePath checks that the configuration and the index have the same zonepath.
func (t *Target) samePath(z *zonecfg.Zone) bool {
	entry, err := t.Store.Entry(t.Name)
	if err != nil || entry.Zonepath == "" {
		return true // then only the configuration has one
	}
	indexed := t.Store.InRoot(entry.Zonepath)
	if indexed == z.Zonepath {
		return true
	}
	t.problem(bare("The XML repository has zonepath '%s',", z.Zonepath))
	t.problem(bare("but the index file has zonepath '%s'.", indexed))
	t.problem(bare("These must match, so fix the incorrect entry."))
	return false
}

func (t *Target) verifyNet(z *zonecfg.Zone) bool {
	known, ok := t.Kernel.(links)
	if !ok {
		return true
	}
	sound := true
	asked := map[string]error{} // several addresses may be on one link
	for _, n := range z.Net {
		if n.Physical == "lo0" {
			continue
		}
		if !z.Exclusive() {
			if err := zonecfg.CheckAddress(n.Address); err != nil {
				t.problem(bare("could not verify net address=%s physical=%s\n\t%s", n.Address, n.Physical, reason(err)))
				sound = false
				continue
			}
			// zonecfg takes it for a host name, whose look-up would fail during the boot.
			if host, _, _ := strings.Cut(n.Address, "/"); strings.Trim(host, ".0123456789") == "" && !isIPv4(host) {
				t.problem(bare("could not verify net address=%s physical=%s\n\t%s is neither an address nor a host name", n.Address, n.Physical, host))
				sound = false
				continue
			}
		}
		err, done := asked[n.Physical]
		if !done {
			_, err = known.LinkByName(n.Physical)
			asked[n.Physical] = err
		}
		if err == nil {
			continue
		}
		if z.Exclusive() {
			t.warn(bare("WARNING: skipping network interface '%s': %s", n.Physical, reason(err)))
		} else {
			t.warn(bare("WARNING: skipping network interface '%s' which may not be present/plumbed in the global zone.", n.Physical))
		}
	}
	return sound
}

func isIPv4(text string) bool {
	a, err := netip.ParseAddr(text)
	return err == nil && a.Is4()
}

// systemFS has a directory for each type of file system, with the programs that mount and
// check them. Only illumos has it: the embedded kernel doesn't need them.
const systemFS = "/usr/lib/fs"

// verifyPrograms checks that the programs in a directory like systemFS can mount and check a
// file system.
func (t *Target) verifyPrograms(dir string, f zonecfg.FS) bool {
	if _, err := os.Stat(dir); err != nil {
		return true
	}
	mount, fsck := filepath.Join(dir, f.Type, "mount"), filepath.Join(dir, f.Type, "fsck")
	info, err := os.Stat(mount)
	if err != nil {
		t.problem(bare("could not verify fs %s: could not access %s: %s", f.Dir, mount, reason(err)))
		return false
	}
	if !info.Mode().IsRegular() {
		t.problem(bare("could not verify fs %s: %s is not a regular file", f.Dir, mount))
		return false
	}
	_, err = os.Stat(fsck)
	special, specialErr := os.Stat(f.Special)
	switch {
	case f.Raw != "" && errors.Is(err, fs.ErrNotExist):
		t.problem(bare("cannot verify fs %s: 'raw' device specified but no fsck executable exists for %s", f.Dir, f.Type))
		return false
	case f.Raw == "" && err == nil && (specialErr != nil || !special.Mode().IsRegular()):
		t.problem(bare("could not verify fs %s: must specify 'raw' device for %s file systems", f.Dir, f.Type))
		return false
	}
	return true
}

func (t *Target) verifyFS(z *zonecfg.Zone) bool {
	sound := true
	for _, f := range z.FS {
		sound = t.verifyOneFS(f) && sound
	}
	return sound
}

func (t *Target) verifyOneFS(f zonecfg.FS) bool {
	if f.Type == "proc" || f.Type == "mntfs" || f.Type == "autofs" || strings.HasPrefix(f.Type, "nfs") {
		t.problem(bare("cannot verify fs %s: type %s is not allowed.", f.Dir, f.Type))
		return false
	}
	if !t.verifyPrograms(systemFS, f) {
		return false
	}
	switch f.Type {
	case "tmpfs":
		return true // special isn't a path
	case "zfs":
		return t.verifyZFS(f)
	}
	resolved, err := filepath.EvalSymlinks(f.Special)
	if err != nil {
		t.problem(bare("could not verify fs %s: could not access %s: %s", f.Dir, f.Special, reason(err)))
		return false
	}
	if on, ok := t.mountOf(resolved); ok && networked(on) {
		t.problem(bare("cannot verify fs %s: NFS mounted file system.\n\tA local file system must be used.", f.Special))
		return false
	}
	return true
}

// verifyPool warns if the zone has a pool but the system has none. The zone then runs in the
// default pool.
func (t *Target) verifyPool(z *zonecfg.Zone) {
	if z.Pool == "" {
		return
	}
	if _, err := os.Stat(poolDevice); err != nil {
		t.warn(bare("WARNING: pools facility not active; zone will not be bound to pool '%s'.", z.Pool))
	}
}

// poolDevice exists if the system has resource pools.
const poolDevice = "/dev/pool"

func (t *Target) verifyRctls(z *zonecfg.Zone) bool {
	sound := true
	for _, r := range z.Rctl {
		control, ok := rctl.Lookup(r.Name)
		if !ok {
			t.warn(plain("WARNING: Ignoring unrecognized rctl '%s'.", r.Name))
			continue
		}
		for _, text := range r.Values {
			value, err := text.Parse()
			if err != nil {
				t.problem(plain("invalid rctl value: (priv=%s,limit=%s,action%s)", text.Priv, text.Limit, text.Action))
				sound = false
				continue
			}
			if control.Check(value) != nil {
				t.problem(plain("(priv=%s,limit=%s,action=%s) is not a valid value for rctl '%s'", text.Priv, text.Limit, text.Action, r.Name))
				sound = false
			}
		}
	}
	return sound
}

func (t *Target) verifyPrivileges(z *zonecfg.Zone, b *brand.Brand) bool {
	_, err := z.Privileges(&b.Privileges)
	if err == nil {
		return true
	}
	var limit *priv.LimitError
	if errors.As(err, &limit) {
		t.problem(bare("%s", limit.Error()))
	} else {
		t.problem(bare("failed to determine the zone's privilege set"))
	}
	return false
}
