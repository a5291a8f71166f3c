package uadmin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/uadmin"
)

// TestArguments: the kernel reads the arguments of a boot, and none where there are none. The
// embedded one can't boot the machine.
func TestArguments(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	for name, test := range map[string]struct {
		arguments string
		want      errno.Errno
	}{
		"none":     {"", errno.ENOTSUP},
		"some":     {"-m verbose", errno.ENOTSUP},
		"too long": {strings.Repeat("x", 300), errno.ENAMETOOLONG},
	} {
		if err := uadmin.Do(uadmin.Reboot, uadmin.Boot, test.arguments); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, not %v", name, err, test.want)
		}
	}
}
