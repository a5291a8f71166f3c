package zoneadmd

import (
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/gozones/zones/internal/mounted"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// ready makes a zone in the kernel without running any process in it. It returns the
// setup that the zone was made from.
func (d *Daemon) ready(r *request) (*setup, error) { return d.readyFor(r, toBoot) }

// readyFor makes a zone or a scratch zone.
func (d *Daemon) readyFor(r *request, purpose purpose) (*setup, error) {
	r.id = -1
	s, err := d.open(r, false)
	if err != nil {
		return nil, err
	}
	s.purpose = purpose
	if err := s.pre(zone.CommandReady); err != nil {
		return nil, err
	}
	var undos undo.Stack
	defer undos.Run()
	undos.Add(func() { s.undone(zonecfg.Ready) })
	if err := s.snapshot(); err != nil {
		return nil, r.fail(err, "unable to create snapshot")
	}
	undos.Add(func() { _ = d.Store.RemoveSnapshot(d.Zone) })

	// Everything that can be checked is checked before the kernel is called.
	plan := &plan{r: r}
	def, err := s.definition(plan)
	if err != nil {
		return nil, err
	}
	attributes := len(plan.steps)
	bringUp := s.bringUp
	if s.scratch() {
		bringUp = s.assemble
	}
	if err := bringUp(plan); err != nil {
		s.abandon()
		return nil, err
	}
	last, err := s.make(&zone.Definition{Def: *def, Steps: plan.steps}, plan)
	if err != nil {
		if last >= attributes || r.id >= 0 {
			s.abandon()
		}
		return nil, err
	}
	if !s.scratch() {
		if err := s.bindPool(r.id); err != nil {
			s.abandon()
			return nil, err
		}
	}
	<-s.opened // the request may arrive before the console is open
	if s.openErr != nil {
		s.abandon()
		return nil, r.fail(s.openErr, "the zone's daemon could not be started")
	}
	if !s.scratch() {
		s.routes()
	}
	s.innerIndex()
	d.made = r.id
	undos.Drop() // a zone whose post hook fails stays
	if err := s.post(zone.CommandReady); err != nil {
		s.undone(zonecfg.Ready)
		return nil, err
	}
	return s, nil
}

// make has the kernel make the zone and reports failures. last is the index of the
// required step that failed, -1 for none. If the kernel has a zone despite the
// failure, the request has its ID.
func (s *setup) make(def *zone.Definition, p *plan) (last int, err error) {
	s.nowMaking()
	out, err := s.makePatiently(def, p)
	if err == nil {
		s.r.id = out.ID
	}
	last, told := p.tell(out)
	if told != nil {
		return last, told
	}
	return -1, err
}

// abandon takes down a zone whose bring-up has failed. Further failures aren't
// reported: they only follow from the first.
func (s *setup) abandon() {
	s.r.silent = true
	defer func() { s.r.silent = false }()
	if s.r.id < 0 {
		_ = s.hook(brand.Halt)
		if s.scratch() {
			_ = s.removeRoot()
		}
		return
	}
	_ = s.teardown(false)
}

// snapshot writes the configuration that the zone is made from: later changes apply
// from the next time it is made ready.
func (s *setup) snapshot() error {
	defer trace.Begin(trace.Step, "write the snapshot")()
	s.config.Zonepath = s.followLoopback(resolve(s.path, s.Store.Root()))
	return s.Store.WriteSnapshot(s.config)
}

// mountTable reads the table of mounts. Tests replace it.
var mountTable = mount.Table

// followLoopback follows the loopback mounts of illumos that show the zonepath: there mounts and
// the kernel's comparisons go by the path of the file system itself.
func (s *setup) followLoopback(path string) string {
	if !s.onIllumos() {
		return path
	}
	table, err := mountTable()
	if err != nil {
		s.say("the zonepath may be on a loopback mount: %v", err)
		return path
	}
	source := mounted.Source(table, path)
	if root := s.Store.Root(); root != "" && !within(source, root) {
		return path
	}
	return source
}

// resolve follows the symbolic links in a path. A path below an alternate root stays
// there: links that lead out of it are not followed.
func resolve(path, root string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path
	}
	if root == "" || within(real, root) {
		return real
	}
	if realRoot, err := filepath.EvalSymlinks(root); err == nil && within(real, realRoot) {
		return root + strings.TrimPrefix(real, realRoot)
	}
	return path
}

