package nvlist_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
)

// fewNames has few names, so that names repeat.
func (g generator) fewNames() *nvlist.List {
	l := nvlist.New(0)
	for range g.IntN(6) {
		name := fmt.Sprint("name", g.IntN(8))
		if g.IntN(2) == 0 {
			name = fmt.Sprint("one of many more names, ", g.IntN(60))
		}
		switch g.IntN(5) {
		case 0:
			l.AddUint64(name, g.Uint64())
		case 1:
			l.AddString(name, g.text())
		case 2:
			l.AddBoolean(name)
		case 3:
			l.AddList(name, g.list(1))
		case 4:
			l.AddByteArray(name, make([]byte, g.IntN(3000)))
		}
	}
	return l
}

// TestInteropEdit adds, merges, removes and copies as libnvpair does, with the same
// errors, in lists with every combination of flags.
func TestInteropEdit(t *testing.T) {
	lib := startLibrary(t, "edit")
	answer := func(frame ...byte) errno.Errno {
		lib.send(t, frame)
		var e int32
		if err := binary.Read(lib.out, binary.LittleEndian, &e); err != nil {
			t.Fatal(err)
		}
		return errno.Errno(e)
	}
	g := generator{Rand: rand.New(rand.NewPCG(13, 14))}
	for round := range 150 {
		flags := nvlist.Flags(round % 3)
		l := nvlist.New(flags)
		answer('n', byte(flags))
		for step := range 60 {
			var want errno.Errno
			var err error
			name := fmt.Sprint("name", g.IntN(8))
			choice := g.IntN(8)
			if flags == 0 && choice < 2 {
				choice = 3 // the library here reads freed memory then
			}
			switch choice {
			default:
				from := g.fewNames()
				l.Merge(from)
				want = answer(append([]byte{'m'}, pack(t, from, nvlist.Native)...)...)
			case 0:
				typ := []nvlist.Type{nvlist.TypeUint64, nvlist.TypeString, nvlist.TypeBoolean, nvlist.TypeList}[g.IntN(4)]
				err = l.Remove(name, typ)
				want = answer(append([]byte{'r', byte(typ), 0, 0, 0}, name...)...)
			case 1:
				err = l.RemoveAll(name)
				want = answer(append([]byte{'a'}, name...)...)
			case 2:
				l = l.Dup()
				want = answer('d')
			}
			if e, _ := errno.Of(err); e != want {
				t.Fatalf("round %d, step %d: %v, libnvpair has %v", round, step, err, want)
			}
		}
		lib.send(t, []byte{'p'})
		if ours, theirs := pack(t, l, nvlist.Native), lib.part(t); !bytes.Equal(ours, theirs) {
			t.Fatalf("round %d, flags %d:\nours %x\nlib  %x", round, flags, ours, theirs)
		}
	}
}

// TestLookup finds each type by its own look-up, and by no other.
func TestLookup(t *testing.T) {
	l := everything()
	value := reflect.ValueOf(l)
	for p := range l.Pairs() {
		if p.Elems() == 0 && p.Type() == nvlist.TypeListArray {
			continue
		}
		for i := range value.NumMethod() {
			method := value.Type().Method(i).Name
			kind, ok := strings.CutPrefix(method, "Lookup")
			if !ok || kind == "" || kind == "Type" {
				continue
			}
			out := value.Method(i).Call([]reflect.Value{reflect.ValueOf(p.Name())})
			err, _ := out[len(out)-1].Interface().(error)
			isIt := strings.EqualFold(strings.ReplaceAll(typeName(p.Type()), " ", ""), kind)
			if isIt != (err == nil) {
				t.Errorf("%s(%q): %v", method, p.Name(), err)
			}
			if !isIt && !errors.Is(err, errno.ENOENT) {
				t.Errorf("%s(%q): %v", method, p.Name(), err)
			}
			if len(out) == 2 && isIt && fmt.Sprint(out[0].Interface()) != fmt.Sprint(p.Value()) {
				t.Errorf("%s(%q) = %v, not %v", method, p.Name(), out[0].Interface(), p.Value())
			}
		}
		if q, err := l.Lookup(p.Name()); err != nil || q.Type() != p.Type() {
			t.Errorf("Lookup(%q): %v, %v", p.Name(), q, err)
		}
		if _, err := l.LookupType(p.Name(), nvlist.TypeHrtime); (err == nil) != (p.Type() == nvlist.TypeHrtime) {
			t.Errorf("LookupType(%q): %v", p.Name(), err)
		}
	}
	if l.Exists("nothing") || !l.Exists("hrtime") || l.Empty() || !nvlist.New(0).Empty() {
		t.Error("what exists and what is empty")
	}
	plain := nvlist.New(0)
	plain.AddUint8("n", 1)
	if _, err := plain.LookupUint8("n"); !errors.Is(err, errno.ENOTSUP) || !plain.Exists("n") {
		t.Errorf("in a list without unique names: %v", err)
	}
	if err := plain.Remove("n", nvlist.TypeUnknown); !errors.Is(err, errno.ENOENT) {
		t.Errorf("removing a pair of no type: %v", err)
	}
}

