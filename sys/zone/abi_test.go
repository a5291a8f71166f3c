package zone_test

import (
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/sys/zone"
)

// TestConstants compares every number of this package with the system's headers.
func TestConstants(t *testing.T) {
	for section, constants := range map[string]map[string]int64{
		"syscall": {"SYS_zone": zone.SysZone},
		"zone.subcode": {
			"ZONE_CREATE": int64(zone.SubCreate), "ZONE_DESTROY": int64(zone.SubDestroy), "ZONE_GETATTR": int64(zone.SubGetattr),
			"ZONE_ENTER": int64(zone.SubEnter), "ZONE_LIST": int64(zone.SubList), "ZONE_SHUTDOWN": int64(zone.SubShutdown),
			"ZONE_LOOKUP": int64(zone.SubLookup), "ZONE_BOOT": int64(zone.SubBoot), "ZONE_VERSION": int64(zone.SubVersion),
			"ZONE_SETATTR": int64(zone.SubSetattr), "ZONE_ADD_DATALINK": int64(zone.SubAddDatalink),
			"ZONE_DEL_DATALINK": int64(zone.SubDelDatalink), "ZONE_CHECK_DATALINK": int64(zone.SubCheckDatalink),
			"ZONE_LIST_DATALINK": int64(zone.SubListDatalink),
		},
		"zone.attr": {
			"ZONE_ATTR_ROOT": int64(zone.AttrRoot), "ZONE_ATTR_NAME": int64(zone.AttrName), "ZONE_ATTR_STATUS": int64(zone.AttrStatus),
			"ZONE_ATTR_PRIVSET": int64(zone.AttrPrivset), "ZONE_ATTR_UNIQID": int64(zone.AttrUniqID), "ZONE_ATTR_POOLID": int64(zone.AttrPoolID),
			"ZONE_ATTR_INITPID": int64(zone.AttrInitPID), "ZONE_ATTR_SLBL": int64(zone.AttrLabel), "ZONE_ATTR_INITNAME": int64(zone.AttrInitName),
			"ZONE_ATTR_BOOTARGS": int64(zone.AttrBootArgs), "ZONE_ATTR_BRAND": int64(zone.AttrBrand), "ZONE_ATTR_PHYS_MCAP": int64(zone.AttrPhysMcap),
			"ZONE_ATTR_SCHED_CLASS": int64(zone.AttrSchedClass), "ZONE_ATTR_FLAGS": int64(zone.AttrFlags), "ZONE_ATTR_HOSTID": int64(zone.AttrHostID),
			"ZONE_ATTR_FS_ALLOWED": int64(zone.AttrFSAllowed), "ZONE_ATTR_NETWORK": int64(zone.AttrNetwork),
			"ZONE_ATTR_INITNORESTART": int64(zone.AttrInitNoRestart), "ZONE_ATTR_SECFLAGS": int64(zone.AttrSecFlags),
			"ZONE_ATTR_BRAND_ATTRS": int64(zone.AttrBrandBase),
		},
		"zone.status": {
			"ZONE_IS_UNINITIALIZED": int64(zone.StatusUninitialized), "ZONE_IS_INITIALIZED": int64(zone.StatusInitialized),
			"ZONE_IS_READY": int64(zone.StatusReady), "ZONE_IS_BOOTING": int64(zone.StatusBooting), "ZONE_IS_RUNNING": int64(zone.StatusRunning),
			"ZONE_IS_SHUTTING_DOWN": int64(zone.StatusShuttingDown), "ZONE_IS_EMPTY": int64(zone.StatusEmpty), "ZONE_IS_DOWN": int64(zone.StatusDown),
			"ZONE_IS_DYING": int64(zone.StatusDying), "ZONE_IS_DEAD": int64(zone.StatusDead),
		},
		"zone.extended_error": {"ZE_CHROOTED": int64(zone.ExtChrooted), "ZE_AREMOUNTS": int64(zone.ExtMounts), "ZE_LABELINUSE": int64(zone.ExtLabelInUse)},
	} {
		header := abitest.Constants(t, section)
		for name, value := range constants {
			if want, ok := header[name]; !ok || value != want {
				t.Errorf("%s is %d, the header has %d (%v)", name, value, want, ok)
			}
		}
	}
}
