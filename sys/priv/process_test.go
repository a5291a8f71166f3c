package priv_test

import (
	"encoding/binary"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

func TestProcessConstants(t *testing.T) {
	header := abitest.Constants(t, "priv")
	for name, value := range map[string]uint32{
		"PRIV_DEBUG": uint32(priv.Debug), "PRIV_AWARE": uint32(priv.Aware), "PRIV_AWARE_INHERIT": uint32(priv.AwareInherit),
		"PRIV_AWARE_RESET": uint32(priv.AwareReset), "PRIV_XPOLICY": uint32(priv.XPolicy), "PRIV_PFEXEC": uint32(priv.PFExec),
	} {
		if want, ok := header[name]; !ok || int64(value) != want {
			t.Errorf("%s is %#x, the header has %#x (%v)", name, value, want, ok)
		}
	}
}

// TestKernelTable writes a table and reads it, also with a piece of an unknown kind.
func TestKernelTable(t *testing.T) {
	want := priv.Known()
	raw, err := want.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var got priv.Table
	if err := got.UnmarshalBinary(raw); err != nil || !reflect.DeepEqual(&got, want) {
		t.Errorf("read back: %+v, %v", got, err)
	}
	unknown := binary.LittleEndian.AppendUint32(slices.Clone(raw), 77)
	unknown = binary.LittleEndian.AppendUint32(unknown, 12)
	unknown = append(unknown, 1, 2, 3, 4)
	binary.LittleEndian.PutUint32(unknown[24:], uint32(len(unknown)-28))
	if err := got.UnmarshalBinary(unknown); err != nil || !reflect.DeepEqual(&got, want) {
		t.Errorf("with a piece of an unknown kind: %+v, %v", got, err)
	}
	if n, ok := got.Number("PRIV_SYS_MOUNT"); !ok || priv.Name(n) != "sys_mount" {
		t.Errorf("sys_mount is %d, %v", n, ok)
	}
	if _, ok := got.Number("sys_nothing"); ok {
		t.Error("there is a privilege sys_nothing")
	}
}

// TestBrokenKernelTable checks that malformed tables are refused and change nothing.
func TestBrokenKernelTable(t *testing.T) {
	whole, _ := priv.Known().MarshalBinary()
	change := func(at int, value uint32) []byte {
		raw := slices.Clone(whole)
		binary.LittleEndian.PutUint32(raw[at:], value)
		return raw
	}
	for name, raw := range map[string][]byte{
		"nothing":            nil,
		"half a head":        whole[:20],
		"truncated":          whole[:len(whole)-1],
		"a short head":       change(0, 8),
		"a long head":        change(0, 1<<31),
		"much information":   change(24, 1<<31),
		"sets of no words":   change(12, 0),
		"sets of many words": change(12, 1000),
		"a piece of nothing": change(32, 0),
		"a long piece":       change(32, 1<<20),
		"many names":         change(36, 1<<20),
		"no names":           change(24, 0),
	} {
		table := priv.Table{Names: []string{"kept"}}
		if err := table.UnmarshalBinary(raw); !errors.Is(err, priv.ErrTable) {
			t.Errorf("%s: %v", name, err)
		}
		if len(table.Names) != 1 {
			t.Errorf("%s: changed to %+v", name, table)
		}
	}
}

func FuzzTable(f *testing.F) {
	whole, _ := priv.Known().MarshalBinary()
	f.Add(whole)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var table priv.Table
		if table.UnmarshalBinary(raw) == nil {
			table.Number("sys_mount")
		}
	})
}

// TestProcess reads and changes this process's sets, on illumos.
func TestProcess(t *testing.T) {
	if runtime.GOOS != "illumos" {
		if _, err := priv.Own(priv.Effective); !errors.Is(err, errno.ENOTSUP) {
			t.Errorf("sets: %v", err)
		}
		if _, err := priv.Kernel(); !errors.Is(err, errno.ENOTSUP) {
			t.Errorf("table: %v", err)
		}
		if err := priv.Change(priv.Off, priv.Effective, priv.Set{}); !errors.Is(err, errno.ENOTSUP) {
			t.Errorf("change: %v", err)
		}
		return
	}
	table, err := priv.Kernel()
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Sets) != 4 || table.SetWords != priv.SetWords {
		t.Errorf("sets %q of %d words", table.Sets, table.SetWords)
	}
	for i, name := range priv.Names() {
		if i >= len(table.Names) || table.Names[i] != name {
			t.Errorf("privilege %d is %s here, the kernel has %q", i, name, table.Names[min(i, len(table.Names)-1)])
			break
		}
	}
	permitted, err := priv.Own(priv.Permitted)
	if err != nil {
		t.Fatal(err)
	}
	effective, err := priv.Own(priv.Effective)
	if err != nil || !effective.Subset(permitted) {
		t.Errorf("effective %v of permitted %v, %v", effective, permitted, err)
	}
	// The permitted set allows removing and adding it.
	one := priv.Of("proc_info")
	if !one.Subset(effective) {
		testenv.Need(t, testenv.Given("the privilege proc_info", errno.EPERM))
	}
	if err := priv.Change(priv.Off, priv.Effective, one); err != nil {
		t.Fatal(err)
	}
	if now, err := priv.Own(priv.Effective); err != nil || now.Has("proc_info") {
		t.Errorf("after removing proc_info: %v, %v", now.List(), err)
	}
	if err := priv.Change(priv.To, priv.Effective, effective); err != nil {
		t.Error(err)
	}
	if now, err := priv.Own(priv.Effective); err != nil || now != effective {
		t.Errorf("after adding it: %v, %v", now.List(), err)
	}
}
