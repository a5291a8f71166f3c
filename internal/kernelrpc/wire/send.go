package wire

import (
	"errors"
	"fmt"
	"os"

	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// A request or reply is sent in as many messages as it takes, each behind a byte that
// says whether another follows. Files go with the first one.
const (
	last = 0
	more = 1
)

var errMark = errors.New("the message is of another version of the protocol: " + oneRelease)

// Send sends a request or reply with files.
func Send(conn *door.Conn, message []byte, files ...*os.File) error {
	const room = door.MaxMessage - 1
	for len(message) > room {
		if err := conn.Send(append([]byte{more}, message[:room]...), files...); err != nil {
			return err
		}
		message, files = message[room:], nil
	}
	return conn.Send(append([]byte{last}, message...), files...)
}

// Receive receives a request or reply of at most limit bytes.
func Receive(conn *door.Conn, limit int) (message []byte, files []*os.File, err error) {
	part, files, err := conn.Receive()
	if err != nil {
		return nil, nil, err
	}
	if message, err = Join(conn, part, limit); err != nil {
		closeAll(files)
		return nil, nil, err
	}
	return message, files, nil
}

// Join receives what follows the first message of a request or reply. EMSGSIZE when it
// is longer than limit.
func Join(conn *door.Conn, first []byte, limit int) ([]byte, error) {
	return join(first, limit, func() ([]byte, error) {
		part, files, err := conn.Receive()
		closeAll(files)
		return part, err
	})
}

func join(part []byte, limit int, next func() ([]byte, error)) (message []byte, err error) {
	for {
		switch {
		case len(part) == 0 || part[0] > more:
			return nil, errMark
		case len(message)+len(part)-1 > limit:
			return nil, &zone.Error{Errno: errno.EMSGSIZE, Text: fmt.Sprintf("the message has more than %d bytes", limit)}
		case part[0] == last && message == nil:
			return part[1:], nil
		}
		message = append(message, part[1:]...)
		if part[0] == last {
			return message, nil
		}
		if part, err = next(); err != nil {
			return nil, err
		}
	}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
