package nvlist_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
)

// everything returns a list with a pair of every type.
func everything() *nvlist.List {
	in := nvlist.New(nvlist.UniqueName)
	in.AddInt32("in", 3)
	l := nvlist.New(nvlist.UniqueName)
	l.AddBoolean("boolean")
	l.AddBooleanValue("value", true)
	l.AddByte("byte", 0xe)
	l.AddInt8("int8", -3)
	l.AddUint8("uint8", 254)
	l.AddInt16("int16", -300)
	l.AddUint16("uint16", 65000)
	l.AddInt32("int32", -70000)
	l.AddUint32("uint32", 4000000000)
	l.AddInt64("int64", -1)
	l.AddUint64("uint64", math.MaxUint64)
	l.AddString("string", "it's")
	l.AddHrtime("hrtime", 123456*time.Nanosecond)
	l.AddDouble("double", 1.5)
	l.AddBooleanArray("booleans", []bool{true, false})
	l.AddByteArray("bytes", []byte{1, 254})
	l.AddInt8Array("int8s", []int8{1, -2})
	l.AddUint8Array("uint8s", []uint8{1, 254})
	l.AddInt16Array("int16s", []int16{-1})
	l.AddUint16Array("uint16s", []uint16{65535})
	l.AddInt32Array("int32s", []int32{-1})
	l.AddUint32Array("uint32s", []uint32{math.MaxUint32})
	l.AddInt64Array("int64s", []int64{-1})
	l.AddUint64Array("uint64s", []uint64{})
	l.AddStringArray("strings", []string{"a", "b c"})
	l.AddList("list", in)
	l.AddListArray("lists", in)
	l.AddListArray("none")
	return l
}

const everythingPrinted = `nvlist version: 0
	boolean = 1
	value = 1
	byte = 0x0e
	int8 = -3
	uint8 = 0xfe
	int16 = -300
	uint16 = 0xfde8
	int32 = -70000
	uint32 = 0xee6b2800
	int64 = -1
	uint64 = 0xffffffffffffffff
	string = it's
	hrtime = 0x1e240
	double = 0x1.500000
	booleans = 1 0
	bytes = 0x01 0xfe
	int8s = 1 -2
	uint8s = 0x1 0xfe
	int16s = -1
	uint16s = 0xffff
	int32s = -1
	uint32s = 0xffffffff
	int64s = -1

	strings = a b c
	list = (embedded nvlist)
	nvlist version: 0
		in = 3
	(end list)

	lists = (array of embedded nvlists)
	(start lists[0])
	nvlist version: 0
		in = 3
	(end lists[0])

	none = (array of embedded nvlists)

`

const everythingDumped = `  boolean
  value: true
  byte: 14
  int8: -3
  uint8: 254
  int16: -300
  uint16: 65000
  int32: -70000
  uint32: 4000000000
  int64: -1
  uint64: 18446744073709551615
  string: 'it's'
bad config type 18 for hrtime
bad config type 27 for double
  booleans[0]: true
  booleans[1]: false
  bytes[0]: 1
  bytes[1]: 254
  int8s[0]: 1
  int8s[1]: -2
  uint8s[0]: 1
  uint8s[1]: 254
  int16s[0]: -1
  uint16s[0]: 65535
  int32s[0]: -1
  uint32s[0]: 4294967295
  int64s[0]: -1
  strings[0]: 'a'
  strings[1]: 'b c'
  list:
      in: 3
  lists[0]:
      in: 3
`

func TestPrint(t *testing.T) {
	var b strings.Builder
	if err := everything().Print(&b); err != nil || b.String() != everythingPrinted {
		t.Errorf("%v\n%s", err, &b)
	}
	if s := everything().String(); s != everythingPrinted {
		t.Errorf("String:\n%s", s)
	}
	b.Reset()
	if err := everything().Dump(&b, 2); err != nil || b.String() != everythingDumped {
		t.Errorf("%v\n%s", err, &b)
	}
	broken := nvlist.New(0)
	broken.AddString("s", "a\x00b")
	if err := errors.Join(broken.Print(&b), broken.Dump(&b, 0)); !errors.Is(err, errno.EINVAL) {
		t.Errorf("a list with an error: %v", err)
	}
}

// TestInteropPrint compares both formats with libnvpair. Its dump_nvlist for Linux, other
// than that of illumos, doesn't print arrays of booleans.
func TestInteropPrint(t *testing.T) {
	lib := openLibrary(t, "print")
	g := generator{Rand: rand.New(rand.NewPCG(9, 10))}
	for i := range 2000 {
		g.noBooleans = i%2 == 0
		l := g.list(3)
		if i < 2 {
			l = everything()
		}
		ok, _, _ := lib.recode(t, pack(t, l, nvlist.Native))
		printed, dumped := lib.part(t), lib.part(t)
		if !ok {
			t.Fatalf("list %d is refused", i)
		}
		var b bytes.Buffer
		if err := l.Print(&b); err != nil || !bytes.Equal(b.Bytes(), printed) {
			t.Fatalf("list %d, %v:\n%s\nlib\n%s", i, err, &b, printed)
		}
		if b.Reset(); !g.noBooleans || i < 2 {
			continue
		}
		if err := l.Dump(&b, 2); err != nil || !bytes.Equal(b.Bytes(), dumped) {
			t.Fatalf("list %d, %v:\n%s\nlib\n%s", i, err, &b, dumped)
		}
	}
}
