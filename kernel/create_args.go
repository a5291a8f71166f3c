package kernel

import (
	"encoding/binary"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// createArgs are the members of zone_def, as addresses in the caller's memory.
type createArgs struct {
	name, root, privs buffer
	privsSize         uint64
	rctls             buffer
	rctlsSize         uint64
	extended          buffer
	datasets          buffer
	datasetsSize      uint64
	flags             int32
}

// explain stores the extended error where the caller wants it. When it can't be stored,
// EFAULT replaces the error.
func (a *createArgs) explain(err error, ext zone.ExtendedError) error {
	if !a.extended.null() && !a.extended.outUint(0, uint64(ext), 4) {
		return errno.EFAULT
	}
	return err
}

// setName takes a name of 1 to 63 letters, digits, '-', '_' and '.', the first a
// letter or digit.
func (z *Zone) setName(in buffer) errno.Errno {
	name, e := in.inString(zone.NameMax)
	if e != 0 {
		return e
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case i > 0 && (c == '-' || c == '_' || c == '.'):
		default:
			return errno.EINVAL
		}
	}
	if name == "" {
		return errno.EINVAL
	}
	z.name = name
	return 0
}

// setRoot looks up the root directory. A root that ends in "/lu" marks a scratch
// zone, but "/lu" itself doesn't.
func (z *Zone) setRoot(t *thread, in buffer) error {
	path, e := in.inString(zone.PathMax)
	if e != 0 {
		return e
	}
	// While a file system is being mounted the lookup may fail with ESTALE.
	const tries = 9
	var (
		root string
		err  error
	)
	for range tries {
		err = t.outside(func() (err error) {
			root, err = z.k.host.Resolve(path)
			return err
		})
		if errnoOf(err) != errno.ESTALE {
			break
		}
	}
	if err != nil {
		return err
	}
	z.root = root + "/"
	z.rootHeld = true
	if len(z.root) > 4 && strings.HasSuffix(z.root, "/lu/") {
		z.setFlag(zone.FlagIsScratch)
	}
	return nil
}

// setPrivs takes the privilege set; a caller's set may be larger than the kernel's.
func (z *Zone) setPrivs(in buffer, size uint64) errno.Errno {
	if size < priv.SetSize {
		return errno.ENOMEM
	}
	set, ok := in.inSet()
	if !ok {
		return errno.EFAULT
	}
	z.privset = set
	return 0
}

// inSet copies a privilege set.
func (u buffer) inSet() (set priv.Set, ok bool) {
	raw := make([]byte, priv.SetSize)
	if !u.in(0, raw) {
		return set, false
	}
	for i := range set {
		set[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return set, true
}

// setBytes is a privilege set as it lies in memory.
func setBytes(set priv.Set) []byte {
	raw := make([]byte, 0, priv.SetSize)
	for _, word := range set {
		raw = binary.LittleEndian.AppendUint32(raw, word)
	}
	return raw
}
