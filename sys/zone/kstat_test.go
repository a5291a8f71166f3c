package zone_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/gozones/zones/sys/zone"
)

// TestKstatText: values keep their type and every bit when sent through a door.
func TestKstatText(t *testing.T) {
	want := zone.Kstat{Module: "zones", Instance: 3, Name: "web", Class: "zone_misc", Data: map[string]any{
		"zonename": "web", "nsec_user": uint64(math.MaxUint64), "boot_time": uint64(1), "avenrun_1min": uint32(math.MaxUint32), "init_pid": uint32(0),
	}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got zone.Kstat
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, not %+v", got, err, want)
	}
	for _, text := range []string{`{"data":{"a":-1}}`, `{"data":{"a":4294967296},"words":["a"]}`, `{"data":{"a":1.5}}`, `{"data":{"a":true}}`, `{`} {
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is read", text)
		}
	}
	if _, err := json.Marshal(zone.Kstat{Data: map[string]any{"a": int8(1)}}); err == nil {
		t.Error("a value of another type is written")
	}
}
