package zone

import "github.com/gozones/zones/sys/internal/abi"

// Event is a zone's change from one state to another. Old and New are the public names
// of the states: initialized, ready, running, shutting_down, uninitialized.
type Event struct {
	ID     ID     `json:"id"`
	Name   string `json:"name"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Status Status `json:"status"`
}

// Names of the system events that report state changes (<zone.h>).
const (
	EventChannel        = abi.ZONE_EVENT_CHANNEL         // the channel, ZONE_EVENT_CHANNEL
	EventStatusClass    = abi.ZONE_EVENT_STATUS_CLASS    // class of events, ZONE_EVENT_STATUS_CLASS
	EventStatusSubclass = abi.ZONE_EVENT_STATUS_SUBCLASS // their subclass, ZONE_EVENT_STATUS_SUBCLASS
	EventName           = abi.ZONE_CB_NAME               // attribute: the zone's name, a string; ZONE_CB_NAME
	EventNewState       = abi.ZONE_CB_NEWSTATE           // attribute: a string; ZONE_CB_NEWSTATE
	EventOldState       = abi.ZONE_CB_OLDSTATE           // attribute: a string; ZONE_CB_OLDSTATE
	EventZoneID         = abi.ZONE_CB_ZONEID             // attribute: an int32; ZONE_CB_ZONEID
)
