package zone_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/zone"
)

// setter is a system that records attributes.
type setter struct {
	zone.System
	id    zone.ID
	attr  zone.Attr
	value []byte
}

func (s *setter) Setattr(id zone.ID, attr zone.Attr, value []byte) error {
	s.id, s.attr, s.value = id, attr, value
	return nil
}

// TestNewerNumbers: the headers that abi.json was read from lack these two. The numbers are
// those of ZONE_ATTR_INITRESTART0 and ZONE_ATTR_INITREBOOT in illumos' <sys/zone.h> of 2023.
func TestNewerNumbers(t *testing.T) {
	t.Parallel()
	if zone.AttrInitRestart0 != 22 || zone.AttrInitReboot != 23 {
		t.Errorf("%d and %d", zone.AttrInitRestart0, zone.AttrInitReboot)
	}
}

// TestSetters compares what the setters pass to zone_setattr with the format that it
// accepts.
func TestSetters(t *testing.T) {
	t.Parallel()
	brand := make([]byte, 1280) // struct brand_attr
	copy(brand, "lx")
	copy(brand[256:], "lx")
	for _, c := range []struct {
		name string
		set  func(s *setter) error
		attr zone.Attr
		want []byte
	}{
		{"text", func(s *setter) error { return zone.SetText(s, 3, zone.AttrBootArgs, "-v") }, zone.AttrBootArgs, []byte("-v\x00")},
		{"host id", func(s *setter) error { return zone.SetHostID(s, 3, 0x12345678) }, zone.AttrHostID, []byte{0x78, 0x56, 0x34, 0x12}},
		{"memory", func(s *setter) error { return zone.SetPhysMcap(s, 3, 1<<32) }, zone.AttrPhysMcap, []byte{0, 0, 0, 0, 1, 0, 0, 0}},
		{"brand", func(s *setter) error { return zone.SetBrand(s, 3, "lx") }, zone.AttrBrand, brand},
		{"no restart", func(s *setter) error { return zone.NoRestart(s, 3) }, zone.AttrInitNoRestart, nil},
	} {
		s := new(setter)
		if err := c.set(s); err != nil || s.id != 3 || s.attr != c.attr || !bytes.Equal(s.value, c.want) {
			t.Errorf("%s: attribute %d of zone %d is %q, %v", c.name, s.attr, s.id, s.value, err)
		}
	}
	if err := zone.SetBrand(new(setter), 3, strings.Repeat("x", 256)); err == nil {
		t.Error("a brand's name that doesn't fit is accepted")
	}
}
