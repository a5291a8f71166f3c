package nvlist_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
)

type celsius float64

// MarshalText and UnmarshalText convert it to and from a string.
func (c celsius) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%gC", float64(c)), nil }

func (c *celsius) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%gC", (*float64)(c))
	return err
}

type inner struct {
	A uint64 `nv:"a"`
	B int8   `nv:"b"`
}

type mixed struct {
	U8   uint8 `nv:"u8"`
	By   uint8 `nv:"by,byte"`
	I16  int16
	F    float32
	OK   bool
	D    time.Duration
	N    int
	Temp uint16 `nv:"-"`
}

type embedded struct {
	Shared string
	Hidden string
}

// allKinds has a field of every kind.
type allKinds struct {
	embedded
	Hidden    int  `nv:"Hidden"`
	Flag      bool `nv:"flag,boolean"`
	Off       bool `nv:"off,boolean"`
	Yes       bool
	Name      string `nv:"name"`
	Bytes     []byte
	U8s       []uint8 `nv:",uint8"`
	Array     [3]byte
	I8s       []int8
	I16s      []int16
	U16s      [2]uint16
	I32s      []int32
	U32s      []uint32
	I64s      []int64
	Ints      []int
	U64s      []uint64
	Bools     []bool
	Texts     []string
	Temps     []celsius
	Temp      celsius
	Double    float64
	Mixed     mixed
	Pointer   *inner
	Nil       *inner
	NilAny    any
	Any       any
	Map       map[string]int32
	Inners    []inner
	Pointers  []*inner
	Maps      []map[string]string
	List      *nvlist.List
	Lists     []*nvlist.List
	Empty     []string `nv:"empty,omitempty"`
	Zero      int      `nv:",omitempty"`
	unwritten int
}

func newAllKinds() *allKinds {
	l := nvlist.New(nvlist.UniqueNameType)
	l.AddString("in", "side")
	return &allKinds{
		unwritten: 1,
		embedded:  embedded{Shared: "s", Hidden: "not this one"}, Hidden: 7, Flag: true, Yes: true, Name: "n",
		Bytes: []byte{1, 2}, U8s: []uint8{3}, Array: [3]byte{4, 5, 6}, I8s: []int8{-1}, I16s: []int16{-2}, U16s: [2]uint16{3, 4},
		I32s: []int32{-3}, U32s: []uint32{math.MaxUint32}, I64s: []int64{math.MinInt64}, Ints: []int{-5}, U64s: []uint64{math.MaxUint64},
		Bools: []bool{true, false}, Texts: []string{"a", ""}, Temps: []celsius{1.5}, Temp: 20, Double: math.Pi,
		Mixed:   mixed{U8: 1, By: 2, I16: -3, F: 0.5, OK: true, D: time.Second, N: -9},
		Pointer: &inner{1, -1}, Any: int32(5), Map: map[string]int32{"z": 1, "a": 2, "m": 3},
		Inners: []inner{{2, 2}, {3, 3}}, Pointers: []*inner{{4, 4}}, Maps: []map[string]string{{"k": "v"}, {}},
		List: l, Lists: []*nvlist.List{l},
	}
}

const allKindsPrinted = `nvlist version: 0
	Shared = s
	Hidden = 7
	flag = 1
	Yes = 1
	name = n
	Bytes = 0x01 0x02
	U8s = 0x3
	Array = 0x04 0x05 0x06
	I8s = -1
	I16s = -2
	U16s = 0x3 0x4
	I32s = -3
	U32s = 0xffffffff
	I64s = -9223372036854775808
	Ints = -5
	U64s = 0xffffffffffffffff
	Bools = 1 0
	Texts = a 
	Temps = 1.5C
	Temp = 20C
	Double = 0x3.141593
	Mixed = (embedded nvlist)
	nvlist version: 0
		u8 = 0x1
		by = 0x02
		I16 = -3
		F = 0x0.500000
		OK = 1
		D = 0x3b9aca00
		N = -9
	(end Mixed)

	Pointer = (embedded nvlist)
	nvlist version: 0
		a = 0x1
		b = -1
	(end Pointer)

	Any = 5
	Map = (embedded nvlist)
	nvlist version: 0
		a = 2
		m = 3
		z = 1
	(end Map)

	Inners = (array of embedded nvlists)
	(start Inners[0])
	nvlist version: 0
		a = 0x2
		b = 2
	(end Inners[0])
	(start Inners[1])
	nvlist version: 0
		a = 0x3
		b = 3
	(end Inners[1])

	Pointers = (array of embedded nvlists)
	(start Pointers[0])
	nvlist version: 0
		a = 0x4
		b = 4
	(end Pointers[0])

	Maps = (array of embedded nvlists)
	(start Maps[0])
	nvlist version: 0
		k = v
	(end Maps[0])
	(start Maps[1])
	nvlist version: 0
	(end Maps[1])

	List = (embedded nvlist)
	nvlist version: 0
		in = side
	(end List)

	Lists = (array of embedded nvlists)
	(start Lists[0])
	nvlist version: 0
		in = side
	(end Lists[0])

`

