package wire

import (
	"encoding/binary"
	"errors"
)

// A program that makes system calls itself, as one of illumos does, speaks of them
// in messages of fixed form, little-endian, so that it can be written in any
// language and the kernel sees what a kernel would see:
//
//	struct raw {
//		uint32_t magic;		RawMagic
//		uint32_t kind;		one of those below
//		int32_t  number;	RawCall: of the system call
//		int32_t  error;		an errno of illumos, 0 for none
//		uint64_t a[6];		what kind says
//	};				bytes may follow
//
// A call is RawCall with the six arguments. Until RawDone, which has the result in
// a[0], the kernel asks for the caller's memory: RawRead for a[1] bytes at a[0],
// answered by RawRead with the bytes; RawWrite of the bytes that follow to a[0],
// answered by RawWrite. EFAULT as the error of an answer is a bad address. So it is
// the calling thread that copies, as in a kernel, and no other process needs a
// right to its memory.
//
// RawCall of RawExec hands the caller's program over to the zone that it has
// entered, with the descriptors 0, 1 and 2 in the message: the addresses of path,
// arguments and environment, of a working directory, of the groups with a count,
// and the user and the group in one word. After RawDone without an error come
// RawSignal from the caller, with the host's number in a[0], and at last RawExit
// from the kernel, with the exit status in a[0] and the host's number of the signal
// in a[1]. The program ends when the connection does.
const (
	RawMagic = 0x77617278 // the bytes "xraw"
	RawSize  = 64         // of the message without the bytes

	// RawData is the most bytes that follow a message.
	RawData = 64 << 10
)

// Kinds of raw messages.
const (
	RawCall   = 1
	RawDone   = 2
	RawRead   = 3
	RawWrite  = 4
	RawSignal = 5
	RawExit   = 6
)

// RawExec is the number of exec(2) (SYS_execve).
const RawExec = 59

// Raw is such a message.
type Raw struct {
	Kind   uint32
	Number int32
	Error  int32
	A      [6]uint64
	Data   []byte
}

// ErrRaw is what [DecodeRaw] says of bytes that are no raw message.
var ErrRaw = errors.New("no raw system call")

// AppendBinary appends the message's bytes.
func (r *Raw) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint32(b, RawMagic)
	b = binary.LittleEndian.AppendUint32(b, r.Kind)
	b = binary.LittleEndian.AppendUint32(b, uint32(r.Number))
	b = binary.LittleEndian.AppendUint32(b, uint32(r.Error))
	for _, a := range r.A {
		b = binary.LittleEndian.AppendUint64(b, a)
	}
	return append(b, r.Data...), nil
}

// IsRaw tells a raw message from others.
func IsRaw(message []byte) bool {
	return len(message) >= 4 && binary.LittleEndian.Uint32(message) == RawMagic
}

// DecodeRaw reads a raw message. Data is a part of the bytes given.
func DecodeRaw(message []byte) (*Raw, error) {
	if !IsRaw(message) || len(message) < RawSize || len(message) > RawSize+RawData {
		return nil, ErrRaw
	}
	r := &Raw{
		Kind:   binary.LittleEndian.Uint32(message[4:]),
		Number: int32(binary.LittleEndian.Uint32(message[8:])),
		Error:  int32(binary.LittleEndian.Uint32(message[12:])),
		Data:   message[RawSize:],
	}
	for i := range r.A {
		r.A[i] = binary.LittleEndian.Uint64(message[16+8*i:])
	}
	if r.Kind < RawCall || r.Kind > RawExit {
		return nil, ErrRaw
	}
	return r, nil
}
