package spectest

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestUnderstood(t *testing.T) {
	t.Parallel()
	type known struct {
		ID    string
		Given struct {
			State string
			Zone  *struct{ Name string }
			Exit  int `json:"hook exits"`
		}
	}
	type careless struct{ ID string }
	for _, test := range []struct {
		name, text string
		cases      reflect.Type
		ok         bool
	}{
		{"all is known", `{"id": "a", "given": {"state": "ready", "zone": {"name": "z"}, "hook exits": 1, "note": "n"}, "note": 2}`, reflect.TypeFor[known](), true},
		{"nothing is given", `{"id": "a"}`, reflect.TypeFor[known](), true},
		{"an unknown field", `{"given": {"states": "ready"}}`, reflect.TypeFor[known](), false},
		{"an unknown field within", `{"given": {"zone": {"name": "z", "brand": "b"}}}`, reflect.TypeFor[known](), false},
		{"another type", `{"given": {"state": 1}}`, reflect.TypeFor[known](), false},
		{"cases without what is given", `{"given": {"state": 1}}`, reflect.TypeFor[careless](), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := understood(json.RawMessage(test.text), test.cases); (err == nil) != test.ok {
				t.Error(err)
			}
		})
	}
}
