package zone

import "github.com/gozones/zones/sys/internal/abi"

// Names of the system events that tell of state changes (<zone.h>).
const (
	EventChannel        = abi.ZONE_EVENT_CHANNEL         // the channel, ZONE_EVENT_CHANNEL
	EventStatusClass    = abi.ZONE_EVENT_STATUS_CLASS    // class of events, ZONE_EVENT_STATUS_CLASS
	EventStatusSubclass = abi.ZONE_EVENT_STATUS_SUBCLASS // their subclass, ZONE_EVENT_STATUS_SUBCLASS
	EventName           = abi.ZONE_CB_NAME               // attribute: the zone, a string; ZONE_CB_NAME
	EventNewState       = abi.ZONE_CB_NEWSTATE           // attribute: a string; ZONE_CB_NEWSTATE
	EventOldState       = abi.ZONE_CB_OLDSTATE           // attribute: a string; ZONE_CB_OLDSTATE
	EventZoneID         = abi.ZONE_CB_ZONEID             // attribute: an int32; ZONE_CB_ZONEID
)