// TestArrays: look-ups return what was added.
func TestArrays(t *testing.T) {
	t.Parallel()
	l := nvlist.New(nvlist.UniqueName)
	value := reflect.ValueOf(l)
	for name, want := range map[string]any{
		"ByteArray": []byte{0, 255}, "BooleanArray": []bool{true, false, true}, "StringArray": []string{"", "a", "bc"},
		"Int8Array": []int8{math.MinInt8, math.MaxInt8}, "Uint8Array": []uint8{0, math.MaxUint8},
		"Int16Array": []int16{math.MinInt16, math.MaxInt16}, "Uint16Array": []uint16{0, math.MaxUint16},
		"Int32Array": []int32{math.MinInt32, math.MaxInt32}, "Uint32Array": []uint32{0, math.MaxUint32},
		"Int64Array": []int64{math.MinInt64, math.MaxInt64}, "Uint64Array": []uint64{0, math.MaxUint64},
	} {
		value.MethodByName("Add" + name).Call([]reflect.Value{reflect.ValueOf(name), reflect.ValueOf(want)})
		out := value.MethodByName("Lookup" + name).Call([]reflect.Value{reflect.ValueOf(name)})
		if got := out[0].Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v, want %v", name, got, out[1].Interface(), want)
		}
	}
}

// typeName returns the part of a look-up's name for a type.
func typeName(t nvlist.Type) string {
	return strings.Replace(t.String(), "nvlist", "list", 1)
}

// TestPairValue reads the value of a pair as its own type and as others.
func TestPairValue(t *testing.T) {
	for p := range everything().Pairs() {
		_, err := p.Uint64()
		_, err1 := p.Text()
		_, err2 := p.List()
		_, err3 := p.Lists()
		for typ, err := range map[nvlist.Type]error{nvlist.TypeUint64: err, nvlist.TypeString: err1, nvlist.TypeList: err2, nvlist.TypeListArray: err3} {
			if (p.Type() == typ) != (err == nil) || err != nil && !errors.Is(err, errno.EINVAL) {
				t.Errorf("%s as %v: %v", p.Name(), typ, err)
			}
		}
	}
}

