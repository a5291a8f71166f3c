package wire

import (
	"encoding/binary"
	"errors"
)

// A program built for illumos makes system calls with its own registers and memory. It
// sends them in messages of a fixed, little-endian layout, which can be written in any
// language:
//
//	struct raw {
//		uint32_t magic;		RawMagic
//		uint32_t kind;		a kind, see below
//		int32_t  number;	RawCall: number of the system call
//		int32_t  error;		an illumos errno, 0 for none; RawTerminal
//		uint64_t a[6];		depends on kind
//	};				data may follow
//
// RawCall has the six arguments of a call. The kernel replies with RawDone, with the
// result in a[0]. Before that it may copy the caller's memory: RawRead requests a[1]
// bytes from address a[0], and the caller replies with RawRead and the data; RawWrite
// has data for address a[0], and the caller replies with RawWrite. A reply with the error
// EFAULT says that the address is bad. The calling thread does the copying, as in a real
// kernel, so no other process needs access to its memory.
//
// RawCall of RawExec executes a program in the zone that the caller has entered. The
// descriptors 0, 1 and 2 go with the message. The arguments are the addresses of the path,
// the arguments, the environment, the working directory and the groups (a count first);
// the last one is the user id, with the group id in its upper half. After a RawDone
// without an error the caller may send RawSignal, with the host's signal number in a[0].
// When the program exits the kernel sends RawExit, with the exit status in a[0] and the
// host's number of the signal that killed it in a[1]. When the caller disconnects the
// program is killed.
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

// RawPrivileges is the number of a call that no system has, which asks for the effective set of
// another guest: its process id, its user id, which decides if it has made no call, and the
// address for the set.
const RawPrivileges = -1

// RawExec is the number of exec(2) (SYS_execve).
const RawExec = 59

// RawTerminal is in the error of a RawExec whose program's standard input becomes its
// controlling terminal.
const RawTerminal = 1

// Raw is a raw message.
type Raw struct {
	Kind   uint32
	Number int32
	Error  int32
	A      [6]uint64
	Data   []byte
}

// ErrRaw is the error of [DecodeRaw] for bytes that are no raw message.
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

// IsRaw reports whether a message is a raw one.
func IsRaw(message []byte) bool {
	return len(message) >= 4 && binary.LittleEndian.Uint32(message) == RawMagic
}

// DecodeRaw decodes a raw message. Its Data is a part of message.
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
