package tree

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// errCut is the error of an archive that ends too early.
var errCut = errors.New("the archive is cut short: its closing blocks are missing")

// stream unpacks a tar archive, compressed or not, and reads it to its end, so that the
// checksums of compressed formats are verified. It returns the digest of the uncompressed
// archive. layer says that whiteouts remove what lower layers have.
func (u *unpacker) stream(in io.Reader, layer bool) (digest string, err error) {
	plain, done, err := decompress(bufio.NewReaderSize(in, 1<<16))
	if err != nil {
		return "", err
	}
	defer done()
	sum := sha256.New()
	counted := &counter{from: io.TeeReader(plain, sum)}
	u.archive, u.layer, u.made = tar.NewReader(counted), layer, map[string]bool{}
	entries := 0
	for ; ; entries++ {
		if err := u.ctx.Err(); err != nil {
			return "", err
		}
		before := counted.total
		header, err := u.archive.Next()
		if err == io.EOF {
			if counted.total-before < 2*block || !counted.closed() {
				return "", errCut
			}
			break
		}
		if errors.Is(err, tar.ErrHeader) && entries == 0 {
			return "", errors.New("neither a tar archive nor one compressed with gzip, zstd, xz or bzip2")
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return "", errCut
		}
		if err != nil {
			return "", err
		}
		if err := u.entry(header); err != nil {
			return "", about(header, err)
		}
		// So that only the padding of the entry is left to be read before the next one.
		if _, err := io.Copy(io.Discard, u.archive); err != nil {
			return "", about(header, err)
		}
	}
	if entries == 0 {
		return "", errors.New("the archive has no entries")
	}
	if err := counted.rest(); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// decompress returns the uncompressed stream. The format is recognized by content.
func decompress(in *bufio.Reader) (io.Reader, func(), error) {
	head, _ := in.Peek(6)
	switch {
	case len(head) == 0:
		return nil, nil, errors.New("the file is empty")
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		plain, err := gzip.NewReader(in)
		return plain, func() {}, err
	case bytes.HasPrefix(head, []byte("BZh")):
		return bzip2.NewReader(in), func() {}, nil
	case bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		plain, err := xz.NewReader(in)
		return plain, func() {}, err
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		plain, err := zstd.NewReader(in)
		if err != nil {
			return nil, nil, err
		}
		return plain, plain.Close, nil
	}
	return in, func() {}, nil
}

// block is the size of a tar archive's blocks. Two blocks of zeros close it.
const block = 512

// counter counts what is read and keeps the last two blocks.
type counter struct {
	from  io.Reader
	total int64
	tail  []byte
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.total += int64(n)
	if n >= 2*block {
		c.tail = append(c.tail[:0], p[n-2*block:n]...)
	} else {
		c.tail = append(c.tail, p[:n]...)
		if extra := len(c.tail) - 2*block; extra > 0 {
			c.tail = append(c.tail[:0], c.tail[extra:]...)
		}
	}
	return n, err
}

// closed reports whether the last two blocks are the end of an archive.
func (c *counter) closed() bool {
	return len(c.tail) == 2*block && len(bytes.Trim(c.tail, "\x00")) == 0
}

// rest reads what follows the end of the archive: zeros up to a multiple of the writer's
// record size, or nothing.
func (c *counter) rest() error {
	buffer := make([]byte, 1<<15)
	for {
		n, err := c.from.Read(buffer)
		if len(bytes.Trim(buffer[:n], "\x00")) > 0 {
			return errors.New("the archive is followed by other data")
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// about returns the error of an entry. The path of an error of a file is left out: it is the
// entry's name again, or that of a link's target, unquoted.
func about(h *tar.Header, err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = fmt.Errorf("%s: %w", path.Op, path.Err)
	case errors.As(err, &link):
		err = fmt.Errorf("%s: %w", link.Op, link.Err)
	}
	return fmt.Errorf("entry %q: %w", h.Name, err)
}