func TestEncode(t *testing.T) {
	for name, v := range map[string]any{"pointer": newAllKinds(), "value": *newAllKinds()} {
		l, err := nvlist.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		if l.String() != allKindsPrinted {
			t.Errorf("%s:\n%s", name, l)
		}
		for _, enc := range []nvlist.Encoding{nvlist.Native, nvlist.XDR} {
			direct, err := nvlist.Marshal(v, enc)
			if err != nil || !bytes.Equal(direct, pack(t, l, enc)) {
				t.Errorf("%s, encoding %d: %x, %v", name, enc, direct, err)
			}
			after, err := nvlist.AppendMarshal([]byte("before"), v, enc)
			if err != nil || string(after) != "before"+string(direct) {
				t.Errorf("%s, encoding %d, after something: %x, %v", name, enc, after, err)
			}
			back := new(allKinds)
			if err := nvlist.Unmarshal(direct, back); err != nil {
				t.Fatal(err)
			}
			want := newAllKinds()
			want.embedded.Hidden, want.unwritten = "", 0
			want.List, back.List = nil, nil
			want.Lists, back.Lists = nil, nil
			if !reflect.DeepEqual(back, want) {
				t.Errorf("%s, encoding %d: read back as\n%+v, not\n%+v", name, enc, back, want)
			}
		}
	}
}

// TestEncodeNumbers: a struct of numbers is encoded the same from its memory and without
// an address.
func TestEncodeNumbers(t *testing.T) {
	t.Parallel()
	type numbers struct {
		A uint8
		B int16
		C uint32
		D int64
		E float64
	}
	v := numbers{1, -2, 1 << 30, -1 << 40, 0.5}
	in := nvlist.New(nvlist.UniqueName)
	in.AddUint8("A", v.A)
	in.AddInt16("B", v.B)
	in.AddUint32("C", v.C)
	in.AddInt64("D", v.D)
	in.AddDouble("E", v.E)
	l := nvlist.New(nvlist.UniqueName)
	l.AddList("in", in)
	want := pack(t, l, nvlist.Native)
	for name, value := range map[string]any{"memory": map[string]*numbers{"in": &v}, "copy": map[string]numbers{"in": v}} {
		if got, err := nvlist.Marshal(value, nvlist.Native); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v, want %x", name, got, err, want)
		}
	}
}

func TestEncodeFlags(t *testing.T) {
	source := nvlist.New(0)
	source.AddBoolean("twice")
	source.AddBoolean("twice")
	l, err := nvlist.Encode(source)
	if err != nil || l.Flags() != 0 || l.Len() != 2 {
		t.Errorf("a list became %v, %v", l, err)
	}
	l, err = nvlist.Encode(map[string]*nvlist.List{"in": source})
	if err != nil || l.Flags() != nvlist.UniqueName {
		t.Fatalf("%v, %v", l, err)
	}
	if in, err := l.LookupList("in"); err != nil || in.Flags() != 0 || in.Len() != 2 {
		t.Errorf("the list in it: %v, %v", in, err)
	}
	l.AddUint64("more", 1)
	if n, err := l.LookupUint64("more"); err != nil || n != 1 || l.Len() != 2 {
		t.Errorf("added: %d, %v", n, err)
	}
}

type loop struct{ Next *loop }

type badText struct{ T failingText }

type failingText struct{}

func (failingText) MarshalText() ([]byte, error)     { return nil, errno.EIO }
func (*failingText) UnmarshalText(text []byte) error { return errno.EIO }

