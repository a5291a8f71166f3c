package linuxhost

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/spare"
)

// rooms keeps one ready, so that a zone needn't wait for a process to start. The kind
// is whether it has a network of its own.
type rooms = spare.Keeper[bool, *room]

// roomPause is how long after a zone was made the next room is: the machine has enough
// to do while a zone boots.
const roomPause = 100 * time.Millisecond

func (h *Host) newRooms() *rooms { return spare.New(roomPause, h.newRoom, (*room).discard) }

// takeRoom returns a room of a kind: the one that is ready, or a new one.
func (h *Host) takeRoom(exclusive bool) (*room, error) {
	if r, ok := h.rooms.Take(exclusive); ok {
		if r.alive() {
			return r, nil
		}
		r.discard()
	}
	return h.newRoom(exclusive)
}

// alive tells that nobody has ended a room while it waited.
func (r *room) alive() bool {
	select {
	case <-r.gone:
		return false
	default:
		return true
	}
}

// discard ends a room that no zone has had.
func (r *room) discard() {
	r.end()
	unix.Close(r.ends)
}
