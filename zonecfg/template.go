package zonecfg

import (
	"errors"
	"os"
	"path/filepath"
)

// The templates that new zones are made from.
const (
	TemplateDefault = "SUNWdefault" // create; its brand is that of zones without one
	TemplateBlank   = "SUNWblank"   // create -b
	TemplateSparse  = "SUNWsparse"  // the small zones of Linux
)

// builtinBrand is the brand of the templates where no file says another: such a
// machine has no illumos.
const builtinBrand = "sparse"

// templateName returns the name of a template by one of its other names.
func templateName(name string) string {
	switch name {
	case "SYSdefault":
		return TemplateDefault
	case "SYSblank":
		return TemplateBlank
	case "sparse":
		return TemplateSparse
	}
	return name
}

// Template reads a template, or the configuration of any zone. The templates have
// other names too: SYSdefault, SYSblank and sparse. Those that no file describes are
// built in. ErrNoZone when there is no such thing.
func (s *Store) Template(name string) (*Zone, error) {
	z, err := s.Load(name)
	if !errors.Is(err, ErrNoZone) {
		return z, err
	}
	if given := name; templateName(given) != given {
		name = templateName(given)
		if z, err = s.Load(name); !errors.Is(err, ErrNoZone) {
			return z, err
		}
	}
	switch name {
	case TemplateDefault, TemplateBlank, TemplateSparse:
		return &Zone{Name: name, Brand: builtinBrand, IPType: SharedIP}, nil
	}
	return nil, ErrNoZone
}

// New returns a zone made from a template, with its name. It isn't on disk yet: see
// [Store.Create].
func (s *Store) New(name, template string) (*Zone, error) {
	if err := ValidName(name); err != nil && name != "global" {
		return nil, err
	}
	z, err := s.Template(template)
	if err != nil {
		return nil, err
	}
	z.Name = name
	return z, nil
}

// DefaultBrand returns the brand of zones that have none: that of the default
// template, or native when that has none.
func (s *Store) DefaultBrand() (string, error) {
	z, err := s.Template(TemplateDefault)
	if err != nil {
		return "", err
	}
	if z.Brand == "" {
		return "native", nil
	}
	return z.Brand, nil
}

// The files of a detached zone, below its zonepath.
const (
	DetachedManifest = "SUNWdetached.xml"
	AttachedManifest = "SUNWattached.xml" // what a forced attach makes of it
)

// Attach returns the configuration for a zone that was detached and lies at a path:
// its manifest, with the new name and the path as it is given, without its list of
// packages. ErrInvalid when the path has no root directory, ErrNoZone when there is
// no manifest.
func (s *Store) Attach(name, path string) (*Zone, error) {
	if info, err := os.Stat(filepath.Join(path, "root")); err != nil || !info.IsDir() {
		return nil, &Error{Code: ErrInvalid, File: path, Detail: "it has no directory root"}
	}
	if err := ValidName(name); err != nil {
		return nil, err
	}
	z, err := s.LoadFile(filepath.Join(path, DetachedManifest))
	if err != nil {
		return nil, err
	}
	z.Name, z.Zonepath, z.Package = name, path, nil
	return z, nil
}
