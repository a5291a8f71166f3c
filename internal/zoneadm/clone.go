package zoneadm

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

func (t *Tool) clone(args []string) int {
	if t.otherRoot("clone") {
		return ExitFailed
	}
	options, operands := getopt.Parse(args, "?m:s:", nil)
	asked := askedForHelp(options)
	if asked {
		t.usageOf("clone")
	}
	if len(operands) != 1 {
		t.usageOf("clone")
		return ExitUsage
	}
	if t.refusedEarly("clone") {
		return ExitFailed
	}
	z, b, ok := t.load("clone")
	if !ok {
		return ExitFailed
	}
	if asked {
		if t.hook(b, z, brand.Clone, " -?").Code != 0 {
			return ExitFailed
		}
		return ExitOK
	}
	if !t.gate("clone", mustNot, false) || !t.verified("clone", nil) {
		return ExitFailed
	}
	source, ok := t.source(operands[0], z)
	if !ok {
		return ExitFailed
	}
	t.warnShared(z, source)
	unlock, ok := t.lock()
	if !ok {
		return ExitFailed
	}
	defer unlock()
	if status, ok := t.setState(zonecfg.Incomplete); !ok {
		return status
	}
	status := t.cloneFrom(z, source, b, options, args)
	if status == ExitOK && t.hook(b, z, brand.PostClone, verbatim(args)).Code != 0 {
		t.say("post-clone configuration failed.")
		status = ExitFailed
	}
	if status != ExitOK {
		return status
	}
	status, _ = t.setState(zonecfg.Installed)
	return status
}

// source holds the zone that is to be copied against the rules.
func (t *Tool) source(name string, z *zonecfg.Zone) (*zonecfg.Zone, bool) {
	if name == zone.GlobalName {
		t.say("clone operation is invalid for the global zone.")
		return nil, false
	}
	if zonecfg.ReservedName(name) {
		t.say("clone operation is invalid for zones starting with SUNW.")
		return nil, false
	}
	if !t.Caller.Authorized("solaris.zone.clonefrom/" + name) {
		t.say("clone operation is invalid because user is not authorized to read source zone.")
		return nil, false
	}
	state, err := t.stateOf(name)
	if err != nil {
		t.sayState(name, err)
		return nil, false
	}
	if _, err := t.lookup(name); err == nil {
		t.say("clone operation is invalid for %s zones.", state)
		return nil, false
	}
	if state != zonecfg.Installed {
		t.raw("%s: zone %s is %s; %s is required.", t.Prog, name, state, zonecfg.Installed)
		return nil, false
	}
	source, err := t.Store.Load(name)
	if err != nil {
		t.sayOf("clone", err)
		return nil, false
	}
	if source.Brand != z.Brand {
		t.raw("%s: Zones '%s' and '%s' have different brand types.", t.Prog, name, t.target)
		return nil, false
	}
	return source, true
}

// warnShared warns of what both zones have and only one can use.
func (t *Tool) warnShared(z, source *zonecfg.Zone) {
	for _, f := range z.FS {
		for _, g := range source.FS {
			switch {
			case f.Special != g.Special || f.Type != g.Type:
			case f.Type == "lofs":
				if !slices.Contains(f.Options, "ro") || !slices.Contains(g.Options, "ro") {
					t.raw("WARNING: read-write lofs file system on '%s' is configured in both zones.", f.Special)
				}
			default:
				t.raw("WARNING: %s file system on '%s' is configured in both zones.", f.Type, f.Special)
			}
		}
	}
	for _, n := range z.Net {
		if n.Address != "" && slices.ContainsFunc(source.Net, func(o zonecfg.Net) bool { return o.Address == n.Address }) {
			t.raw("WARNING: network address '%s' is configured in both zones.", n.Address)
		}
	}
	for _, d := range z.Device {
		if slices.Contains(source.Device, d) {
			t.raw("WARNING: device '%s' is configured in both zones.", d.Match)
		}
	}
	for _, d := range z.Dataset {
		if slices.Contains(source.Dataset, d) {
			t.say("WARNING: dataset '%s' is configured in both zones.", d.Name)
		}
	}
}

// cloneFrom makes the files of the zone from those of another: by the brand's hook,
// or as a copy.
func (t *Tool) cloneFrom(z, source *zonecfg.Zone, b *brand.Brand, options []getopt.Option, args []string) int {
	if b.Hooks[brand.Clone] != "" {
		exit := t.hook(b, z, brand.Clone, verbatim(args))
		if exit.Code == brand.ExitUsage {
			t.usageOf("clone")
		}
		if exit.Code != 0 {
			return ExitFailed
		}
		return ExitOK
	}
	for _, o := range options {
		switch {
		case o.Letter == 'm' && o.Argument != "copy":
			t.usageOf("clone")
			return ExitFailed
		case o.Letter == 's':
			t.say("unable to find path for %s.", o.Argument)
			t.setState(zonecfg.Configured)
			return ExitFailed
		}
	}
	if !t.unmounted(source.Zonepath) {
		return ExitFailed
	}
	fmt.Fprintf(t.Out, "Copying %s...", source.Zonepath)
	err := copyTree(source.Zonepath, z.Zonepath)
	fmt.Fprintln(t.Out)
	if err != nil {
		t.say("The copy failed: %v", err)
		return ExitFailed
	}
	for _, name := range []string{detachedFile, attachedFile} {
		os.Remove(filepath.Join(z.Zonepath, name))
	}
	return ExitOK
}
