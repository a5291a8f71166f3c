package rctl_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
)

func TestValueString(t *testing.T) {
	for _, c := range []struct {
		name         string
		value        rctl.Value
		text, action string
	}{
		{"none", rctl.Limited(10, rctl.None), "(priv=privileged,limit=10,action=none)", "none"},
		{"deny", rctl.Limited(math.MaxUint64, rctl.Deny), "(priv=privileged,limit=18446744073709551615,action=deny)", "deny"},
		{"signal", rctl.Value{Privilege: rctl.Basic, Limit: 1, Action: rctl.Signal, Signal: 15}, "(priv=basic,limit=1,action=signal=TERM)", "signal=TERM"},
		{"deny and signal", rctl.Value{Privilege: rctl.Basic, Action: rctl.Deny | rctl.Signal, Signal: 30}, "(priv=basic,limit=0,action=deny,signal=XCPU)", "deny,signal=XCPU"},
		{"signal without a name", rctl.Value{Privilege: rctl.Systemic, Action: rctl.Signal, Signal: 99}, "(priv=system,limit=0,action=signal=99)", "signal=99"},
		{"unknown numbers", rctl.Value{Privilege: 7, Action: 4}, "(priv=7,limit=0,action=4)", "4"},
	} {
		if got := c.value.String(); got != c.text {
			t.Errorf("%s: %s, want %s", c.name, got, c.text)
		}
		if got := c.value.ActionString(); got != c.action {
			t.Errorf("%s: action %s, want %s", c.name, got, c.action)
		}
	}
}

func TestValueCompare(t *testing.T) {
	ordered := []rctl.Value{
		{Privilege: rctl.Basic, Limit: 1, Action: rctl.None},
		{Privilege: rctl.Privileged, Limit: 1, Action: rctl.None},
		{Privilege: rctl.Privileged, Limit: 1, Action: rctl.Deny},
		{Privilege: rctl.Privileged, Limit: 1, Action: rctl.Deny, Flags: rctl.Maximal},
		{Privilege: rctl.Basic, Limit: 2},
	}
	shuffled := slices.Clone(ordered)
	slices.Reverse(shuffled)
	slices.SortFunc(shuffled, rctl.Value.Compare)
	if !slices.Equal(shuffled, ordered) {
		t.Errorf("sorted as %v", shuffled)
	}
	if ordered[0].Compare(ordered[0]) != 0 {
		t.Error("a value differs from itself")
	}
}

func TestBlock(t *testing.T) {
	for _, v := range []rctl.Value{
		rctl.Limited(200, rctl.Deny),
		{Privilege: rctl.Basic, Limit: math.MaxUint64, Flags: rctl.Maximal | rctl.ProjectDB, Action: rctl.Deny | rctl.Signal, Signal: 38, Recipient: 4711, Fired: time.Hour},
	} {
		if got := rctl.BlockOf(v).Unblock(); got != v {
			t.Errorf("%v went in, %v came out", v, got)
		}
	}
	b := rctl.Block{GlobalFlagAction: uint32(rctl.GlobalNoBasic|rctl.GlobalBytes) | uint32(rctl.GlobalSyslog)}
	if b.GlobalFlags() != rctl.GlobalNoBasic|rctl.GlobalBytes || b.GlobalAction() != rctl.GlobalSyslog {
		t.Errorf("flags %#x, action %#x", b.GlobalFlags(), b.GlobalAction())
	}
	for _, size := range []int{0, rctl.BlockSize - 1} {
		if new(rctl.Block).UnmarshalBinary(make([]byte, size)) == nil {
			t.Errorf("a block of %d bytes was decoded", size)
		}
	}
}