func TestEncodeErrors(t *testing.T) {
	cycle := new(loop)
	cycle.Next = cycle
	broken := nvlist.New(0)
	broken.AddString("x", "\x00")
	for _, c := range []struct {
		name, text string
		value      any
	}{
		{"nil", "nvlist: encode: nil is no list", nil},
		{"nil pointer", "nvlist: encode: nil is no list", (*inner)(nil)},
		{"nil list", "nvlist: encode: nil is no list", (*nvlist.List)(nil)},
		{"number", "nvlist: encode: a Go int is no list: it takes a struct or a map with strings as keys", 5},
		{"channel", `nvlist: encode "C": no type of pair holds a Go chan int`, struct{ C chan int }{make(chan int)}},
		{"slices of slices", `nvlist: encode "S": no type of pair holds a Go [][]int`, struct{ S [][]int }{}},
		{"doubles", `nvlist: encode "S": no type of pair holds a Go []float64`, struct{ S []float64 }{}},
		{"path", `nvlist: encode "a.b.c": no type of pair holds a Go func()`, map[string]any{"a": map[string]any{"b": map[string]any{"c": func() {}}}}},
		{"path through an array", `nvlist: encode "a.c": no type of pair holds a Go func()`, map[string]any{"a": []map[string]any{{"c": func() {}}}}},
		{"keys", `nvlist: encode "a": a Go map[int]int has no strings as keys`, map[string]any{"a": map[int]int{1: 1}}},
		{"NUL in a name", `nvlist: encode "a\x00b" (uint8): a name has no NUL and at most 32766 bytes`, map[string]uint8{"a\x00b": 1}},
		{"NUL in a string", `nvlist: encode "a" (string): a string can't hold a NUL`, map[string]string{"a": "\x00"}},
		{"NUL in strings", `nvlist: encode "a" (string array): a string can't hold a NUL`, map[string][]string{"a": {"\x00"}}},
		{"nil among lists", `nvlist: encode "a" (nvlist array): list 1 is nil`, map[string][]*inner{"a": {{}, nil}}},
		{"not a list among lists", `nvlist: encode "a": a Go int is no list: it takes a struct or a map with strings as keys`, map[string][]any{"a": {5}}},
		{"too large", `nvlist: encode "a" (nvlist array): the value is too large`, map[string]any{"a": make([]struct{}, 1<<26)}}, // 32 bytes each
		{"a broken list", `nvlist: add "x" (string): a string can't hold a NUL`, map[string]*nvlist.List{"a": broken}},
	} {
		if _, err := nvlist.Encode(c.value); err == nil || err.Error() != c.text || !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.text)
		}
		if _, err := nvlist.Marshal(c.value, nvlist.Native); err == nil || err.Error() != c.text {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.text)
		}
	}
	if _, err := nvlist.Encode(cycle); err == nil || !strings.HasSuffix(err.Error(), "lists are nested deeper than 100") {
		t.Errorf("a cycle: %v", err)
	}
	deep := nvlist.New(0)
	for range nvlist.MaxDepth {
		outer := nvlist.New(0)
		outer.AddList("in", deep)
		deep = outer
	}
	if _, err := nvlist.Encode(deep); err != nil {
		t.Errorf("as deep as can be: %v", err)
	}
	if _, err := nvlist.Encode(map[string]any{"in": deep}); err == nil {
		t.Error("one deeper")
	}
	if l, err := nvlist.Encode(map[string]any{"in": make([]map[string]int, nvlist.MaxDepth+1)}); err != nil || l.Len() != 1 {
		t.Errorf("many beside each other: %v", err)
	}
	for _, v := range []any{badText{}, map[string]failingText{"T": {}}, map[string][]failingText{"T": {{}}}} {
		if _, err := nvlist.Encode(v); !errors.Is(err, errno.EIO) || err.Error() != `nvlist: encode "T": I/O error` {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestDecodeNumbers(t *testing.T) {
	var into struct {
		I8  int8
		U8  uint8
		I   int
		U   uint
		D   time.Duration
		F   float32
		B   bool
		S   string
		P   **int16
		Any any
		Arr [2]int32
		L   struct{ X int }
	}
	for _, c := range []struct {
		name string
		add  func(l *nvlist.List)
		get  func() any
		want any // nil if it doesn't fit
	}{
		{"I8", func(l *nvlist.List) { l.AddUint64("I8", 127) }, func() any { return into.I8 }, int8(127)},
		{"I8", func(l *nvlist.List) { l.AddUint64("I8", 128) }, nil, nil},
		{"I8", func(l *nvlist.List) { l.AddInt64("I8", -128) }, func() any { return into.I8 }, int8(-128)},
		{"I8", func(l *nvlist.List) { l.AddInt64("I8", -129) }, nil, nil},
		{"U8", func(l *nvlist.List) { l.AddInt16("U8", 255) }, func() any { return into.U8 }, uint8(255)},
		{"U8", func(l *nvlist.List) { l.AddInt16("U8", -1) }, nil, nil},
		{"U8", func(l *nvlist.List) { l.AddByte("U8", 9) }, func() any { return into.U8 }, uint8(9)},
		{"I", func(l *nvlist.List) { l.AddUint64("I", math.MaxUint64) }, nil, nil},
		{"I", func(l *nvlist.List) { l.AddInt8("I", -1) }, func() any { return into.I }, -1},
		{"U", func(l *nvlist.List) { l.AddUint64("U", uint64(^uint(0))) }, func() any { return into.U }, ^uint(0)},
		{"U", func(l *nvlist.List) { l.AddHrtime("U", -1) }, nil, nil},
		{"D", func(l *nvlist.List) { l.AddHrtime("D", -1) }, func() any { return into.D }, time.Duration(-1)},
		{"D", func(l *nvlist.List) { l.AddInt64("D", 5) }, func() any { return into.D }, time.Duration(5)},
		{"F", func(l *nvlist.List) { l.AddDouble("F", 0.5) }, func() any { return into.F }, float32(0.5)},
		{"F", func(l *nvlist.List) { l.AddUint64("F", 1) }, nil, nil},
		{"I", func(l *nvlist.List) { l.AddDouble("I", 1) }, nil, nil},
		{"B", func(l *nvlist.List) { l.AddBoolean("B") }, func() any { return into.B }, true},
		{"B", func(l *nvlist.List) { l.AddBooleanValue("B", false) }, func() any { return into.B }, false},
		{"B", func(l *nvlist.List) { l.AddUint8("B", 1) }, nil, nil},
		{"I", func(l *nvlist.List) { l.AddBoolean("I") }, nil, nil},
		{"I", func(l *nvlist.List) { l.AddBooleanValue("I", true) }, nil, nil},
		{"S", func(l *nvlist.List) { l.AddString("S", "x") }, func() any { return into.S }, "x"},
		{"S", func(l *nvlist.List) { l.AddUint8("S", 1) }, nil, nil},
		{"I", func(l *nvlist.List) { l.AddString("I", "1") }, nil, nil},
		{"P", func(l *nvlist.List) { l.AddUint8("P", 4) }, func() any { return **into.P }, int16(4)},
		{"Any", func(l *nvlist.List) { l.AddUint32("Any", 4) }, func() any { return into.Any }, uint32(4)},
		{"Arr", func(l *nvlist.List) { l.AddInt64Array("Arr", []int64{1, 2, 3}) }, func() any { return into.Arr }, [2]int32{1, 2}},
		{"Arr", func(l *nvlist.List) { l.AddInt64Array("Arr", []int64{5}) }, func() any { return into.Arr }, [2]int32{5, 0}},
		{"Arr", func(l *nvlist.List) { l.AddInt64Array("Arr", []int64{1 << 40}) }, nil, nil},
		{"Arr", func(l *nvlist.List) { l.AddStringArray("Arr", []string{"x"}) }, nil, nil},
		{"Arr", func(l *nvlist.List) { l.AddInt32("Arr", 1) }, nil, nil},
		{"I", func(l *nvlist.List) { l.AddInt32Array("I", nil) }, nil, nil},
		{"I", func(l *nvlist.List) { l.AddList("I", nvlist.New(0)) }, nil, nil},
		{"Arr", func(l *nvlist.List) { l.AddListArray("Arr", nvlist.New(0)) }, nil, nil},
		{"L", func(l *nvlist.List) { l.AddUint8("L", 1) }, nil, nil},
		{"Other", func(l *nvlist.List) { l.AddUint8("Other", 1) }, func() any { return nil }, nil},
	} {
		l := nvlist.New(0)
		c.add(l)
		err := l.Decode(&into)
		if c.get == nil {
			var e *nvlist.Error
			if !errors.Is(err, errno.EINVAL) || !errors.As(err, &e) || e.Name != c.name || e.Op != "decode" {
				t.Errorf("%v: %v", l, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(c.get(), c.want) {
			t.Errorf("%v: %v, %v", l, c.get(), err)
		}
	}
	l := nvlist.New(0)
	in := nvlist.New(0)
	in.AddString("X", "y")
	l.AddList("L", in)
	if err := l.Decode(&into); err == nil || err.Error() != `nvlist: decode "L.X" (string): the value doesn't go into a Go int` {
		t.Errorf("the path: %v", err)
	}
}

func TestDecodeInto(t *testing.T) {
	l, err := nvlist.Encode(newAllKinds())
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := l.Decode(&all); err != nil || len(all) != l.Len() || all["name"] != "n" || all["flag"] != true {
		t.Errorf("%v, %v", all, err)
	}
	if in, ok := all["Pointer"].(*nvlist.List); !ok || in.Len() != 2 {
		t.Errorf("a list in it: %v", all["Pointer"])
	}
	var list *nvlist.List
	if err := l.Decode(&list); err != nil || list.String() != allKindsPrinted {
		t.Errorf("%v, %v", list, err)
	}
	var nothing any
	if err := l.Decode(&nothing); err != nil || nothing.(*nvlist.List).Len() != l.Len() {
		t.Errorf("%v, %v", nothing, err)
	}
	for _, v := range []any{nil, inner{}, (*inner)(nil), new(int), new(map[int]int)} {
		if err := l.Decode(v); !errors.Is(err, errno.EINVAL) {
			t.Errorf("into %T: %v", v, err)
		}
	}
	if err := nvlist.Unmarshal([]byte{9}, &all); err == nil {
		t.Error("damaged bytes are decoded")
	}
	text := nvlist.New(0)
	text.AddString("T", "")
	if err := text.Decode(new(badText)); !errors.Is(err, errno.EIO) {
		t.Errorf("a text that isn't accepted: %v", err)
	}
}

func TestAddValue(t *testing.T) {
	l := nvlist.New(nvlist.UniqueName)
	five := uint64(5)
	l.AddValue("a", "text")
	l.AddValue("nothing", nil)
	l.AddValue("neither", (*int)(nil))
	l.AddValue("lists", []inner{{1, 2}})
	l.AddValue("a", &five)
	want := nvlist.New(nvlist.UniqueName)
	in := nvlist.New(nvlist.UniqueName)
	in.AddUint64("a", 1)
	in.AddInt8("b", 2)
	want.AddListArray("lists", in)
	want.AddUint64("a", 5)
	if got := pack(t, l, nvlist.Native); !bytes.Equal(got, pack(t, want, nvlist.Native)) {
		t.Errorf("%v\nwant %v", l, want)
	}
	for name, v := range map[string]any{"c": make(chan int), "b\x00": 1} {
		bad := nvlist.New(0)
		if bad.AddValue(name, v); !errors.Is(bad.Err(), errno.EINVAL) || bad.Len() != 0 {
			t.Errorf("%q: %v", name, bad.Err())
		}
	}
}

// TestReset packs a list in reused memory.
func TestReset(t *testing.T) {
	g := generator{Rand: rand.New(rand.NewPCG(11, 12))}
	used := nvlist.New(0)
	for i := range 300 {
		for j := range 30 {
			used.AddUint64Array(fmt.Sprint(j), []uint64{math.MaxUint64, math.MaxUint64})
		}
		used.Reset()
		fresh := nvlist.New(0)
		for p := range g.list(2).Pairs() {
			for _, l := range []*nvlist.List{used, fresh} {
				l.AddPair(p)
				l.AddValue(p.Name(), p.Value())
				l.AddString(p.Name(), "1234567")
				l.AddInt8(p.Name(), 1)
			}
		}
		if got, want := pack(t, used, nvlist.Native), pack(t, fresh, nvlist.Native); !bytes.Equal(got, want) {
			t.Fatalf("list %d: %x, then %x", i, got, want)
		}
	}
}
