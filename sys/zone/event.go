package zone

import "github.com/gozones/zones/sys/internal/abi"

// Event is a zone's change from one state to another. Old and New are the states'
// public names: initialized, ready, running, shutting_down, uninitialized.
//
// An Event with only Lost set replaces dropped events: more than EventsMax were
// waiting for a slow reader, which must read the zones' states again.
type Event struct {
	ID     ID     `json:"id"`
	Name   string `json:"name"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Status Status `json:"status"`
	Lost   bool   `json:"lost,omitempty"`
}

// EventsMax is the maximum number of events waiting for a reader.
const EventsMax = 4096

// AppendEvents appends events to those waiting for a reader. If there are too many, it
// replaces the older ones with an Event with Lost set.
func AppendEvents(waiting []Event, events ...Event) []Event {
	for _, e := range events {
		if len(waiting) >= EventsMax {
			clear(waiting)
			waiting = append(waiting[:0], Event{Lost: true})
		}
		waiting = append(waiting, e)
	}
	return waiting
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
