package wire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Request asks the kernel to make a call. Each op has a type for its body, which is JSON;
// the rest has a fixed layout, see [EncodeRequest].
type Request struct {
	Op    string
	Trace bool // return the spans of this call with the reply
	ID    zone.ID
	Name  string // of a zone, a link or a resource control
	Body  []byte
}

// Limits of requests: they bound what a caller can make the kernel process allocate.
const (
	MaxRequest = 1 << 20  // bytes of a request
	MaxList    = 8192     // steps or mounts in a request
	MaxRoom    = 64 << 10 // bytes or elements of a buffer
)

// EncodeRequest encodes a request with its body, nil for none: a byte each for the
// version and for Trace, the id as four bytes, little-endian, op and name, each behind
// its length as a varint, and the body. EMSGSIZE when that is longer than MaxRequest.
func EncodeRequest(r *Request, body any) ([]byte, error) {
	message := []byte{Version, 0}
	if r.Trace {
		message[1] = 1
	}
	message = binary.LittleEndian.AppendUint32(message, uint32(r.ID))
	message = appendPart(message, []byte(r.Op))
	message = appendPart(message, []byte(r.Name))
	return appendBody(message, body, MaxRequest)
}

// DecodeRequest decodes a request, except for its body.
func DecodeRequest(message []byte) (*Request, error) {
	const head = 1 + 1 + 4
	if len(message) < head {
		return nil, invalid("the request is too short")
	}
	if version := message[0]; version != Version {
		return nil, invalid(fmt.Sprintf("the program speaks version %d of the protocol, the kernel process version %d: %s", version, Version, oneRelease))
	}
	op, rest, ok := cutPart(message[head:])
	name, body, ok2 := cutPart(rest)
	if !ok || !ok2 || message[1] > 1 {
		return nil, invalid("the request is malformed")
	}
	id := zone.ID(binary.LittleEndian.Uint32(message[2:head]))
	return &Request{Op: string(op), Trace: message[1] == 1, ID: id, Name: string(name), Body: body}, nil
}

// Take decodes the body and checks the limits of its lists. EFAULT when there is none.
func (r *Request) Take(body any) error {
	if len(r.Body) == 0 {
		return errno.EFAULT
	}
	if err := json.Unmarshal(r.Body, body); err != nil {
		return invalid(err.Error())
	}
	n := 0
	switch body := body.(type) {
	case *zone.Definition:
		n = len(body.Steps)
	case *[]zone.Step:
		n = len(*body)
	case *[]zone.Mount:
		n = len(*body)
	}
	if n > MaxList {
		return invalid(fmt.Sprintf("%d steps or mounts, the limit is %d", n, MaxList))
	}
	return nil
}

func invalid(text string) error {
	return &zone.Error{Op: "request", Errno: errno.EINVAL, Text: text}
}
