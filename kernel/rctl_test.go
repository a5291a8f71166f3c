package kernel

import (
	"testing"

	"github.com/gozones/zones/sys/errno"
	rc "github.com/gozones/zones/sys/rctl"
)

// TestDelete: the value in force stays in force when one before it is deleted; when it is
// deleted itself, the next one is in force.
func TestDelete(t *testing.T) {
	t.Parallel()
	limit := func(n uint64) rc.Value { return rc.Value{Privilege: rc.Privileged, Limit: n} }
	last := rc.Value{Privilege: rc.Systemic, Limit: 1000, Flags: rc.Maximal}
	for _, test := range []struct {
		name         string
		cursor       int
		delete       rc.Value
		want         errno.Errno
		force, other uint64 // the value in force then, and how many there are
	}{
		{"before the one in force", 1, limit(10), 0, 20, 3},
		{"the one in force", 1, limit(20), 0, 30, 3},
		{"after the one in force", 1, limit(30), 0, 20, 3},
		{"none", 1, limit(40), errno.ESRCH, 20, 4},
		{"the system's", 1, last, errno.EPERM, 20, 4},
	} {
		var set uint64
		c := &control{set: func(_ *Zone, n uint64) { set = n }}
		c.Max = 1000
		r := rctl{control: c, zone: &Zone{}, values: []rc.Value{limit(10), limit(20), limit(30), last}, cursor: test.cursor}
		if e := r.delete(test.delete); e != test.want {
			t.Errorf("%s: %v, want %v", test.name, e, test.want)
		}
		if got := r.inForce().Limit; got != test.force || uint64(len(r.values)) != test.other {
			t.Errorf("%s: %d is in force among %d values, want %d among %d", test.name, got, len(r.values), test.force, test.other)
		}
		if changed := test.force != 20; changed && set != test.force || !changed && set != 0 {
			t.Errorf("%s: the kernel was told %d", test.name, set)
		}
	}
}
