// Package anytext encodes strings of any bytes as JSON. Arguments, environments and
// paths of Unix are bytes, but a JSON string is UTF-8, and encoding/json would replace
// invalid bytes.
package anytext

import (
	"encoding/json"
	"unicode/utf8"
)

// Text is a string of any bytes. In JSON it is a string, or, if it isn't UTF-8, an
// array with its bytes in base64.
type Text string

// MarshalJSON encodes the text.
func (t Text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal([1][]byte{[]byte(t)})
}

// UnmarshalJSON decodes a text.
func (t *Text) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '[' {
		var bytes [1][]byte
		err := json.Unmarshal(raw, &bytes)
		*t = Text(bytes[0])
		return err
	}
	return json.Unmarshal(raw, (*string)(t))
}

// Of returns strings as texts, nil for nil.
func Of(list []string) []Text { return convert[Text](list) }

// Strings returns texts as strings, nil for nil.
func Strings(list []Text) []string { return convert[string](list) }

func convert[To, From ~string](list []From) []To {
	if list == nil {
		return nil
	}
	to := make([]To, len(list))
	for i, s := range list {
		to[i] = To(s)
	}
	return to
}
