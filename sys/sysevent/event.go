// Package sysevent follows illumos' event channels (libsysevent's
// sysevent_evc_subscribe), on which the kernel tells of zones among others. Events
// are delivered on threads of the system; a few lines of assembly pass them on
// through a pipe, so that it works without a C compiler.
//
// Events as bytes can be read and written anywhere; subscribing fails with ENOTSUP
// on systems that aren't illumos.
package sysevent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/nvlist"
)

// Event is an event of a channel (sysevent_t).
type Event struct {
	Class, Subclass string
	Publisher       string        // vendor, "publisher" and who, joined by colons
	Sequence        uint64        // number of the event
	Time            time.Duration // since boot
	Attributes      *nvlist.List  // nil for none
}

// ErrEvent is in the chain of errors about bytes that are no event.
var ErrEvent = errors.New("not an event")

// headSize is how many bytes an event has at least (sizeof (sysevent_impl_t)). The
// name of the class begins before its end.
const (
	headSize   = 80
	classAt    = 48
	maxPayload = 1 << 20
)

func badEvent(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrEvent}, args...)...)
}

// sizeOf returns how many bytes an event has altogether, from its head.
func sizeOf(head []byte) (int, error) {
	var h abi.Sysevent
	if _, err := binary.Decode(head, binary.LittleEndian, &h); err != nil {
		return 0, badEvent("a head of %d bytes", len(head))
	}
	if h.PayloadSize < 0 || h.PayloadSize > maxPayload {
		return 0, badEvent("%d bytes of payload", h.PayloadSize)
	}
	return headSize + int(h.PayloadSize), nil
}

// name returns the string that begins at a place.
func name(raw []byte, at int) (string, error) {
	if at < classAt || at >= len(raw) {
		return "", badEvent("a name at %d of %d", at, len(raw))
	}
	end := bytes.IndexByte(raw[at:], 0)
	if end < 0 {
		return "", badEvent("the name at %d doesn't end", at)
	}
	return string(raw[at : at+end]), nil
}

func align(n int) int { return (n + 7) &^ 7 }

// UnmarshalBinary reads an event whose attributes are packed into it.
func (e *Event) UnmarshalBinary(raw []byte) error {
	size, err := sizeOf(raw)
	if err != nil {
		return err
	}
	if size > len(raw) {
		return badEvent("%d bytes, %d promised", len(raw), size)
	}
	raw = raw[:size]
	var h abi.Sysevent
	if _, err := binary.Decode(raw, binary.LittleEndian, &h); err != nil {
		return err
	}
	if h.Flag&abi.SE_PACKED_BUF == 0 {
		return badEvent("its attributes aren't packed")
	}
	read := Event{Sequence: h.Seq, Time: time.Duration(h.TS)}
	if read.Class, err = name(raw, classAt); err != nil {
		return err
	}
	if read.Subclass, err = name(raw, int(h.SubclassOff)); err != nil {
		return err
	}
	if read.Publisher, err = name(raw, int(h.PubOff)); err != nil {
		return err
	}
	// The attributes follow the publisher's name (SE_ATTR_OFF).
	if at := int(h.PubOff) + align(len(read.Publisher)+1); at < len(raw) && h.AttrOff != 0 {
		if read.Attributes, err = nvlist.Unpack(raw[at:]); err != nil {
			return badEvent("attributes: %v", err)
		}
	}
	*e = read
	return nil
}

// MarshalBinary writes an event as the kernel packs it.
func (e *Event) MarshalBinary() ([]byte, error) {
	raw := make([]byte, classAt)
	add := func(text string) int {
		at := len(raw)
		raw = append(raw, text...)
		raw = append(raw, make([]byte, align(len(text)+1)-len(text))...)
		return at
	}
	add(e.Class)
	h := abi.Sysevent{Seq: e.Sequence, TS: int64(e.Time), Flag: abi.SE_PACKED_BUF}
	h.SubclassOff = uint16(add(e.Subclass))
	h.PubOff = uint16(add(e.Publisher))
	if e.Attributes != nil {
		h.AttrOff = uint64(len(raw))
		var err error
		if raw, err = e.Attributes.AppendPack(raw, nvlist.Native); err != nil {
			return nil, err
		}
	}
	raw = append(raw, make([]byte, max(align(len(raw)), headSize)-len(raw))...)
	h.PayloadSize = int32(len(raw) - headSize)
	head, err := binary.Append(nil, binary.LittleEndian, h)
	copy(raw[:classAt], head)
	return raw, err
}
