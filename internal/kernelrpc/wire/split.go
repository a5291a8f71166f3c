package wire

import (
	"errors"
	"os"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
)

// A reply goes in as many messages as it takes, each with a byte in front that says
// whether more of it follows.
const (
	last = 0
	more = 1
)

// maxReply bounds what a program takes from a kernel process: thousands of zones need
// a hundredth of it.
const maxReply = 64 << 20

// SendReply sends a reply, with files that go with its first message.
func SendReply(conn *door.Conn, reply []byte, files ...*os.File) error {
	const room = door.MaxMessage - 1
	for len(reply) > room {
		if err := conn.Send(append([]byte{more}, reply[:room]...), files...); err != nil {
			return err
		}
		reply, files = reply[room:], nil
	}
	return conn.Send(append([]byte{last}, reply...), files...)
}

// ReceiveReply waits for a reply and decodes it; see [DecodeReply].
func ReceiveReply(conn *door.Conn, body any) (files []*os.File, failure *zone.Error, spans []trace.Span, err error) {
	message, files, err := conn.Receive()
	if err != nil {
		return nil, nil, nil, err
	}
	reply, err := join(message, func() ([]byte, error) {
		message, _, err := conn.Receive()
		return message, err
	})
	if err == nil {
		failure, spans, err = DecodeReply(reply, body)
	}
	if err != nil {
		for _, f := range files {
			f.Close()
		}
		return nil, nil, nil, err
	}
	return files, failure, spans, nil
}

// join returns the reply that begins with a message; next waits for the following one.
func join(message []byte, next func() ([]byte, error)) (reply []byte, err error) {
	for {
		switch {
		case len(message) == 0 || message[0] > more:
			return nil, errOtherReply
		case len(reply)+len(message) > maxReply:
			return nil, errors.New("reply of the kernel process: it is too long")
		case message[0] == last && reply == nil:
			return message[1:], nil
		}
		reply = append(reply, message[1:]...)
		if message[0] == last {
			return reply, nil
		}
		if message, err = next(); err != nil {
			return nil, err
		}
	}
}