// root returns the zone's root directory.
func (s *setup) root() string {
	if s.scratch() {
		return s.config.Zonepath + lu
	}
	return s.config.Zonepath + "/root"
}

// definition returns the arguments of zone_create, and plans the attributes that
// follow.
func (s *setup) definition(p *plan) (*zone.Def, error) {
	defer trace.Begin(trace.Step, "plan the zone")()
	r, c := s.r, s.config
	def := &zone.Def{Name: s.Zone, Root: s.root(), Flags: c.CreateFlags()}
	if s.scratch() {
		return def, s.scratchDefinition(def)
	}
	var err error
	if def.Privs, err = c.Privileges(&s.brand.Privileges); err != nil {
		var limit *priv.LimitError
		if errors.As(err, &limit) {
			return nil, r.refuse(nil, "%s", limit.Error())
		}
		return nil, r.refuse(err, "failed to determine the zone's privilege set")
	}
	rctls, _, err := c.Rctls()
	if err == nil {
		def.Rctls, err = rctls.Pack()
	}
	if err != nil {
		r.say("%s", rctlText(err))
		return nil, r.refuse(err, "Unable to get list of rctls")
	}
	if err := s.datasetsOf(def); err != nil {
		return nil, err
	}
	return def, s.attributes(p)
}

// datasetsOf sets the ZFS datasets of a zone.
func (s *setup) datasetsOf(def *zone.Def) error {
	implicit, err := s.implicitDatasets()
	if err != nil {
		s.r.say("getting implicit datasets failed")
		return s.r.refuse(err, "Unable to get list of ZFS datasets")
	}
	def.Datasets = s.config.Datasets(implicit)
	return nil
}

// rctlText returns zoneadmd's text for a bad resource control value.
func rctlText(err error) string {
	var bad *rctl.Error
	if errors.As(err, &bad) {
		return bad.Reason
	}
	return err.Error()
}

// implicitDatasets asks the brand for the datasets that its zones always have.
func (s *setup) implicitDatasets() (string, error) {
	var out strings.Builder
	if err := s.run(brand.Query, " datasets", &out); err != nil {
		return "", err
	}
	return strings.TrimRight(out.String(), "\n"), nil
}

// How long to wait for a zone that still exists, and how often to retry.
const (
	busyTime  = 2 * time.Second
	busyPause = 10 * time.Millisecond
)

// makePatiently makes the zone in the kernel. It retries while a zone of this name is
// being removed, or is being made for a daemon that was killed. It has already
// reported the error, unless a step failed.
func (s *setup) makePatiently(def *zone.Definition, p *plan) (*zone.Outcome, error) {
	for deadline := time.Now().Add(busyTime); ; time.Sleep(busyPause) {
		out, err := s.Kernel.Make(def)
		switch {
		case err == nil || p.ended(out):
			return out, err
		case !taken(err):
			return out, s.createFailed(def.Root, err)
		}
		if conflict := s.conflict(def.Root, err, time.Now().After(deadline)); conflict != nil {
			return out, conflict
		}
	}
}

// taken reports whether the kernel made no zone because of another zone or of a mount.
func taken(err error) bool {
	var e *zone.Error
	return errors.As(err, &e) && e.Ext == zone.ExtUnknown && (e.Errno == errno.EBUSY || e.Errno == errno.EEXIST)
}

// within reports whether path is other or below it.
func within(path, other string) bool {
	return path == other || strings.HasPrefix(path, strings.TrimSuffix(other, "/")+"/")
}
