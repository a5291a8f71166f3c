// Package sysevent subscribes to illumos event channels, such as the one on which the
// kernel reports state changes of zones (sysevent_evc_subscribe of libsysevent). It works
// without cgo.
//
// On systems other than illumos [Subscribe] fails with ENOTSUP. The binary form of an
// [Event] can be read and written anywhere.
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
	Publisher       string        // vendor, kind and name, separated by colons
	Sequence        uint64        // number of the event in its channel
	Time            time.Duration // since boot
	Attributes      *nvlist.List  // nil for none
}

// ErrEvent is wrapped by the errors of [Event.UnmarshalBinary].
var ErrEvent = errors.New("not an event")

// headSize is the least size of an event in bytes (sizeof (sysevent_impl_t)). The name
// of the class starts within that head.
const (
	headSize   = 80
	classAt    = 48
	maxPayload = 1 << 20
)

func badEvent(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrEvent}, args...)...)
}

// sizeOf returns the size of an event in bytes, from its head.
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

// name returns the string at an offset.
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

// UnmarshalBinary reads an event that contains its attributes (SE_PACKED_BUF), as the
// kernel delivers it. The error wraps [ErrEvent].
func (e *Event) UnmarshalBinary(raw []byte) error {
	size, err := sizeOf(raw)
	if err != nil {
		return err
	}
	if size > len(raw) {
		return badEvent("%d bytes, its head says %d", len(raw), size)
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

// MarshalBinary returns the event in the form that the kernel delivers.
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