// TestBlockBytes checks the bytes of a block.
func TestBlockBytes(t *testing.T) {
	b := rctl.Block{Value: 0x0102030405060708, EnforcedValue: 9, Privilege: 0x04000000, GlobalFlagAction: 0x80100000,
		GlobalSyslogLevel: 5, LocalFlagAction: 2, LocalSignal: 15, LocalRecipientPid: -1, FiringTime: 1}
	want := []byte{8, 7, 6, 5, 4, 3, 2, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0x10, 0x80,
		5, 0, 0, 0, 2, 0, 0, 0, 15, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0}
	if got, err := b.AppendBinary(nil); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x, %v\nwant %x", got, err, want)
	}
}

// FuzzBlock decodes a block and encodes it and its value.
func FuzzBlock(f *testing.F) {
	seed, _ := rctl.BlockOf(rctl.Limited(200, rctl.Deny)).AppendBinary(nil)
	f.Add(seed)
	f.Add(bytes.Repeat([]byte{255}, rctl.BlockSize))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var b rctl.Block
		if err := b.UnmarshalBinary(raw); err != nil {
			if len(raw) >= rctl.BlockSize {
				t.Fatal(err)
			}
			return
		}
		again, err := b.AppendBinary(nil)
		if err != nil || !bytes.Equal(again, raw[:rctl.BlockSize]) {
			t.Fatalf("%x was encoded as %x, %v", raw, again, err)
		}
		v := b.Unblock()
		if got := rctl.BlockOf(v).Unblock(); got != v {
			t.Fatalf("%v, then %v", v, got)
		}
	})
}

func TestCheckValue(t *testing.T) {
	lookup := func(name string) rctl.Control { c, _ := rctl.Lookup(name); return c }
	lwps, shares, swap := lookup("zone.max-lwps"), lookup("zone.cpu-shares"), lookup("zone.max-swap")
	for _, c := range []struct {
		name    string
		control rctl.Control
		value   rctl.Value
		message string // "" when the value is accepted
	}{
		{"plain", lwps, rctl.Limited(200, rctl.Deny), ""},
		{"at the maximum", lwps, rctl.Limited(2147483647, rctl.None), ""},
		{"above the maximum", lwps, rctl.Limited(2147483648, rctl.Deny), "rctl zone.max-lwps (priv=privileged,limit=2147483648,action=deny): the largest limit is 2147483647"},
		{"basic", lwps, rctl.Value{Privilege: rctl.Basic, Action: rctl.Deny}, "rctl zone.max-lwps (priv=basic,limit=0,action=deny): a zone's values are privileged"},
		{"signal", lwps, rctl.Limited(1, rctl.Signal), "rctl zone.max-lwps (priv=privileged,limit=1,action=signal=0): the action of a zone's value is none or deny"},
		{"shares can't deny", shares, rctl.Limited(1, rctl.Deny), "rctl zone.cpu-shares (priv=privileged,limit=1,action=deny): the control can't deny: use action none"},
		{"swap must deny", swap, rctl.Limited(1, rctl.None), "rctl zone.max-swap (priv=privileged,limit=1,action=none): the control always denies: use action deny"},
		{"swap without a limit", swap, rctl.Limited(math.MaxUint64, rctl.Deny), ""},
	} {
		err := c.control.Check(c.value)
		if c.message == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err == nil || err.Error() != c.message || !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.message)
		}
	}
}

func TestSystemValue(t *testing.T) {
	for _, c := range rctl.Controls() {
		v := c.System()
		want := rctl.Deny
		if c.Name == "zone.cpu-shares" {
			want = rctl.None
		}
		if v.Limit != c.Max || v.Privilege != rctl.Systemic || v.Action != want || v.Flags != rctl.Maximal {
			t.Errorf("%s: %v", c.Name, v)
		}
	}
}

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"zone.max-lwps": true, "zone.x": true, "zone.MAX-lwps": true, "zone.-": true,
		"": false, "zone.": false, "zone": false, "project.max-lwps": false, "zone.max_lwps": false, "zone.max lwps": false,
		"zone.max-lwps2": false, "zone.@": false, "zone.[": false, "zone.\x0d": false, "Zone.max": false,
	} {
		if got := rctl.ValidName(name); got != want {
			t.Errorf("ValidName(%q) = %v", name, got)
		}
	}
}
