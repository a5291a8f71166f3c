package zcons

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/errno"
)

// TestFaults: each call that fails is the error of the function that made it.
func TestFaults(t *testing.T) {
	faults.Need(t)
	zone, made := console(t, "faults"), console(t, "made")
	if err := Make(made); err != nil {
		t.Fatal(err)
	}
	unit, err := address(made)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"make", func() error { return errors.Join(Make(zone), Remove(zone)) }},
		{"hold", func() error { return withSides(made, hold) }},
		{"open", func() error {
			f, err := Open(made)
			if err == nil {
				f.Close()
			}
			return err
		}},
		{"links", makeLinks},
		{"release", func() error { return withSides(made, release) }},
		{"destroy", func() error { return destroy(unit) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			faults.Fault{}.Noticed(t, c.do)
			os.Remove(ZonePath(zone))
		})
	}
}

// TestUnknown: when it can't be said whether there is a device, none is made or removed.
func TestUnknown(t *testing.T) {
	faults.Need(t)
	zone := console(t, "unknown")
	var usual faults.Fault
	for range 2 {
		if failed, err := (faults.Fault{Of: []string{"readlink"}}).Do(t, func() error { return Make(zone) }); failed == "" || !usual.Is(err) {
			t.Errorf("%s failed: %v", failed, err)
		}
		if err := makeLinks(); err != nil {
			t.Fatal(err)
		}
		if unit, err := address(zone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("it was made, %s, %v", unit, err)
		}
	}
	if err := Make(zone); err != nil {
		t.Fatal(err)
	}
	if failed, err := (faults.Fault{Of: []string{"readlink"}}).Do(t, func() error { return Remove(zone) }); failed == "" || !usual.Is(err) {
		t.Errorf("%s failed: %v", failed, err)
	}
	if unit, err := address(zone); err != nil {
		t.Errorf("it was removed, %s, %v", unit, err)
	}
}

// TestHoldAgain: a device that isn't there yet is held later.
func TestHoldAgain(t *testing.T) {
	faults.Need(t)
	zone := console(t, "again")
	if err := Make(zone); err != nil {
		t.Fatal(err)
	}
	defer func(pause time.Duration) { holdPause = pause }(holdPause)
	holdPause = 0
	again := faults.Fault{Errno: errno.ENXIO, Of: []string{"ioctl"}}
	if failed, err := again.Do(t, func() error { return withSides(zone, hold) }); failed == "" || err != nil {
		t.Errorf("%s failed: %v", failed, err)
	}
	again.Count = holdTries - 1
	if failed, err := again.Do(t, func() error { return withSides(zone, hold) }); failed == "" || err != nil {
		t.Errorf("all but the last failed: %v", err)
	}
	again.Count = holdTries
	if failed, err := again.Do(t, func() error { return withSides(zone, hold) }); failed == "" || !again.Is(err) {
		t.Errorf("all failed: %v", err)
	}
}

// TestName: a name that a list can't have is refused before the driver's parent is asked.
func TestName(t *testing.T) {
	faults.Need(t)
	if called, err := (faults.Fault{}).Do(t, func() error { return create("a\x00b") }); called != "" || err == nil {
		t.Errorf("a name with a NUL: %v; called was %q", err, called)
	}
}

func TestUnit(t *testing.T) {
	for device, want := range map[string]string{
		"../../../devices/pseudo/zconsnex@1/zcons@3:globalconsole": "3", "/devices/pseudo/zconsnex@1/zcons@4": "4",
		"../../zcons": "", "../../pts@1:1": "", "/dev/null": "",
	} {
		if unit, err := unitOf(device); unit != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", device, unit, err)
		}
	}
}