func TestAddErrors(t *testing.T) {
	whole := nvlist.New(0)
	broken := nvlist.New(0)
	broken.AddString("a\x00", "")
	for _, c := range []struct {
		name, text string
		add        func(l *nvlist.List)
	}{
		{"name with NUL", `nvlist: add "a\x00b" (uint8): a name has no NUL and at most 32766 bytes`, func(l *nvlist.List) { l.AddUint8("a\x00b", 1) }},
		{"long name with NUL", `nvlist: add "a long name with a \x00 in its middle" (uint8): a name has no NUL and at most 32766 bytes`,
			func(l *nvlist.List) { l.AddUint8("a long name with a \x00 in its middle", 1) }},
		{"short name with NUL", `nvlist: add "\x00" (boolean): a name has no NUL and at most 32766 bytes`, func(l *nvlist.List) { l.AddBoolean("\x00") }},
		{"eight with NUL", `nvlist: add "123456\x008" (boolean): a name has no NUL and at most 32766 bytes`, func(l *nvlist.List) { l.AddBoolean("123456\x008") }},
		{"too long a name", "", func(l *nvlist.List) { l.AddUint8(strings.Repeat("a", 32767), 1) }},
		{"string", `nvlist: add "s" (string): a string can't hold a NUL`, func(l *nvlist.List) { l.AddString("s", "a\x00") }},
		{"strings", `nvlist: add "s" (string array): a string can't hold a NUL`, func(l *nvlist.List) { l.AddStringArray("s", []string{"", "\x00"}) }},
		{"nil list", `nvlist: add "l" (nvlist): the list is nil`, func(l *nvlist.List) { l.AddList("l", nil) }},
		{"itself", `nvlist: add "l" (nvlist): a list can't hold itself`, func(l *nvlist.List) { l.AddList("l", l) }},
		{"nil in array", `nvlist: add "l" (nvlist array): the list is nil`, func(l *nvlist.List) { l.AddListArray("l", whole, nil) }},
		{"broken list", `nvlist: add "a\x00" (string): a name has no NUL and at most 32766 bytes`, func(l *nvlist.List) { l.AddListArray("l", broken) }},
		{"broken merge", `nvlist: add "a\x00" (string): a name has no NUL and at most 32766 bytes`, func(l *nvlist.List) { l.Merge(broken) }},
	} {
		l := nvlist.New(nvlist.UniqueName)
		c.add(l)
		err := l.Err()
		if !errors.Is(err, errno.EINVAL) || c.text != "" && err.Error() != c.text || l.Len() != 0 {
			t.Errorf("%s: %v", c.name, err)
		}
		l.AddUint8("another", 1)
		l.AddString("later", "\x00")
		if _, err2 := l.Pack(nvlist.Native); err2 != err {
			t.Errorf("%s: packing it: %v", c.name, err2)
		}
		if _, err2 := l.AppendPack(nil, nvlist.XDR); err2 != err {
			t.Errorf("%s: packing it: %v", c.name, err2)
		}
		if l.Reset(); l.Err() != nil || l.Len() != 0 {
			t.Errorf("%s: after Reset: %v", c.name, l.Err())
		}
	}
	// Names are searched for a NUL by words, which differ by length.
	for size := range 70 {
		for at := range size {
			name := bytes.Repeat([]byte("a"), size)
			name[at] = 0
			l := nvlist.New(0)
			if l.AddBoolean(string(name)); !errors.Is(l.Err(), errno.EINVAL) {
				t.Errorf("a name of %d bytes, NUL at %d: %v", size, at, l.Err())
			}
		}
	}
	l := nvlist.New(0)
	l.AddBoolean(strings.Repeat("a", 32766))
	if _, err := nvlist.Unpack(pack(t, l, nvlist.Native)); err != nil {
		t.Errorf("the longest name: %v", err)
	}
	if _, err := l.Pack(2); !errors.Is(err, errno.ENOTSUP) {
		t.Errorf("an unknown encoding: %v", err)
	}
	if l.Merge(l); l.Len() != 1 {
		t.Error("a list merged into itself has grown")
	}
}

// TestDepth packs lists nested up to the limit and deeper.
func TestDepth(t *testing.T) {
	l := nvlist.New(nvlist.UniqueName)
	for range nvlist.MaxDepth {
		outer := nvlist.New(nvlist.UniqueName)
		outer.AddList("in", l)
		l = outer
	}
	for _, enc := range []nvlist.Encoding{nvlist.Native, nvlist.XDR} {
		back, err := nvlist.Unpack(pack(t, l, enc))
		if err != nil {
			t.Fatal(err)
		}
		outer := nvlist.New(nvlist.UniqueName)
		outer.AddList("in", back)
		if _, err := outer.Pack(nvlist.Native); !errors.Is(err, errno.EINVAL) {
			t.Errorf("encoding %d, unpacked, one deeper: %v", enc, err)
		}
	}
	outer := nvlist.New(nvlist.UniqueName)
	outer.AddList("in", l)
	if _, err := outer.Pack(nvlist.Native); !errors.Is(err, errno.EINVAL) {
		t.Errorf("one deeper: %v", err)
	}
	outer.AddUint8("in", 1) // replaces the deep list
	if _, err := outer.Pack(nvlist.Native); err != nil {
		t.Errorf("no more: %v", err)
	}
}

// TestOtherOrder unpacks lists in the other byte order.
func TestOtherOrder(t *testing.T) {
	g := generator{Rand: rand.New(rand.NewPCG(15, 16))}
	for i := range 500 {
		l := g.list(3)
		if i == 0 {
			l = everything()
		}
		raw := pack(t, l, nvlist.Native)
		turned := bytes.Clone(raw)
		turned[1] = 0
		swap(turned[4:], 4)
		swap(turned[8:], 4)
		turnPairs(raw[12:], turned[12:])
		back, err := nvlist.Unpack(turned)
		if err != nil {
			t.Fatalf("list %d: %v", i, err)
		}
		if again := pack(t, back, nvlist.Native); !bytes.Equal(again, raw) {
			t.Fatalf("list %d: %x was read as\n%x, not\n%x", i, turned, again, raw)
		}
		turned[g.IntN(len(turned))]++
		turned = turned[:g.IntN(len(turned)+1)]
		nvlist.Unpack(turned) // must not panic
	}
}

