package zoneadmd

import (
	"os"
	"path/filepath"

	securejoin "github.com/cyphar/filepath-securejoin"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// boot starts init in a ready zone. args are the request's boot arguments; if empty,
// those of the configuration are used.
func (d *Daemon) boot(r *request, args string) error {
	s, err := d.open(r, true)
	if err != nil {
		return err
	}
	return s.boot(args)
}

// boot starts init in the zone of this setup.
func (s *setup) boot(args string) error {
	if err := s.pre(zone.CommandBoot); err != nil {
		return err
	}
	var undos undo.Stack
	defer undos.Run()
	undos.Add(func() { s.undone(zonecfg.Running) })
	if err := s.start(args); err != nil {
		return err
	}
	if err := s.post(zone.CommandBoot); err != nil {
		return err
	}
	undos.Drop()
	return nil
}

// start does the work between the two state hooks. It calls the kernel once, unless
// the brand has a hook that needs the zone's local file systems mounted.
func (s *setup) start(text string) error {
	plan := &plan{r: s.r}
	s.localMounts(plan)
	if s.command(brand.Boot) != "" {
		if err := s.mountNow(plan); err != nil {
			return err
		}
	}
	if err := s.program(plan, text); err != nil {
		return err
	}
	if err := s.loadLinks(); err != nil {
		return err
	}
	var undos undo.Stack
	defer undos.Run()
	undos.Add(func() {
		if k, ok := s.Kernel.(linkLoader); ok {
			_ = k.UnloadLinks(s.r.id) // the failure to boot is told
		}
	})
	if err := s.hook(brand.Boot); err != nil {
		return err
	}
	out, err := s.Kernel.BootWith(s.r.id, plan.steps)
	if _, told := plan.tell(out); told != nil {
		return told
	}
	if err != nil {
		return s.r.fail(err, "unable to boot zone")
	}
	undos.Drop()
	if k, ok := s.Kernel.(interface{ Announce(zone.ID) }); ok {
		k.Announce(s.r.id)
	}
	return nil
}

// linkLoader is a kernel beside which a daemon has the links of zones with their own network
// stack: illumos' dlmgmtd.
type linkLoader interface {
	LoadLinks(zone.ID) error
	UnloadLinks(zone.ID) error
}

// loadLinks has the zone's own links made, which its own configuration names.
func (s *setup) loadLinks() error {
	k, ok := s.Kernel.(linkLoader)
	if !ok {
		return nil
	}
	if err := k.LoadLinks(s.r.id); err != nil {
		s.say("%v", err)
		return s.r.refuse(err, "unable to load zone datalinks:  %s", reason(err))
	}
	return nil
}

// mountNow performs the steps of a plan that so far has only mounts.
func (s *setup) mountNow(p *plan) error {
	var mounts []zone.Mount
	for _, step := range p.steps {
		mounts = append(mounts, *step.Mount)
	}
	done, err := s.Kernel.MountAll(s.r.id, mounts)
	if err != nil && done < len(p.failed) {
		return p.failed[done](err)
	}
	*p = plan{r: p.r}
	return err
}

// program plans the zone's init: path, arguments and restart behaviour.
func (s *setup) program(p *plan, text string) error {
	defer trace.Begin(trace.Step, "plan init")()
	init := s.brand.InitName
	if init == "" {
		return s.r.refuse(nil, "unable to determine zone's init(8) location")
	}
	if text == "" {
		text = s.config.BootArgs
	}
	args := ParseBootArgs(text)
	s.warn(args)
	if args.Init != "" {
		init = args.Init
	}
	if err := s.executable(init); err != nil {
		return err
	}
	p.add(zone.TextAttribute(zone.AttrInitName, init), "could not set zone's init to %s", init)
	p.add(zone.TextAttribute(zone.AttrBootArgs, args.Passed), "could not set zone boot arguments")
	s.restartFlags(p)
	return nil
}

// warn reports bad boot arguments to the caller. The zone boots all the same.
func (s *setup) warn(args BootArgs) {
	switch {
	case args.Long:
		s.r.say("boot argument string too long")
	case args.Unused:
		s.r.say("WARNING: Unused or invalid boot arguments `%s'.", args.Bad)
	}
	if !args.Good() {
		s.events.put(event{kind: eventBadArgs, args: args.Bad})
	}
}

// executable checks init before the kernel is called: at its path in the global zone,
// and as the zone resolves it, whose symbolic links may lead elsewhere.
func (s *setup) executable(init string) error {
	path := s.root() + init
	info, err := os.Stat(path)
	if err != nil {
		inside, e := s.fromInside(init)
		if e != nil {
			return s.r.fail(err, "could not stat %s", path)
		}
		if inside == "" {
			return nil // only the zone can see it: zone_boot will report
		}
		if info, e = os.Stat(inside); e != nil {
			return s.r.fail(err, "could not stat %s", path)
		}
	}
	if posix.Permissions && info.Mode()&0o100 == 0 {
		return s.r.refuse(nil, "%s is not executable", path)
	}
	return nil
}

// fromInside returns the host path of a path in the zone: below the zone's root, or in
// the directory that is mounted there. It returns "" for a file in another file
// system.
func (s *setup) fromInside(init string) (string, error) {
	path, err := securejoin.SecureJoin(s.root(), init)
	if err != nil {
		return "", err
	}
	list, err := s.fileSystems()
	if err != nil {
		return "", err
	}
	for _, fs := range list { // the last match is the deepest
		point := s.root() + filepath.Clean(fs.Dir)
		if !within(path, point) {
			continue
		}
		if fs.Type != "lofs" {
			return "", nil
		}
		if path, err = securejoin.SecureJoin(fs.Special, path[len(point):]); err != nil {
			return "", err
		}
		break
	}
	return path, nil
}

// restartFlags plans what the kernel does when init exits.
func (s *setup) restartFlags(p *plan) {
	if !s.brand.RestartInit {
		p.add(zone.Attribute(zone.AttrInitNoRestart, nil), "could not set zone init-no-restart")
	}
	if s.brand.RestartInit0 {
		p.addNewer(zone.AttrInitRestart0, "could not set zone init-restart-on-exit-0")
	}
	if s.brand.RestartInitReboot {
		p.addNewer(zone.AttrInitReboot, "could not set zone reboot-on-init-exit")
	}
}
