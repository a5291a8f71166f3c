package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// page is the unit of holes in a file.
const page = 4096

var zeros [page]byte

// file makes a regular file with the content of the current entry. Pages of zeros become
// holes.
func (u *unpacker) file(name string, size int64) error {
	if most := capacity(u.root); most > 0 && size > most {
		return fmt.Errorf("its %d bytes don't fit into the file system, which has %d", size, most)
	}
	out, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(u.content(out, size), out.Close())
}

func (u *unpacker) content(out *os.File, size int64) error {
	buffer := make([]byte, min(size, 1<<18)/page*page+page)
	at := int64(0)
	for {
		if err := u.ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(u.archive, buffer)
		for rest := buffer[:n]; len(rest) > 0; {
			data := run(rest)
			if len(data) > 0 {
				if _, err := out.WriteAt(data, at); err != nil {
					return err
				}
			} else {
				data = rest[:min(page, len(rest))]
			}
			at, rest = at+int64(len(data)), rest[len(data):]
		}
		switch err {
		case io.EOF, io.ErrUnexpectedEOF:
			if at != size {
				return errCut
			}
			return out.Truncate(size)
		case nil:
		default:
			return err
		}
	}
}

// run returns the pages at the beginning of text up to the first that is all zeros.
func run(text []byte) []byte {
	for at := 0; at < len(text); at += page {
		end := min(at+page, len(text))
		if bytes.Equal(text[at:end], zeros[:end-at]) {
			return text[:at]
		}
	}
	return text
}
