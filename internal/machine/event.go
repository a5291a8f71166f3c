package machine

import (
	"github.com/gozones/zones/sys/sysevent"
	"github.com/gozones/zones/sys/zone"
)

// event decodes an event of the kernel. It reports false for one that isn't about a zone's
// state.
func (s states) event(e *sysevent.Event) (zone.Event, bool) {
	if e.Subclass != zone.EventStatusSubclass || e.Attributes == nil {
		return zone.Event{}, false
	}
	name, err := e.Attributes.LookupString(zone.EventName)
	if err != nil {
		return zone.Event{}, false
	}
	old, err := e.Attributes.LookupString(zone.EventOldState)
	if err != nil {
		return zone.Event{}, false
	}
	public, err := e.Attributes.LookupString(zone.EventNewState)
	if err != nil {
		return zone.Event{}, false
	}
	id, err := e.Attributes.LookupInt32(zone.EventZoneID)
	if err != nil {
		return zone.Event{}, false
	}
	return zone.Event{ID: zone.ID(id), Name: name, Old: old, New: public, Status: s.next(zone.ID(id), old, public)}, true
}
