package wire

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Version is that of the messages, which begin with it. A kernel process that is older
// or newer than the program is told of, by both.
const Version = 3

// otherVersion begins the messages of releases before 3, which were all JSON.
const otherVersion = '{'

const oneRelease = "use programs of one release"

var errOtherReply = errors.New("reply of the kernel process: it is of another version than this program's: " + oneRelease)

// EncodeRequest writes a request with its body, nil for none: the version and a one
// where the call is traced, a byte each, the zone's id as four bytes, little-endian, op
// and name with their lengths in front, as varints, and the body.
func EncodeRequest(r *Request, body any) ([]byte, error) {
	message := []byte{Version, 0}
	if r.Trace {
		message[1] = 1
	}
	message = binary.LittleEndian.AppendUint32(message, uint32(r.ID))
	message = appendPart(message, []byte(r.Op))
	message = appendPart(message, []byte(r.Name))
	return appendBody(message, body)
}

// DecodeRequest reads a request from anybody.
func DecodeRequest(message []byte) (*Request, error) {
	const head = 1 + 1 + 4
	if len(message) < head {
		return nil, invalid("it is too short")
	}
	switch version := message[0]; version {
	case Version:
	case otherVersion:
		return nil, invalid(fmt.Sprintf("it is of a version before %d, which this kernel speaks: %s", Version, oneRelease))
	default:
		return nil, invalid(fmt.Sprintf("it is of version %d, this kernel speaks %d: %s", version, Version, oneRelease))
	}
	op, rest, ok := cutPart(message[head:])
	name, body, ok2 := cutPart(rest)
	if !ok || !ok2 || message[1] > 1 {
		return nil, invalid("it is not well-formed")
	}
	id := zone.ID(binary.LittleEndian.Uint32(message[2:head]))
	return &Request{Op: string(op), Trace: message[1] == 1, ID: id, Name: string(name), Body: body}, nil
}

// Take decodes the body: EFAULT when there is none.
func (r *Request) Take(body any) error {
	if len(r.Body) == 0 {
		return errno.EFAULT
	}
	if err := json.Unmarshal(r.Body, body); err != nil {
		return invalid(err.Error())
	}
	return nil
}

func invalid(text string) error {
	return &zone.Error{Op: "request", Errno: errno.EINVAL, Text: text}
}

// EncodeReply writes a reply: a body, nil for none, the error of a call that failed,
// and the spans of one that was traced. After the version come the error and the
// spans with their lengths in front, 0 for none, and the body. It may be longer than a
// message: [SendReply] sends it.
func EncodeReply(body any, failure *zone.Error, spans []trace.Span) (message []byte, err error) {
	var failed, recorded []byte
	if failure != nil {
		if failed, err = json.Marshal(failure); err != nil {
			return nil, err
		}
	}
	if spans != nil {
		if recorded, err = json.Marshal(spans); err != nil {
			return nil, err
		}
	}
	message = appendPart([]byte{Version}, failed)
	message = appendPart(message, recorded)
	return appendBody(message, body)
}

// DecodeReply reads a reply and its body, nil for none. failure is what the kernel
// says; err is of what is no reply.
func DecodeReply(message []byte, body any) (failure *zone.Error, spans []trace.Span, err error) {
	if len(message) == 0 || message[0] != Version {
		return nil, nil, errOtherReply
	}
	failed, rest, ok := cutPart(message[1:])
	recorded, raw, ok2 := cutPart(rest)
	if !ok || !ok2 {
		return nil, nil, fmt.Errorf("reply of the kernel process: it is not well-formed")
	}
	if len(failed) > 0 {
		err = json.Unmarshal(failed, &failure)
	}
	if len(recorded) > 0 && err == nil {
		err = json.Unmarshal(recorded, &spans)
	}
	if len(raw) > 0 && err == nil {
		err = takeBody(raw, body)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reply of the kernel process: %w", err)
	}
	return failure, spans, nil
}

// appendBody writes a body in its own form if it has one, else as JSON.
func appendBody(message []byte, body any) ([]byte, error) {
	switch body := body.(type) {
	case nil:
		return message, nil
	case encoding.BinaryAppender:
		return body.AppendBinary(message)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return append(message, raw...), nil
}

func takeBody(raw []byte, body any) error {
	switch body := body.(type) {
	case nil:
		return nil
	case encoding.BinaryUnmarshaler:
		return body.UnmarshalBinary(raw)
	}
	return json.Unmarshal(raw, body)
}

func appendPart(message, part []byte) []byte {
	return append(binary.AppendUvarint(message, uint64(len(part))), part...)
}

// cutPart takes a part off a message; ok is false when it isn't all there.
func cutPart(message []byte) (part, rest []byte, ok bool) {
	length, n := binary.Uvarint(message)
	if n <= 0 || length > uint64(len(message)-n) {
		return nil, nil, false
	}
	end := n + int(length)
	return message[n:end:end], message[end:], true
}
