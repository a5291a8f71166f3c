package nvlist

import "strconv"

// Type is the type of a pair (data_type_t).
type Type int32

// The types of pairs, with the Go types of their values.
const (
	TypeUnknown      Type = 0  // DATA_TYPE_UNKNOWN: not the type of any pair
	TypeBoolean      Type = 1  // DATA_TYPE_BOOLEAN: a name without a value
	TypeByte         Type = 2  // DATA_TYPE_BYTE: byte
	TypeInt16        Type = 3  // DATA_TYPE_INT16: int16
	TypeUint16       Type = 4  // DATA_TYPE_UINT16: uint16
	TypeInt32        Type = 5  // DATA_TYPE_INT32: int32
	TypeUint32       Type = 6  // DATA_TYPE_UINT32: uint32
	TypeInt64        Type = 7  // DATA_TYPE_INT64: int64
	TypeUint64       Type = 8  // DATA_TYPE_UINT64: uint64
	TypeString       Type = 9  // DATA_TYPE_STRING: string
	TypeByteArray    Type = 10 // DATA_TYPE_BYTE_ARRAY: []byte
	TypeInt16Array   Type = 11 // DATA_TYPE_INT16_ARRAY: []int16
	TypeUint16Array  Type = 12 // DATA_TYPE_UINT16_ARRAY: []uint16
	TypeInt32Array   Type = 13 // DATA_TYPE_INT32_ARRAY: []int32
	TypeUint32Array  Type = 14 // DATA_TYPE_UINT32_ARRAY: []uint32
	TypeInt64Array   Type = 15 // DATA_TYPE_INT64_ARRAY: []int64
	TypeUint64Array  Type = 16 // DATA_TYPE_UINT64_ARRAY: []uint64
	TypeStringArray  Type = 17 // DATA_TYPE_STRING_ARRAY: []string
	TypeHrtime       Type = 18 // DATA_TYPE_HRTIME: time.Duration
	TypeList         Type = 19 // DATA_TYPE_NVLIST: *List
	TypeListArray    Type = 20 // DATA_TYPE_NVLIST_ARRAY: []*List
	TypeBooleanValue Type = 21 // DATA_TYPE_BOOLEAN_VALUE: bool
	TypeInt8         Type = 22 // DATA_TYPE_INT8: int8
	TypeUint8        Type = 23 // DATA_TYPE_UINT8: uint8
	TypeBooleanArray Type = 24 // DATA_TYPE_BOOLEAN_ARRAY: []bool
	TypeInt8Array    Type = 25 // DATA_TYPE_INT8_ARRAY: []int8
	TypeUint8Array   Type = 26 // DATA_TYPE_UINT8_ARRAY: []uint8
	TypeDouble       Type = 27 // DATA_TYPE_DOUBLE: float64

	typeCount = 28
)

// shape is the layout of a type's values.
type shape struct {
	name  string
	width uint8 // of a number in bytes; 0 for other types
	array bool
}

var shapes = [typeCount]shape{
	TypeUnknown:      {name: "unknown"},
	TypeBoolean:      {name: "boolean"},
	TypeByte:         {name: "byte", width: 1},
	TypeInt16:        {name: "int16", width: 2},
	TypeUint16:       {name: "uint16", width: 2},
	TypeInt32:        {name: "int32", width: 4},
	TypeUint32:       {name: "uint32", width: 4},
	TypeInt64:        {name: "int64", width: 8},
	TypeUint64:       {name: "uint64", width: 8},
	TypeString:       {name: "string"},
	TypeByteArray:    {name: "byte array", width: 1, array: true},
	TypeInt16Array:   {name: "int16 array", width: 2, array: true},
	TypeUint16Array:  {name: "uint16 array", width: 2, array: true},
	TypeInt32Array:   {name: "int32 array", width: 4, array: true},
	TypeUint32Array:  {name: "uint32 array", width: 4, array: true},
	TypeInt64Array:   {name: "int64 array", width: 8, array: true},
	TypeUint64Array:  {name: "uint64 array", width: 8, array: true},
	TypeStringArray:  {name: "string array", array: true},
	TypeHrtime:       {name: "hrtime", width: 8},
	TypeList:         {name: "nvlist"},
	TypeListArray:    {name: "nvlist array", array: true},
	TypeBooleanValue: {name: "boolean value", width: 4},
	TypeInt8:         {name: "int8", width: 1},
	TypeUint8:        {name: "uint8", width: 1},
	TypeBooleanArray: {name: "boolean array", width: 4, array: true},
	TypeInt8Array:    {name: "int8 array", width: 1, array: true},
	TypeUint8Array:   {name: "uint8 array", width: 1, array: true},
	TypeDouble:       {name: "double", width: 8},
}

// String returns the name of the type for messages: "uint64 array".
func (t Type) String() string {
	if t >= 0 && t < typeCount {
		return shapes[t].name
	}
	return "type " + strconv.Itoa(int(t))
}

// IsArray reports whether values of the type are arrays (nvpair_type_is_array).
func (t Type) IsArray() bool { return t > 0 && t < typeCount && shapes[t].array }

// Flags says which pairs of a list have to be unique (nvl_nvflag). 0 allows any.
type Flags uint32

// The flags.
const (
	// UniqueName is NV_UNIQUE_NAME: adding a name removes the pair that had it.
	UniqueName Flags = 1
	// UniqueNameType is NV_UNIQUE_NAME_TYPE: adding a name removes the pair that
	// had it with the same type.
	UniqueNameType Flags = 2
)

// Encoding is the format of a packed list.
type Encoding uint8

// The encodings.
const (
	Native Encoding = 0 // NV_ENCODE_NATIVE: the layout in memory, on a little-endian machine
	XDR    Encoding = 1 // NV_ENCODE_XDR: portable, for other machines and for disks
)

// MaxDepth is the deepest nesting of lists in a list that is packed or unpacked, as in
// libnvpair outside the kernel.
const MaxDepth = 100
