package kernel

import (
	"bytes"
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
)

// Memory is the address space of a process that makes a raw system call.
type Memory interface {
	// ReadMem fills p from addr, or fails when a byte of the range isn't mapped.
	ReadMem(addr uint64, p []byte) error
	// WriteMem stores p at addr, or fails when a byte of the range can't be stored;
	// the bytes before that may have been.
	WriteMem(addr uint64, p []byte) error
}

// buffer is a user address: in the memory of a raw caller, or a slice of a typed
// one. The zero value is a null pointer.
type buffer struct {
	mem  Memory
	addr uint64
	b    []byte
}

// maxCopy is the most that the kernel allocates for one argument of a call.
const maxCopy = 1 << 24

func slice(b []byte) buffer { return buffer{b: b} }

func (u buffer) null() bool { return u.addr == 0 && u.b == nil }

// in copies len(p) bytes from u+off; it reports false when they can't be read.
// Zero bytes can always be copied.
func (u buffer) in(off uint64, p []byte) bool {
	if len(p) == 0 {
		return true
	}
	if u.mem != nil {
		return u.mem.ReadMem(u.addr+off, p) == nil
	}
	if off > uint64(len(u.b)) || uint64(len(u.b))-off < uint64(len(p)) {
		return false
	}
	copy(p, u.b[off:])
	return true
}

// out copies p to u+off; it reports false when it can't be stored.
func (u buffer) out(off uint64, p []byte) bool {
	if len(p) == 0 {
		return true
	}
	if u.mem != nil {
		return u.mem.WriteMem(u.addr+off, p) == nil
	}
	if off > uint64(len(u.b)) || uint64(len(u.b))-off < uint64(len(p)) {
		return false
	}
	copy(u.b[off:], p)
	return true
}

// outUint copies the first size bytes of v, little-endian.
func (u buffer) outUint(off, v uint64, size int) bool {
	if u.mem == nil {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], v)
		if size == 0 {
			return true
		}
		if off > uint64(len(u.b)) || uint64(len(u.b))-off < uint64(size) {
			return false
		}
		copy(u.b[off:], word[:size])
		return true
	}
	word := binary.LittleEndian.AppendUint64(make([]byte, 0, 8), v)
	return u.out(off, word[:size])
}

func (u buffer) inUint32(off uint64) (uint32, bool) {
	var word [4]byte
	if u.mem != nil {
		heap := make([]byte, 4)
		ok := u.in(off, heap)
		return binary.LittleEndian.Uint32(heap), ok
	}
	ok := u.in(off, word[:])
	return binary.LittleEndian.Uint32(word[:]), ok
}

// inString reads up to and including a NUL, at most limit bytes (copyinstr):
// EFAULT for the first byte that can't be read, ENAMETOOLONG for a string that
// doesn't end within limit.
func (u buffer) inString(limit int) (string, errno.Errno) {
	if u.mem != nil {
		if text, ok := u.inStringFast(limit); ok {
			return text, 0
		}
	}
	text := make([]byte, 0, 64)
	one := make([]byte, 1)
	for len(text) < limit {
		if !u.in(uint64(len(text)), one) {
			return "", errno.EFAULT
		}
		if one[0] == 0 {
			return string(text), 0
		}
		text = append(text, one[0])
	}
	return "", errno.ENAMETOOLONG
}

// ReadString reads a string from a process's memory as [Proc.SystemCall] does:
// EFAULT for a bad address, ENAMETOOLONG when it doesn't end within limit.
func ReadString(mem Memory, addr uint64, limit int) (string, errno.Errno) {
	return buffer{mem: mem, addr: addr}.inString(limit)
}

// inStringFast reads a string in a few pieces that don't cross a page; ok is false
// when one can't be read whole, or no NUL comes within limit.
func (u buffer) inStringFast(limit int) (string, bool) {
	const page = 4096
	var text []byte
	for off := 0; off < limit; {
		addr := u.addr + uint64(off)
		piece := make([]byte, min(256, uint64(limit-off), page-addr%page))
		if !u.in(uint64(off), piece) {
			return "", false
		}
		text = append(text, piece...)
		if i := bytes.IndexByte(text[off:], 0); i >= 0 {
			return string(text[:off+i]), true
		}
		off = len(text)
	}
	return "", false
}

// outString stores s and a NUL byte by byte, at most size bytes (copyoutstr). It
// reports false when a byte can't be stored; those before it stay. That the
// string was cut is no error here.
func (u buffer) outString(s string, size uint64) bool {
	n := min(size, uint64(len(s))+1)
	if u.mem == nil {
		if uint64(len(u.b)) < n {
			return false
		}
		if copied := copy(u.b[:n], s); uint64(copied) < n {
			u.b[copied] = 0
		}
		return true
	}
	if u.out(0, append([]byte(s), 0)[:n]) {
		return true
	}
	one := make([]byte, 1)
	for i := range n {
		one[0] = 0
		if i < uint64(len(s)) {
			one[0] = s[i]
		}
		if !u.out(i, one) {
			return false
		}
	}
	return true
}
