package priv

import (
	"errors"
	"reflect"
	"testing"

	"github.com/gozones/zones/sys/errno"
)

// TestGrow reads a table that is longer than the first buffer.
func TestGrow(t *testing.T) {
	want, err := Kernel()
	if err != nil {
		t.Fatal(err)
	}
	defer func(room int) { tableRoom = room }(tableRoom)
	tableRoom = 64
	if got, err := Kernel(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestNoRoom: the kernel's table needs room for its head.
func TestNoRoom(t *testing.T) {
	defer func(room int) { tableRoom = room }(tableRoom)
	tableRoom = 1
	if table, err := kernelTable(); err == nil {
		t.Errorf("a table from one byte: %x", table)
	}
}

// TestElevated: this program has no more privileges than who started it.
func TestElevated(t *testing.T) {
	if Elevated() {
		t.Error("it has more")
	}
}

// TestNames: a set that doesn't exist, and a change that doesn't.
func TestNames(t *testing.T) {
	if _, err := Own("None"); !errors.Is(err, errno.EINVAL) {
		t.Errorf("a set of no name: %v", err)
	}
	if err := Change(99, Effective, Set{}); !errors.Is(err, errno.EINVAL) {
		t.Errorf("an unknown change: %v", err)
	}
}

func TestFlags(t *testing.T) {
	for _, on := range []bool{true, false} {
		if err := SetFlag(Aware, on); err != nil {
			t.Fatal(err)
		}
		if is, err := GetFlag(Aware); is != on || err != nil {
			t.Errorf("set to %v it is %v, %v", on, is, err)
		}
	}
	if _, err := GetFlag(1 << 31); !errors.Is(err, errno.EINVAL) {
		t.Errorf("an unknown flag: %v", err)
	}
	if err := SetFlag(1<<31, true); !errors.Is(err, errno.EINVAL) {
		t.Errorf("setting an unknown flag: %v", err)
	}
}
