package rctl

import (
	"errors"
	"slices"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
)

// TestChangeNative changes a control of the global zone of an embedded kernel, which
// answers the system calls.
func TestChangeNative(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	c, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	const name = "zone.max-msg-ids"
	before, err := Values(c, name)
	if err != nil {
		t.Fatal(err)
	}
	first, second := Limited(1000, Deny), Limited(2000, Deny)
	has := func(when string, want ...Value) {
		t.Helper()
		if got, err := Values(c, name); err != nil || !slices.Equal(got, append(want, before...)) {
			t.Errorf("%s: %v, %v", when, got, err)
		}
	}
	if err := Insert(c, name, first); err != nil {
		t.Fatal(err)
	}
	has("inserted", first)
	if err := Replace(c, name, first, second); err != nil {
		t.Errorf("replacing: %v", err)
	}
	has("replaced", second)
	if err := Replace(c, name, first, second); !errors.Is(err, errno.ESRCH) {
		t.Errorf("replacing what isn't there: %v", err)
	}
	if err := Delete(c, name, second); err != nil {
		t.Errorf("deleting: %v", err)
	}
	has("deleted")
	if err := SetSyslog(c, name, true, 4); err != nil {
		t.Error(err)
	}
	var b Block
	if err := c.Rctlctl(name, &b, CtlGet); err != nil || b.GlobalAction() != GlobalSyslog || b.GlobalSyslogLevel != 4 {
		t.Errorf("%+v, %v", b, err)
	}
	if err := SetSyslog(c, name, false, 0); err != nil {
		t.Error(err)
	}
	if err := SetProject(c, name, first); !errors.Is(err, errno.EINVAL) {
		t.Errorf("a zone's control as a project's: %v", err)
	}
}
