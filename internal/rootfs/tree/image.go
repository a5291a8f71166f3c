package tree

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// descriptor points at a blob of an OCI image layout.
type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Platform  *struct {
		Architecture string `json:"architecture"`
		OS           string `json:"os"`
	} `json:"platform"`
}

// index is index.json, or a nested index of several platforms.
type index struct {
	Manifests []descriptor `json:"manifests"`
}

type manifest struct {
	Layers []descriptor `json:"layers"`
}

// unpackImage unpacks the layers of the image for this host.
func unpackImage(ctx context.Context, dir string, r *os.Root) error {
	text, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		return fmt.Errorf("%s is not an OCI image layout: %w", dir, err)
	}
	image, err := choose(dir, text)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	for i, layer := range image.Layers {
		if err := unpackLayer(ctx, dir, layer, r); err != nil {
			return fmt.Errorf("%s: layer %d: %w", dir, i+1, err)
		}
	}
	return nil
}

// choose follows indexes to the manifest for this host.
func choose(dir string, text []byte) (*manifest, error) {
	const levels = 4 // indexes may be nested
	for range levels {
		var list index
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, err
		}
		if len(list.Manifests) == 0 {
			var image manifest
			if err := json.Unmarshal(text, &image); err != nil {
				return nil, err
			}
			if len(image.Layers) == 0 {
				return nil, errors.New("the image has no layers")
			}
			return &image, nil
		}
		next := -1
		for i, d := range list.Manifests {
			if d.Platform == nil || d.Platform.OS == runtime.GOOS && d.Platform.Architecture == runtime.GOARCH {
				next = i
				break
			}
		}
		if next < 0 {
			return nil, fmt.Errorf("no image for %s on %s", runtime.GOOS, runtime.GOARCH)
		}
		var err error
		if text, err = readBlob(dir, list.Manifests[next].Digest); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("indexes are nested too deeply")
}

// blobPath returns the path of a blob. It accepts only SHA-256, and only hexadecimal
// digits of a digest get into the path.
func blobPath(dir, digest string) (string, error) {
	hash, ok := strings.CutPrefix(digest, "sha256:")
	if raw, err := hex.DecodeString(hash); !ok || err != nil || len(raw) != sha256.Size {
		return "", fmt.Errorf("%q is not a SHA-256 digest", digest)
	}
	return filepath.Join(dir, "blobs", "sha256", hash), nil
}

func readBlob(dir, digest string) ([]byte, error) {
	path, err := blobPath(dir, digest)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(text); "sha256:"+hex.EncodeToString(sum[:]) != digest {
		return nil, fmt.Errorf("%s is damaged: its digest differs", path)
	}
	return text, nil
}

// unpackLayer verifies the layer before it unpacks anything from it.
func unpackLayer(ctx context.Context, dir string, layer descriptor, r *os.Root) error {
	path, err := blobPath(dir, layer.Digest)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	var sum hash.Hash = sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if "sha256:"+hex.EncodeToString(sum.Sum(nil)) != layer.Digest {
		return fmt.Errorf("%s is damaged: its digest differs", path)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return unpackStream(ctx, file, r, true)
}
