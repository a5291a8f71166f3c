package kernel_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestHolds: references show by the subsystem that has them, until they are released.
func TestHolds(t *testing.T) {
	k := newKernel(t)
	p := k.Global().Local()
	id := create(t, p.Proc, 1)
	before, err := p.Holds(id)
	if err != nil || before.Subsystems != nil || before.References == 0 {
		t.Fatalf("%+v, %v", before, err)
	}
	var ref kernelseam.Ref
	insides := kernel.Insides(k)
	vfs := len(kernelseam.Subsys) - 2
	insides.HoldRef(insides.Peek(id), &ref, vfs)
	after, err := p.Holds(id)
	want := before
	want.References++
	want.Subsystems = map[string]uint32{kernelseam.Subsys[vfs]: 1}
	if err != nil || !reflect.DeepEqual(after, want) {
		t.Errorf("%+v, %v; want %+v", after, err, want)
	}
	insides.ReleaseRef(&ref)
	if after, err := p.Holds(id); err != nil || !reflect.DeepEqual(after, before) {
		t.Errorf("at last %+v, %v; want %+v", after, err, before)
	}
	for _, nobody := range []zone.ID{zone.GlobalID, 77} {
		if _, err := p.Holds(nobody); !errors.Is(err, errno.EINVAL) {
			t.Errorf("of zone %d: %v", nobody, err)
		}
	}
}