func swap(b []byte, width int) {
	for i := range width / 2 {
		b[i], b[width-1-i] = b[width-1-i], b[i]
	}
}

// turnPairs swaps the bytes of the pairs of a list in raw, and returns their size.
func turnPairs(raw, turned []byte) int {
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32(raw[at:])) }
	at := 0
	for u32(at) != 0 {
		size, nameSize, n, typ := u32(at), int(binary.LittleEndian.Uint16(raw[at+4:])), u32(at+8), nvlist.Type(u32(at+12))
		for _, field := range []struct{ off, width int }{{0, 4}, {4, 2}, {6, 2}, {8, 4}, {12, 4}} {
			swap(turned[at+field.off:], field.width)
		}
		value := at + (16+nameSize+7)&^7
		name := strings.TrimSuffix(typ.String(), " array")
		width := map[string]int{"int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8,
			"hrtime": 8, "double": 8, "boolean value": 4, "boolean": 4}[name]
		at += size
		switch typ {
		case nvlist.TypeBoolean:
		case nvlist.TypeList, nvlist.TypeListArray:
			if typ == nvlist.TypeListArray {
				value += 8 * n
			}
			for i := range n {
				swap(turned[value+24*i:], 4)
				swap(turned[value+24*i+4:], 4)
				at += turnPairs(raw[at:], turned[at:])
			}
		default:
			for i := range n {
				if width > 0 {
					swap(turned[value+width*i:], width)
				}
			}
		}
	}
	return at + 4
}

func TestUnpackErrors(t *testing.T) {
	good := pack(t, everything(), nvlist.Native)
	pair := func(change func(b []byte)) []byte {
		l := nvlist.New(0)
		l.AddString("abc", "x") // the pair is at 12: name at 28, value at 36
		b := pack(t, l, nvlist.Native)
		change(b)
		return b
	}
	nested := nvlist.New(0)
	nested.AddList("abc", nvlist.New(0))
	version := pack(t, nested, nvlist.Native)
	version[36] = 1
	for _, c := range []struct {
		name, text string
		raw        []byte
		err        errno.Errno
	}{
		{"version", "nvlist: offset 12: a nested list of version 1", version, errno.ENOTSUP},
		{"nothing", "nvlist: offset 0: shorter than the header of a packed list", nil, errno.EINVAL},
		{"encoding", "nvlist: offset 0: encoding 7 is neither native (0) nor XDR (1)", []byte{7, 1, 0, 0}, errno.ENOTSUP},
		{"byte order", "nvlist: offset 1: byte order 2 is neither little (1) nor big (0)", []byte{0, 2, 0, 0}, errno.ENOTSUP},
		{"head", "nvlist: offset 8: ends in the head of the list", good[:8], errno.EFAULT},
		{"XDR head", "nvlist: offset 6: ends in the head of the list", []byte{1, 1, 0, 0, 0, 0}, errno.EFAULT},
		{"no end", "nvlist: offset 12: ends inside a list", good[:14], errno.EFAULT},
		{"pair", "nvlist: offset 12: a pair of 24 bytes, with 8 left", good[:20], errno.EFAULT},
		{"size", "nvlist: offset 12: a pair of -1 bytes, with 36 left", pair(func(b []byte) { copy(b[12:], "\xff\xff\xff\xff") }), errno.EFAULT},
		{"name size", "nvlist: offset 12: a name of 0 bytes", pair(func(b []byte) { b[16] = 0 }), errno.EFAULT},
		{"long name", "nvlist: offset 12: the name doesn't fit the pair", pair(func(b []byte) { b[16] = 200 }), errno.EFAULT},
		{"one byte of a name", "nvlist: offset 12: the name doesn't end where it should", pair(func(b []byte) { b[16] = 1 }), errno.EFAULT},
		{"name end", "nvlist: offset 12: the name doesn't end where it should", pair(func(b []byte) { b[29] = 0 }), errno.EFAULT},
		{"type", "nvlist: offset 12: no type has number 99", pair(func(b []byte) { b[24] = 99 }), errno.EFAULT},
		{"elements", "nvlist: offset 12: a value of type string with 3 elements", pair(func(b []byte) { b[20] = 3 }), errno.EFAULT},
		{"boolean", "nvlist: offset 12: a boolean with 1 elements", pair(func(b []byte) { b[24] = 1 }), errno.EFAULT},
		{"value", "nvlist: offset 12: a value of 9 bytes in room for 8", pair(func(b []byte) { copy(b[36:], "xxxxxxxx") }), errno.EFAULT},
	} {
		_, err := nvlist.Unpack(c.raw)
		if err == nil || err.Error() != c.text || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %s (%v)", c.name, err, c.text, c.err)
		}
	}
	if _, err := nvlist.Unpack(append(good, "rest"...)); err != nil {
		t.Errorf("with something after it: %v", err)
	}
	xdr := pack(t, everything(), nvlist.XDR)
	for n := range len(xdr) - 4 { // the last word is padding, see xdrPairSize
		var e *nvlist.DecodeError
		if _, err := nvlist.Unpack(xdr[:n]); !errors.As(err, &e) || e.Offset > n {
			t.Fatalf("cut at %d of %d: %v", n, len(xdr), err)
		}
	}
	for n := range good {
		if _, err := nvlist.Unpack(good[:n]); err == nil {
			t.Fatalf("cut at %d of %d: accepted", n, len(good))
		}
	}
}

