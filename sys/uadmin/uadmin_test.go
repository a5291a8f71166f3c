package uadmin_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/uadmin"
)

func TestConstants(t *testing.T) {
	header := abitest.Constants(t, "uadmin")
	for name, value := range map[string]int32{
		"A_REBOOT": int32(uadmin.Reboot), "A_SHUTDOWN": int32(uadmin.Shutdown), "A_FREEZE": int32(uadmin.Freeze),
		"A_REMOUNT": int32(uadmin.Remount), "A_DUMP": int32(uadmin.Dump), "A_SWAPCTL": int32(uadmin.SwapCtl), "A_CONFIG": int32(uadmin.Config),
		"AD_HALT": int32(uadmin.Halt), "AD_BOOT": int32(uadmin.Boot), "AD_IBOOT": int32(uadmin.IBoot), "AD_POWEROFF": int32(uadmin.PowerOff),
		"AD_NOSYNC": int32(uadmin.NoSync), "AD_FASTREBOOT": int32(uadmin.FastReboot),
	} {
		if want, ok := header[name]; !ok || int64(value) != want {
			t.Errorf("%s is %d, the header has %d (%v)", name, value, want, ok)
		}
	}
}

// TestDo makes calls that fail on every system, so that none stops.
func TestDo(t *testing.T) {
	want := errno.ENOTSUP
	if runtime.GOOS == "illumos" {
		want = errno.EINVAL
	}
	if err := uadmin.Do(99, 0, ""); !errors.Is(err, want) && !errors.Is(err, errno.EPERM) {
		t.Errorf("an unknown command: %v", err)
	}
	if err := uadmin.Do(uadmin.Reboot, uadmin.Boot, "a\x00b"); !errors.Is(err, errno.EINVAL) {
		t.Errorf("arguments with a NUL: %v", err)
	}
}

func Example() {
	err := uadmin.Do(uadmin.Shutdown, uadmin.Boot, "-m verbose\x00")
	fmt.Println(err)
	// Output: uadmin 2 1: Invalid argument
}
