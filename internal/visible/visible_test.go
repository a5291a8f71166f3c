package visible

import "testing"

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"ü\tand\n": "ü\tand\n", "\x1b[2J": `\x1b[2J`, "\x7f": `\x7f`, "\xff!": `\xff!`, "\u0085": `\u0085`, "a\u202eb": `a\u202eb`, "": "",
	} {
		if got := Text(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestWord(t *testing.T) {
	if got := Word("a\tb\n\x1bc"); got != `a\tb\n\x1bc` {
		t.Errorf("%q", got)
	}
}
