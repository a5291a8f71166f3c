package nearest

import "testing"

func TestOf(t *testing.T) {
	known := []string{"boot", "halt", "reboot", "shutdown"}
	for word, want := range map[string]string{"bot": "boot", "shutdwon": "shutdown", "HALT": "", "hlat": "halt", "restart": "", "": "", "boot": ""} {
		if got := Of(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
