package zone

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Kstat is a kernel statistic about a zone. Values are string, uint32 or uint64.
type Kstat struct {
	Module   string         `json:"module"`
	Instance int32          `json:"instance"`
	Name     string         `json:"name"`
	Class    string         `json:"class"`
	Data     map[string]any `json:"data"`
}

// kstatJSON is a Kstat in JSON, whose numbers have no width.
type kstatJSON struct {
	Module   string         `json:"module"`
	Instance int32          `json:"instance"`
	Name     string         `json:"name"`
	Class    string         `json:"class"`
	Data     map[string]any `json:"data"`
	Words    []string       `json:"words,omitempty"` // names of the uint32 values
}

// MarshalJSON encodes the statistic, with the names of the values that have 32 bits.
func (k Kstat) MarshalJSON() ([]byte, error) {
	out := kstatJSON{Module: k.Module, Instance: k.Instance, Name: k.Name, Class: k.Class, Data: k.Data}
	for name, value := range k.Data {
		switch value.(type) {
		case uint32:
			out.Words = append(out.Words, name)
		case uint64, string:
		default:
			return nil, fmt.Errorf("kstat %s: %s is a %T", k.Name, name, value)
		}
	}
	slices.Sort(out.Words)
	return json.Marshal(out)
}

// UnmarshalJSON decodes a statistic: its values are strings, uint32 and uint64 again.
func (k *Kstat) UnmarshalJSON(text []byte) error {
	var in kstatJSON
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		return err
	}
	for name, value := range in.Data {
		number, ok := value.(json.Number)
		if !ok {
			if _, ok := value.(string); !ok {
				return fmt.Errorf("kstat %s: %s is a %T", in.Name, name, value)
			}
			continue
		}
		bits := 64
		if slices.Contains(in.Words, name) {
			bits = 32
		}
		v, err := strconv.ParseUint(number.String(), 10, bits)
		if err != nil {
			return fmt.Errorf("kstat %s: %s: %w", in.Name, name, err)
		}
		if in.Data[name] = v; bits == 32 {
			in.Data[name] = uint32(v)
		}
	}
	*k = Kstat{Module: in.Module, Instance: in.Instance, Name: in.Name, Class: in.Class, Data: in.Data}
	return nil
}
