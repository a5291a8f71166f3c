package anytext

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, json string }{
		{"", `""`},
		{"plain", `"plain"`},
		{"caf\u00e9 \"x\"", `"café \"x\""`},
		{"\ufffd", "\"\ufffd\""},
		{"caf\xe9", `["Y2Fm6Q=="]`},
		{"\x00\xff", `["AP8="]`},
	} {
		raw, err := json.Marshal(Text(c.text))
		if string(raw) != c.json || err != nil {
			t.Errorf("%q is encoded as %s, %v", c.text, raw, err)
		}
		var back Text
		if err := json.Unmarshal(raw, &back); string(back) != c.text || err != nil {
			t.Errorf("%q came back as %q, %v", c.text, back, err)
		}
	}
	for _, bad := range []string{`7`, `{}`, `[7]`, `["?"]`, `true`} {
		if err := json.Unmarshal([]byte(bad), new(Text)); err == nil {
			t.Errorf("%s is decoded", bad)
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	for _, list := range [][]string{nil, {}, {"a", "\xff"}} {
		if got := Strings(Of(list)); !reflect.DeepEqual(got, list) {
			t.Errorf("%q came back as %q", list, got)
		}
	}
}
