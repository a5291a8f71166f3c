package kstat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gozones/zones/kstat/internal/abi"
)

// errData is wrapped by the errors for data that doesn't match its head.
var errData = errors.New("broken kstat")

func text(raw []byte) string {
	if end := bytes.IndexByte(raw, 0); end >= 0 {
		raw = raw[:end]
	}
	return string(raw)
}

// decode returns the statistic in the head and the data that the kernel has written. str
// returns the string of a value of the type KSTAT_DATA_STRING.
func decode(head *abi.Kstat, data []byte, str func(*abi.KstatNamed) (string, error)) (*Stat, error) {
	s := &Stat{
		Module: text(head.Module[:]), Instance: head.Instance, Name: text(head.Name[:]), Class: text(head.Class[:]),
		Type: Type(head.Type), Created: time.Duration(head.CrTime), Snapshot: time.Duration(head.SnapTime),
	}
	var err error
	switch s.Type {
	case Raw:
		s.Bytes = bytes.Clone(data)
	case Named:
		s.Values, err = decodeNamed(data, int(head.NData), str)
	case Intr:
		var v abi.KstatIntr
		if err = fixed(data, &v); err == nil {
			for i, name := range [...]string{"hard", "soft", "watchdog", "spurious", "multiple_service"} {
				s.Values = append(s.Values, Value{name, v.Intrs[i]})
			}
		}
	case IO:
		var v abi.KstatIO
		if err = fixed(data, &v); err == nil {
			s.Values = ioValues(&v)
		}
	case Timer:
		s.Values, err = decodeTimers(data, int(head.NData))
	default:
		err = fmt.Errorf("%w: %s", errData, s.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	return s, nil
}

func fixed(data []byte, v any) error {
	if _, err := binary.Decode(data, binary.LittleEndian, v); err != nil {
		return fmt.Errorf("%w: %d bytes", errData, len(data))
	}
	return nil
}

func ioValues(v *abi.KstatIO) []Value {
	return []Value{
		{"nread", v.NRead}, {"nwritten", v.NWritten}, {"reads", v.Reads}, {"writes", v.Writes},
		{"wtime", v.WTime}, {"wlentime", v.WLenTime}, {"wlastupdate", v.WLastUpdate},
		{"rtime", v.RTime}, {"rlentime", v.RLenTime}, {"rlastupdate", v.RLastUpdate},
		{"wcnt", v.WCnt}, {"rcnt", v.RCnt},
	}
}

// decodeTimers returns the values of timers, named EVENT.FIELD.
func decodeTimers(data []byte, count int) ([]Value, error) {
	size := binary.Size(abi.KstatTimer{})
	if count < 0 || count > len(data)/size {
		return nil, fmt.Errorf("%w: %d timers in %d bytes", errData, count, len(data))
	}
	var values []Value
	for i := range count {
		var v abi.KstatTimer
		_ = fixed(data[i*size:], &v) // it is long enough
		name := text(v.Name[:])
		values = append(values,
			Value{name + ".num_events", v.NumEvents}, Value{name + ".elapsed_time", v.Elapsed},
			Value{name + ".min_time", v.MinTime}, Value{name + ".max_time", v.MaxTime},
			Value{name + ".start_time", v.StartTime}, Value{name + ".stop_time", v.StopTime})
	}
	return values, nil
}

func decodeNamed(data []byte, count int, str func(*abi.KstatNamed) (string, error)) ([]Value, error) {
	size := binary.Size(abi.KstatNamed{})
	if count < 0 || count > len(data)/size {
		return nil, fmt.Errorf("%w: %d values in %d bytes", errData, count, len(data))
	}
	values := make([]Value, 0, count)
	for i := range count {
		var named abi.KstatNamed
		_ = fixed(data[i*size:], &named) // it is long enough
		value, err := namedValue(&named, str)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text(named.Name[:]), err)
		}
		values = append(values, Value{text(named.Name[:]), value})
	}
	return values, nil
}

func namedValue(n *abi.KstatNamed, str func(*abi.KstatNamed) (string, error)) (any, error) {
	word, long := binary.LittleEndian.Uint32(n.Value[:]), binary.LittleEndian.Uint64(n.Value[:])
	switch n.Type {
	case abi.KSTAT_DATA_CHAR:
		return text(n.Value[:]), nil
	case abi.KSTAT_DATA_INT32:
		return int32(word), nil
	case abi.KSTAT_DATA_UINT32:
		return word, nil
	case abi.KSTAT_DATA_INT64:
		return int64(long), nil
	case abi.KSTAT_DATA_UINT64:
		return long, nil
	case abi.KSTAT_DATA_FLOAT:
		return math.Float32frombits(word), nil
	case abi.KSTAT_DATA_DOUBLE:
		return math.Float64frombits(long), nil
	case abi.KSTAT_DATA_STRING:
		return str(n)
	}
	return nil, fmt.Errorf("%w: value of type %d", errData, n.Type)
}

// within returns a function that finds strings in data whose address is base: the kernel
// puts them after the values. A value has the string's address, 0 for none, and its length
// with the NUL.
func within(data []byte, base uint64) func(*abi.KstatNamed) (string, error) {
	return func(n *abi.KstatNamed) (string, error) {
		address, length := binary.LittleEndian.Uint64(n.Value[:]), uint64(binary.LittleEndian.Uint32(n.Value[8:]))
		if address == 0 || length == 0 {
			return "", nil
		}
		at := address - base
		if address < base || at > uint64(len(data)) || length > uint64(len(data))-at {
			return "", fmt.Errorf("%w: string of %d bytes at %d of %d", errData, length, int64(at), len(data))
		}
		return text(data[at : at+length]), nil
	}
}
