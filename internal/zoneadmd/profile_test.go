package zoneadmd

import (
	"slices"
	"testing"

	"github.com/gozones/zones/sys/zone"
)

// TestProfile: the /dev of a zone has the brand's devices for its kind of network and this
// architecture, the brand's links, and those of the configuration.
func TestProfile(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", `<device match="zvol/dsk/tank/*"/>`)
	s.write(s.root+brandFiles+"/platform.xml", `<?xml version="1.0"?>
<!DOCTYPE platform PUBLIC "-//Sun Microsystems Inc//DTD Zones Platform//EN" "file:///usr/share/lib/xml/dtd/zone_platform.dtd.1">
<platform name="staged">
 <global_mount special="/dev" directory="/dev" opt="attrdir=%R/root/dev" type="dev"/>
 <mount special="proc" directory="/proc" type="proc"/>
 <device match="null"/>
 <device match="ipnet" ip-type="shared"/>
 <device match="ip" ip-type="exclusive"/>
 <device match="kbd" arch="vax"/>
 <device match="zcons/%z/zoneconsole" name="zconsole"/>
 <symlink source="console" target="zconsole"/>
</platform>
`, 0o644)
	s.start()
	s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
	if reply := s.ask(zone.CommandBoot, ""); reply != (zone.CommandReply{}) {
		t.Fatalf("%+v", reply)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.mounts, func(m zone.Mount) bool { return m.Point == "/dev" })
	want := []zone.Device{{Match: "null"}, {Match: "ipnet"}, {Match: "zcons/z1/zoneconsole", Name: "zconsole"}, {Match: "zconsole", Link: "console"}, {Match: "zvol/dsk/tank/*"}}
	if at < 0 || !slices.Equal(s.mounts[at].Devices, want) || s.mounts[at].Inside {
		t.Errorf("of the mounts %+v", s.mounts)
	}
	// Those that show the zone of whoever mounts them are mounted from inside.
	at = slices.IndexFunc(s.mounts, func(m zone.Mount) bool { return m.Point == "/proc" })
	if at < 0 || !s.mounts[at].Inside {
		t.Errorf("of the mounts %+v", s.mounts)
	}
}
