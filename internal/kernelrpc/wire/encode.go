package wire

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

const oneRelease = "use programs of one release"

// appendBody appends a body, in its own encoding if it has one, else as JSON. The message
// may have limit bytes then.
func appendBody(message []byte, body any, limit int) (_ []byte, err error) {
	switch body := body.(type) {
	case nil:
	case encoding.BinaryAppender:
		message, err = body.AppendBinary(message)
	default:
		var raw []byte
		raw, err = json.Marshal(body)
		message = append(message, raw...)
	}
	if err == nil && len(message) > limit {
		err = &zone.Error{Errno: errno.EMSGSIZE, Text: fmt.Sprintf("the message has %d bytes, the limit is %d", len(message), limit)}
	}
	return message, err
}

// takeBody decodes a body; nil ignores it.
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

// cutPart cuts a part off a message; ok is false when it isn't complete.
func cutPart(message []byte) (part, rest []byte, ok bool) {
	length, n := binary.Uvarint(message)
	if n <= 0 || length > uint64(len(message)-n) {
		return nil, nil, false
	}
	end := n + int(length)
	return message[n:end:end], message[end:], true
}
