package tree

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// documentMax limits the size of a manifest or configuration.
const documentMax = 16 << 20

// readRegular reads a document, which is a regular file.
func readRegular(path string) ([]byte, error) {
	file, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, documentMax+1))
	if err == nil && len(text) > documentMax {
		err = fmt.Errorf("%s is larger than %d bytes", path, documentMax)
	}
	return text, err
}

// open opens a blob and verifies its size and digest. Only SHA-256 is accepted, and only
// the hexadecimal digits of a digest get into the path.
func (d *descriptor) open(ctx context.Context, dir string) (*os.File, error) {
	hash, ok := strings.CutPrefix(d.Digest, "sha256:")
	if raw, err := hex.DecodeString(hash); !ok || err != nil || len(raw) != sha256.Size {
		return nil, fmt.Errorf("%q is not a SHA-256 digest", d.Digest)
	}
	path := filepath.Join(dir, "blobs", "sha256", hash)
	file, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	if err := d.verify(ctx, file); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is damaged: %w", path, err), file.Close())
	}
	return file, nil
}

func (d *descriptor) verify(ctx context.Context, file *os.File) error {
	sum := sha256.New()
	size, err := io.Copy(sum, &cancelled{ctx, file})
	switch {
	case err != nil:
		return err
	case d.Size != nil && size != *d.Size:
		return fmt.Errorf("it has %d bytes, not %d", size, *d.Size)
	case "sha256:"+hex.EncodeToString(sum.Sum(nil)) != d.Digest:
		return errors.New("its digest differs")
	}
	_, err = file.Seek(0, io.SeekStart)
	return err
}

// cancelled reads until the context is done.
type cancelled struct {
	ctx  context.Context
	from io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.from.Read(p)
}

// readBlob reads a manifest or configuration.
func readBlob(ctx context.Context, dir string, d descriptor) ([]byte, error) {
	file, err := d.open(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, documentMax))
}

// unpackLayer verifies a layer before it unpacks anything from it, and returns the digest
// of the uncompressed layer.
func unpackLayer(u *unpacker, dir string, layer descriptor) (digest string, err error) {
	file, err := layer.open(u.ctx, dir)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return u.stream(file, true)
}
