package abi

import (
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/testenv"
)

// TestLayouts compares every structure with its layout in abi.json.
func TestLayouts(t *testing.T) {
	testenv.Need(t, testenv.Word64)
	for name, v := range map[string]any{
		"zone_def": ZoneDef{}, "zone_def without labels": ZoneDefShort{},
		"priv_impl_info_t": PrivImplInfo{},
		"ct_param_t":       CtParam{}, "ct_status_t": CtStatus{},
		"door_arg_t": DoorArg{}, "door_desc_t": DoorDesc{}, "door_info_t": DoorInfo{},
		"struct termios": Termios{}, "struct winsize": Winsize{}, "struct strioctl": Strioctl{},
		"struct utmpx": Utmpx{}, "struct futmpx": Futmpx{},
		"dlmgmt_door_getlinkid_t": DlmgmtGetlinkid{}, "dlmgmt_getlinkid_retval_t": DlmgmtGetlinkidRetval{},
		"dlmgmt_door_getname_t": DlmgmtGetname{}, "dlmgmt_getname_retval_t": DlmgmtGetnameRetval{},
		"struct timeval": Timeval{},
	} {
		abitest.CheckLayout(t, name, v)
	}
}
