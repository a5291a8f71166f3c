package tree

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// platform is what an image is for.
type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

// descriptor points at a blob of an OCI image layout.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        *int64            `json:"size"`
	Platform    *platform         `json:"platform"`
	Annotations map[string]string `json:"annotations"`
}

// tagAnnotation has the name of an image in an index.
const tagAnnotation = "org.opencontainers.image.ref.name"

// manifest is an image's, or an index of images: a document has either part.
type manifest struct {
	MediaType string       `json:"mediaType"`
	Manifests []descriptor `json:"manifests"`
	Config    descriptor   `json:"config"`
	Layers    []descriptor `json:"layers"`
}

// configuration is the part of an image's configuration that is of interest here.
type configuration struct {
	platform
	RootFS struct {
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
	Config struct {
		Entrypoint []string
		Cmd        []string
		Env        []string
		User       string
		WorkingDir string
	} `json:"config"`
}

// The media types that are understood: those of OCI and the ones of Docker that they come
// from. The compression of a layer is recognized by its content.
var (
	manifestTypes = types("application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
		"application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.docker.distribution.manifest.v2+json")
	configTypes = types("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
	layerTypes  = types("application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.layer.v1.tar+zstd",
		"application/vnd.oci.image.layer.nondistributable.v1.tar", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
		"application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
)

// types is a set of media types. None at all is accepted, as from builders that leave it
// out.
func types(names ...string) map[string]bool {
	set := map[string]bool{"": true}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// unpackImage unpacks the layers of the image with a tag for this host. Without a tag
// there must be only one image.
func unpackImage(u *unpacker, dir, tag string, warn func(string)) error {
	text, err := readRegular(filepath.Join(dir, "index.json"))
	if err != nil {
		return fmt.Errorf("%s is not an OCI image layout: %w", dir, err)
	}
	image, err := choose(u.ctx, dir, tag, text)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	config, err := readConfiguration(u.ctx, dir, image)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	for i, layer := range image.Layers {
		if !layerTypes[layer.MediaType] {
			return fmt.Errorf("%s: layer %d: unknown media type %q", dir, i+1, layer.MediaType)
		}
	}
	for i, layer := range image.Layers {
		digest, err := unpackLayer(u, dir, layer)
		if err == nil && config != nil && digest != config.RootFS.DiffIDs[i] {
			err = fmt.Errorf("its content isn't that of the image: the digest is %s, not %s", digest, config.RootFS.DiffIDs[i])
		}
		if err != nil {
			return fmt.Errorf("%s: layer %d: %w", dir, i+1, err)
		}
	}
	if config != nil && len(config.Config.Entrypoint)+len(config.Config.Cmd)+len(config.Config.Env) > 0 {
		warn("the image's entrypoint, environment, user and working directory aren't used: a zone runs its own init")
	}
	return nil
}

// choose follows indexes to the manifest for this host.
func choose(ctx context.Context, dir, tag string, text []byte) (*manifest, error) {
	const levels = 4 // indexes may be nested
	for level := range levels {
		var m manifest
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, err
		}
		if !manifestTypes[m.MediaType] {
			return nil, fmt.Errorf("unknown media type %q", m.MediaType)
		}
		if len(m.Manifests) == 0 {
			if len(m.Layers) == 0 {
				return nil, errors.New("the image has no layers")
			}
			return &m, nil
		}
		list := m.Manifests
		if level == 0 {
			var err error
			if list, err = tagged(list, tag); err != nil {
				return nil, err
			}
		}
		var fitting []descriptor
		for _, d := range list {
			if d.Platform == nil || d.Platform.here() {
				fitting = append(fitting, d)
			}
		}
		if len(fitting) == 0 {
			return nil, fmt.Errorf("no image for %s on %s", runtime.GOOS, runtime.GOARCH)
		}
		next := fitting[0]
		if !manifestTypes[next.MediaType] {
			return nil, fmt.Errorf("%q: unknown media type %q", next.Digest, next.MediaType)
		}
		var err error
		if text, err = readBlob(ctx, dir, next); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("indexes are nested too deeply")
}

func (p *platform) here() bool { return p.OS == runtime.GOOS && p.Architecture == runtime.GOARCH }

// tagged returns the images with a tag. Without one it returns all, if they have at most
// one tag between them.
func tagged(list []descriptor, tag string) (found []descriptor, err error) {
	var tags []string
	for _, d := range list {
		name := d.Annotations[tagAnnotation]
		if tag == "" || name == tag {
			found = append(found, d)
		}
		if name != "" && !strings.Contains(" "+strings.Join(tags, " ")+" ", " "+name+" ") {
			tags = append(tags, name)
		}
	}
	switch {
	case tag != "" && len(found) == 0:
		return nil, fmt.Errorf("no image has the tag %q; there are: %s", tag, quoted(tags))
	case tag == "" && len(tags) > 1:
		return nil, fmt.Errorf("there are several images: name one as DIRECTORY:TAG, with one of: %s", quoted(tags))
	}
	return found, nil
}

// readConfiguration reads and checks the configuration of an image; nil if it has none.
func readConfiguration(ctx context.Context, dir string, image *manifest) (*configuration, error) {
	if image.Config.Digest == "" {
		return nil, nil
	}
	if !configTypes[image.Config.MediaType] {
		return nil, fmt.Errorf("configuration: unknown media type %q", image.Config.MediaType)
	}
	text, err := readBlob(ctx, dir, image.Config)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	config := new(configuration)
	if err := json.Unmarshal(text, config); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	switch {
	case config.OS != "" && !config.here():
		return nil, fmt.Errorf("the image is for %q on %q, not for %s on %s", config.OS, config.Architecture, runtime.GOOS, runtime.GOARCH)
	case len(config.RootFS.DiffIDs) != len(image.Layers):
		return nil, fmt.Errorf("the configuration has %d layers, the manifest %d", len(config.RootFS.DiffIDs), len(image.Layers))
	}
	return config, nil
}

// quoted lists the tags of an image, which may hold any character.
func quoted(tags []string) string {
	var words []string
	for _, tag := range tags {
		words = append(words, strconv.Quote(tag))
	}
	return strings.Join(words, " ")
}