// TestManyNames looks up, replaces and removes names in a large list.
func TestManyNames(t *testing.T) {
	for _, flags := range []nvlist.Flags{nvlist.UniqueName, nvlist.UniqueNameType} {
		l := nvlist.New(flags)
		for round := range 3 {
			for i := range 5000 {
				l.AddUint64(fmt.Sprint("name ", i), uint64(i*round))
			}
		}
		if l.Len() != 5000 {
			t.Fatalf("%d pairs", l.Len())
		}
		if size, err := l.Size(nvlist.Native); err != nil || size > 5000*48+16 {
			t.Errorf("%d bytes, %v", size, err)
		}
		pack(t, l, nvlist.Native) // the replaced pairs aren't counted
		back, err := nvlist.Unpack(pack(t, l, nvlist.XDR))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5000 {
			if n, err := back.LookupUint64(fmt.Sprint("name ", i)); err != nil || n != uint64(i*2) {
				t.Fatalf("name %d: %d, %v", i, n, err)
			}
		}
		if _, err := back.LookupUint64("name 5000"); !errors.Is(err, errno.ENOENT) {
			t.Error(err)
		}
	}
	// An unpacked list has a hash table from the start, which then grows.
	few := nvlist.New(nvlist.UniqueName)
	for i := range 20 {
		few.AddUint64(fmt.Sprint("name ", i), uint64(i))
	}
	grown, err := nvlist.Unpack(pack(t, few, nvlist.Native))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		grown.AddUint64(fmt.Sprint("name ", i), uint64(i))
	}
	for i := range 200 {
		if n, err := grown.LookupUint64(fmt.Sprint("name ", i)); err != nil || n != uint64(i) || grown.Len() != 200 {
			t.Fatalf("name %d of %d: %d, %v", i, grown.Len(), n, err)
		}
	}
	// A list that violates its own flags is as fast as any other.
	same := nvlist.New(0)
	for range 60000 {
		same.AddBoolean("same")
	}
	raw := pack(t, same, nvlist.Native)
	raw[8] = byte(nvlist.UniqueName)
	back, err := nvlist.Unpack(raw)
	if err != nil || back.Len() != 60000 {
		t.Fatal(err)
	}
	if err := back.RemoveAll("same"); err != nil || back.Len() != 0 {
		t.Errorf("%d pairs are left, %v", back.Len(), err)
	}
	if back, err = nvlist.Unpack(raw); err != nil {
		t.Fatal(err)
	}
	if back.AddBoolean("same"); back.Len() != 1 {
		t.Errorf("%d pairs of one name", back.Len())
	}
	l := nvlist.New(0)
	if l.Grow(100); l.Len() != 0 {
		t.Error("a list with room has pairs")
	}
	l.AddDouble("nan", math.NaN())
	l.AddDouble("inf", math.Inf(-1))
	if s := l.String(); s != "nvlist version: 0\n\tnan = 0xnan\n\tinf = 0x-inf\n" {
		t.Error(s)
	}
}
