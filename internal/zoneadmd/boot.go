package zoneadmd

import (
	"os"
	"path/filepath"

	securejoin "github.com/cyphar/filepath-securejoin"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// boot starts init in a zone that somebody has made ready. args are those of the
// request; without any the configuration's count.
func (d *Daemon) boot(r *request, args string) error {
	s, err := d.open(r, true)
	if err != nil {
		return err
	}
	if r.id, err = d.Kernel.Lookup(d.Zone); err != nil {
		return r.fail(err, "unable to get zoneid")
	}
	return s.boot(args)
}

// boot starts init in the zone that this setup is of.
func (s *setup) boot(args string) error {
	if err := s.pre(zone.CommandBoot); err != nil {
		return err
	}
	err := s.start(args)
	if err == nil {
		err = s.post(zone.CommandBoot)
	}
	if err != nil {
		s.undone(zonecfg.Running)
	}
	return err
}

// start does what lies between the hooks.
func (s *setup) start(text string) error {
	id := s.r.id
	if err := s.localMounts(id); err != nil {
		return err
	}
	init := s.brand.InitName
	if init == "" {
		return s.r.fail(nil, "unable to determine zone's init(8) location")
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
	if err := s.hook(brand.Boot); err != nil {
		return err
	}
	if err := zone.SetText(s.Kernel, id, zone.AttrInitName, init); err != nil {
		return s.r.fail(err, "could not set zone's init to %s", init)
	}
	if err := zone.SetText(s.Kernel, id, zone.AttrBootArgs, args.Passed); err != nil {
		return s.r.fail(err, "could not set zone boot arguments")
	}
	if err := s.restartFlags(id); err != nil {
		return err
	}
	if err := s.Kernel.Boot(id); err != nil {
		return s.r.fail(err, "unable to boot zone")
	}
	return nil
}

// warn tells what is wrong with boot arguments. The zone boots all the same.
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

// executable looks at init before anything is told to the kernel: as the path reads
// in the global zone, and as it reads in the zone, whose links lead elsewhere.
func (s *setup) executable(init string) error {
	path := s.root() + init
	info, err := os.Stat(path)
	if err != nil {
		inside, e := s.fromInside(init)
		if e != nil {
			return s.r.fail(err, "could not stat %s", path)
		}
		if inside == "" {
			return nil // only the zone can see it: zone_boot will tell
		}
		if info, e = os.Stat(inside); e != nil {
			return s.r.fail(err, "could not stat %s", path)
		}
	}
	if info.Mode()&0o100 == 0 {
		return s.r.fail(nil, "%s is not executable", path)
	}
	return nil
}

// fromInside returns where a path of the zone is on the machine: below its root, or
// in the directory that is mounted there; "" when it is in another file system.
func (s *setup) fromInside(init string) (string, error) {
	path, err := securejoin.SecureJoin(s.root(), init)
	if err != nil {
		return "", err
	}
	list, err := s.fileSystems()
	if err != nil {
		return "", err
	}
	for _, fs := range list { // the deepest is the last that fits
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

// restartFlags says what the kernel does when init ends.
func (s *setup) restartFlags(id zone.ID) error {
	if !s.brand.RestartInit {
		if err := zone.NoRestart(s.Kernel, id); err != nil {
			return s.r.fail(err, "could not set zone init-no-restart")
		}
	}
	// The system calls that this package knows have no attributes for the rest.
	for name, wanted := range map[string]bool{"restartinit0": s.brand.RestartInit0, "restartinitreboot": s.brand.RestartInitReboot} {
		if wanted {
			return s.r.fail(errno.ENOTSUP, "could not set zone %s", name)
		}
	}
	return nil
}
