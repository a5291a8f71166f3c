package kernel

import (
	"bytes"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Brand is a kind of zone with calls of its own (brand_t). Attrs may be nil for a
// brand without attributes.
type Brand struct {
	Name string
	// Attrs makes the attributes of one zone, when it is given the brand.
	Attrs func() BrandAttrs
}

// BrandAttrs gets and sets the attributes from zone.AttrBrandBase on.
type BrandAttrs interface {
	// Getattr stores the attribute into out, of which there are size bytes, and
	// returns the size that the value has.
	Getattr(attr zone.Attr, out BrandBuffer, size uint64) (uint64, errno.Errno)
	// Setattr takes it from in, of which there are size bytes.
	Setattr(attr zone.Attr, in BrandBuffer, size uint64) errno.Errno
}

// BrandBuffer is the caller's memory.
type BrandBuffer interface {
	// In fills p; false when it can't be read.
	In(p []byte) bool
	// Out stores p; false when it can't be stored.
	Out(p []byte) bool
	// InString reads a string of at most limit bytes with its NUL.
	InString(limit int) (string, errno.Errno)
	// Null reports whether the caller gave no memory.
	Null() bool
}

// brands are the kinds of zone that there are.
type brands struct {
	native *Brand
	byName map[string]*Brand // the others
}

func (b *brands) init(list []*Brand) {
	b.native = &Brand{Name: "native"}
	b.byName = map[string]*Brand{}
	for _, brand := range list {
		b.byName[brand.Name] = brand
	}
}

func (u buffer) In(p []byte) bool                         { return u.in(0, p) }
func (u buffer) Out(p []byte) bool                        { return u.out(0, p) }
func (u buffer) InString(limit int) (string, errno.Errno) { return u.inString(limit) }
func (u buffer) Null() bool                               { return u.null() }

// Size of the structure that names a brand, and where its name ends
// (struct brand_attr: name and module).
const (
	brandAttrSize = 1280
	brandNameSize = 256
)

// setBrand gives a zone its brand, once and before it is booted.
func (z *Zone) setBrand(in buffer) errno.Errno {
	attr := make([]byte, brandAttrSize)
	if !in.in(0, attr) {
		return errno.EFAULT
	}
	name, _, found := bytes.Cut(attr[:brandNameSize], []byte{0})
	brand := z.k.brands.byName[string(name)]
	if !found || brand == nil || z.branded() || z.Status() >= zone.StatusBooting {
		return errno.EINVAL
	}
	z.brand = brand
	if brand.Attrs != nil {
		z.brandData = brand.Attrs()
	}
	return 0
}

func (z *Zone) branded() bool { return z.brand != z.k.brands.native }
