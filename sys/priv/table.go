package priv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/internal/abi"
)

// Table is a kernel's table of privileges (getprivimplinfo). Other kernels may have
// privileges that this package doesn't name.
type Table struct {
	SetWords int      // priv_setsize: number of 32-bit words in a set
	Sets     []string // names of a process's sets, by number
	Names    []string // names of the privileges, by number
	Basic    []uint32 // the basic set
	Flags    uint32   // priv_flags
}

// ErrTable is wrapped by the errors of [Table.UnmarshalBinary].
var ErrTable = errors.New("not a table of privileges")

func badTable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrTable}, args...)...)
}

// UnmarshalBinary reads a table in the kernel's form: priv_impl_info_t, followed by
// pieces of information with their kinds and sizes. Unknown kinds are skipped. The error
// wraps [ErrTable]; t is unchanged then.
func (t *Table) UnmarshalBinary(raw []byte) error {
	var head abi.PrivImplInfo
	if _, err := binary.Decode(raw, binary.LittleEndian, &head); err != nil {
		return badTable("%d bytes", len(raw))
	}
	size := uint64(head.HeaderSize) + uint64(head.GlobalInfoSize)
	if head.HeaderSize < uint32(binary.Size(head)) || size > uint64(len(raw)) {
		return badTable("a head of %d bytes and information of %d, in %d bytes", head.HeaderSize, head.GlobalInfoSize, len(raw))
	}
	if head.SetSize == 0 || head.SetSize > 64 {
		return badTable("sets of %d words", head.SetSize)
	}
	read := Table{SetWords: int(head.SetSize), Flags: head.Flags}
	rest := raw[head.HeaderSize:size]
	for len(rest) > 0 {
		var info abi.PrivInfo
		n, err := binary.Decode(rest, binary.LittleEndian, &info)
		if err != nil || int64(info.Size) < int64(n) || int64(info.Size) > int64(len(rest)) {
			return badTable("a piece of %d bytes where %d are left", info.Size, len(rest))
		}
		if err := read.add(info.Type, rest[n:info.Size]); err != nil {
			return err
		}
		rest = rest[min(len(rest), int(info.Size+3)&^3):]
	}
	if len(read.Names) == 0 {
		return badTable("no names")
	}
	*t = read
	return nil
}

func (t *Table) add(kind uint32, body []byte) error {
	switch kind {
	case abi.PRIV_INFO_SETNAMES, abi.PRIV_INFO_PRIVNAMES:
		names, err := tableNames(body)
		if err != nil {
			return err
		}
		if kind == abi.PRIV_INFO_SETNAMES {
			t.Sets = names
		} else {
			t.Names = names
		}
	case abi.PRIV_INFO_BASICPRIVS:
		if len(body) < 4*t.SetWords {
			return badTable("a set of %d bytes", len(body))
		}
		t.Basic = make([]uint32, t.SetWords)
		for i := range t.Basic {
			t.Basic[i] = binary.LittleEndian.Uint32(body[4*i:])
		}
	}
	return nil
}

// tableNames reads the body of a priv_info_names_t: a count, and as many strings.
func tableNames(body []byte) ([]string, error) {
	if len(body) < 4 {
		return nil, badTable("names in %d bytes", len(body))
	}
	count, rest := binary.LittleEndian.Uint32(body), body[4:]
	var names []string
	for range count {
		end := bytes.IndexByte(rest, 0)
		if end <= 0 {
			return nil, badTable("%d names, the count is %d", len(names), count)
		}
		names = append(names, string(rest[:end]))
		rest = rest[end+1:]
	}
	return names, nil
}

// MarshalBinary returns the table in the kernel's form.
func (t *Table) MarshalBinary() ([]byte, error) {
	var info []byte
	piece := func(kind uint32, body []byte) {
		body = append(body, make([]byte, (4-len(body)%4)%4)...)
		info = binary.LittleEndian.AppendUint32(info, kind)
		info = binary.LittleEndian.AppendUint32(info, uint32(8+len(body))) // readers step by it, padding included
		info = append(info, body...)
	}
	list := func(names []string) []byte {
		body := binary.LittleEndian.AppendUint32(nil, uint32(len(names)))
		for _, name := range names {
			body = append(append(body, name...), 0)
		}
		return body
	}
	piece(abi.PRIV_INFO_SETNAMES, list(t.Sets))
	piece(abi.PRIV_INFO_PRIVNAMES, list(t.Names))
	var basic []byte
	for _, word := range t.Basic {
		basic = binary.LittleEndian.AppendUint32(basic, word)
	}
	piece(abi.PRIV_INFO_BASICPRIVS, basic)
	head := abi.PrivImplInfo{
		HeaderSize: uint32(binary.Size(abi.PrivImplInfo{})), Flags: t.Flags, NSets: uint32(len(t.Sets)), SetSize: uint32(t.SetWords),
		Max: uint32(len(t.Names)), GlobalInfoSize: uint32(len(info)),
	}
	raw, err := binary.Append(nil, binary.LittleEndian, head)
	return append(raw, info...), err
}

// Number returns the number of a privilege in this kernel, and whether it has one. The
// case doesn't matter, and the name may start with "priv_".
func (t *Table) Number(name string) (int, bool) {
	name = strings.TrimPrefix(strings.ToLower(name), "priv_")
	for i, n := range t.Names {
		if n == name {
			return i, true
		}
	}
	return 0, false
}

// Known returns the table of the privileges that this package names, which is the
// embedded kernel's.
func Known() *Table {
	basic := Basic()
	return &Table{
		SetWords: SetWords, Sets: []string{string(Effective), string(Inheritable), string(Permitted), string(Limit)},
		Names: Names(), Basic: basic[:],
	}
}
