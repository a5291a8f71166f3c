package zonecfg

import (
	"strings"
	"testing"
)

func TestUUID(t *testing.T) {
	t.Parallel()
	const text = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
	want := UUID{0x1b, 0x4e, 0x28, 0xba, 0x2f, 0xa1, 0x11, 0xd2, 0x88, 0x3f, 0x00, 0x16, 0xd3, 0xcc, 0xa4, 0x27}
	for _, good := range []string{text, strings.ToUpper(text)} {
		u, err := ParseUUID(good)
		if err != nil || u != want || u.String() != text {
			t.Errorf("%s: %v, %v", good, u, err)
		}
	}
	for _, bad := range []string{
		"", text[:35], text + "0", strings.ReplaceAll(text, "-", ""), "{" + text[:34] + "}", "urn:uuid:" + text,
		strings.Replace(text, "-", "_", 1), strings.Replace(text, "1", "g", 1), strings.Replace(text, "1", "-", 1),
		strings.Replace(text, "b4", "\u00e9", 1), text[:7] + "-a" + text[9:],
	} {
		if u, err := ParseUUID(bad); err == nil || u != (UUID{}) {
			t.Errorf("%q: %v, %v", bad, u, err)
		}
	}
}

func TestNewUUID(t *testing.T) {
	t.Parallel()
	seen := map[UUID]bool{}
	for range 1000 {
		u := newUUID()
		if text := u.String(); text[14] != '4' || !strings.Contains("89ab", text[19:20]) || seen[u] {
			t.Fatalf("%s is not random, of version 4, or a new one", text)
		}
		seen[u] = true
	}
}
