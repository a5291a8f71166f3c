package zoneadm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

func (t *Tool) detach(args []string) int {
	options, _ := getopt.Parse(args, "?n", nil)
	if askedForHelp(options) {
		t.usageOf("detach")
		return ExitOK
	}
	if t.otherRoot("detach") {
		return ExitFailed
	}
	dry := false
	for _, o := range options {
		dry = dry || o.Letter == 'n'
	}
	if dry {
		return t.detachDry(args)
	}
	if !t.gate("detach", mustNot, false) || !t.verified("detach", args) {
		return ExitFailed
	}
	z, b, ok := t.load("detach")
	if !ok {
		return ExitFailed
	}
	unlock, ok := t.lock()
	if !ok {
		return ExitFailed
	}
	defer unlock()
	if t.hook(b, z, brand.PreDetach, verbatim(args)).Code != 0 {
		return ExitFailed
	}
	if b.Hooks[brand.Detach] != "" {
		if t.hook(b, z, brand.Detach, verbatim(args)).Code != 0 {
			return ExitFailed
		}
	} else {
		if !t.unmounted(z.Zonepath) {
			return ExitFailed
		}
		if err := os.WriteFile(filepath.Join(z.Zonepath, detachedFile), z.XML(zonecfg.ForAttach), 0o644); err != nil {
			t.say("%v", err)
			return ExitFailed
		}
	}
	status, _ := t.setState(zonecfg.Configured)
	return status
}

// detachDry prints the manifest that a detach would write.
func (t *Tool) detachDry(args []string) int {
	if t.target == "" {
		t.say("no zone specified")
		return ExitFailed
	}
	if t.target == zone.GlobalName {
		t.say("detach operation is invalid for the global zone.")
		return ExitFailed
	}
	z, b, ok := t.load("detach")
	if !ok || t.hook(b, z, brand.PreDetach, verbatim(args)).Code != 0 {
		return ExitFailed
	}
	if b.Hooks[brand.Detach] != "" {
		if t.hook(b, z, brand.Detach, verbatim(args)).Code != 0 {
			return ExitFailed
		}
		return ExitOK
	}
	t.Out.Write(z.XML(zonecfg.ForAttach))
	return ExitOK
}

func (t *Tool) attach(args []string) int {
	options, _ := getopt.Parse(args, "?Fn:U", nil)
	if askedForHelp(options) {
		t.usageOf("attach")
		return ExitOK
	}
	if t.otherRoot("attach") {
		return ExitFailed
	}
	var force, update bool
	manifest, dry := "", false
	for _, o := range options {
		switch o.Letter {
		case 'F':
			force = true
		case 'U':
			update = true
		case 'n':
			manifest, dry = o.Argument, true
		}
	}
	if dry && force {
		t.say("-F and -n flags are mutually exclusive")
		return ExitFailed
	}
	if dry {
		return t.attachDry(manifest, args)
	}
	if !t.gate("attach", mustNot, update) || !t.verified("attach", args) {
		return ExitFailed
	}
	z, b, ok := t.load("attach")
	if !ok {
		return ExitFailed
	}
	unlock, ok := t.lock()
	if !ok {
		return ExitFailed
	}
	defer unlock()
	if !force && t.hook(b, z, brand.Attach, verbatim(args)).Code != 0 {
		return ExitFailed
	}
	if !t.zonepath("attach", z, b) {
		t.raw("could not verify zonepath %s because of the above errors.", z.Zonepath)
		return ExitFailed
	}
	if !t.attachable(z) {
		return ExitFailed
	}
	detached, attached := filepath.Join(z.Zonepath, detachedFile), filepath.Join(z.Zonepath, attachedFile)
	if force {
		if err := os.Rename(detached, attached); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.say("%v", err)
			return ExitFailed
		}
	} else {
		os.Remove(detached)
		os.Remove(attached)
	}
	if status, ok := t.setState(zonecfg.Installed); !ok {
		return status
	}
	if !force && t.hook(b, z, brand.PostAttach, verbatim(args)).Code != 0 {
		status, _ := t.setState(zonecfg.Configured)
		return status
	}
	return ExitOK
}

// attachable checks, for brands of this project whose hooks would, that the
// zonepath holds a zone.
func (t *Tool) attachable(z *zonecfg.Zone) bool {
	root := filepath.Join(z.Zonepath, "root")
	if info, err := os.Lstat(root); err != nil || !info.IsDir() {
		t.say("there is no zone at %s: it has no directory root", z.Zonepath)
		return false
	}
	return true
}

// attachDry asks the brand of a manifest whether such a zone could be attached.
func (t *Tool) attachDry(path string, args []string) int {
	text, err := readManifest(t.file(path), t.In)
	if err != nil {
		t.say("could not open manifest path %s: %s", path, reason(err))
		return ExitFailed
	}
	z, err := zonecfg.ParseXML(text)
	if err != nil {
		switch {
		case len(text) >= 5 && string(text[:5]) == "<?xml":
			t.say("Cannot attach to an earlier release of the operating system")
		case path == "-":
			t.say("Input is not a valid XML file")
		default:
			t.say("%s is not an XML file", path)
		}
		return ExitFailed
	}
	z.Name, z.Zonepath = "-", "-"
	b, ok := t.brandOf(z, "attach")
	if !ok || !t.verifyAdm(b, z, "attach", args) {
		return ExitFailed
	}
	if b.Hooks[brand.Attach] == "" {
		return ExitOK
	}
	copied, err := os.CreateTemp("", "zone.manifest")
	if err != nil {
		t.say("%v", err)
		return ExitFailed
	}
	defer os.Remove(copied.Name())
	_, err = copied.Write(text)
	if err := errors.Join(err, copied.Close()); err != nil {
		t.say("%v", err)
		return ExitFailed
	}
	if t.hook(b, z, brand.Attach, fmt.Sprintf(" -n %s", copied.Name())).Code != 0 {
		return ExitFailed
	}
	return ExitOK
}

func readManifest(path string, in *os.File) ([]byte, error) {
	if path != "-" {
		return os.ReadFile(path)
	}
	if in == nil {
		return nil, nil
	}
	return io.ReadAll(in)
}

// sysboot runs the brand's hook for the start of the machine.
func (t *Tool) sysboot(args []string) int {
	if t.alternate() {
		t.usage(t.Err, false)
		return ExitUsage
	}
	if !t.gate("sysboot", mustNot, false) {
		return ExitFailed
	}
	z, b, ok := t.load("sysboot")
	if !ok {
		return ExitFailed
	}
	if t.hook(b, z, brand.SysBoot, "").Code != 0 {
		return ExitSysboot
	}
	return ExitOK
}
