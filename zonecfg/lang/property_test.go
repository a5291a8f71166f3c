package lang

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/internal/zonetest"
)

// sayableText makes any text that the language has a way to write.
func sayableText() *rapid.Generator[string] {
	return rapid.Map(zonetest.Text(), func(s string) string {
		return strings.NewReplacer(`"`, "", "\n", "", "\x00", "").Replace(s)
	})
}

// readBack runs a script in a session that saves nothing, and returns what it made.
func readBack(t testing.TB, store *zonecfg.Store, name, script string) (*zonecfg.Zone, string) {
	var out bytes.Buffer
	s := New(name, Options{Store: store, Machine: testMachine(&out), Out: &out, Err: &out})
	s.disk.save = func(*Session) error { t.Fatal("it is saved"); return nil }
	s.all(strings.NewReader(script), func() bool { return s.failed })
	return s.Zone(), out.String()
}

func differences(a, b *zonecfg.Zone) string {
	var text bytes.Buffer
	WriteChanges(&text, Changes(a, b))
	return text.String()
}

// Any zone that is exported and read back is the same zone.
func TestExportReadBack(t *testing.T) {
	t.Parallel()
	store := testStore(t)
	rapid.Check(t, func(rt *rapid.T) {
		z := zonetest.Zones(sayableText()).Draw(rt, "zone")
		z.Zonepath = store.InRoot(z.Zonepath)
		if z.Zonepath == store.Root() {
			rt.Skip("a zone can't be at the root itself")
		}
		if findings := z.Check(testMachine(new(bytes.Buffer))); zonecfg.Failed(findings) != nil {
			rt.Skip(findings[0].Text)
		}
		var script bytes.Buffer
		Export(&script, z)
		got, said := readBack(t, store, z.Name, script.String())
		if got == nil || !got.Equal(z) || said != "" {
			rt.Fatalf("%s\n%sread back differs:\n%s", script.String(), said, differences(z, got))
		}
	})
}

// What the command export writes by itself, in the words of zonecfg(8), is read back
// too, but for sizes that it rounds and the brand native, which it leaves out.
func TestCommandExportReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		z := zonetest.Zones(sayableText()).Draw(rt, "zone")
		store := testStore(t)
		z.Zonepath, z.Brand = store.InRoot(z.Zonepath), "sparse"
		if m := z.CappedMemory; m != nil {
			rounded, err := zonecfg.ParsePhysical(shownSize(m.Physical))
			if err != nil {
				rt.Fatal(err)
			}
			z.CappedMemory = &rounded
		}
		if z.Zonepath == store.Root() {
			rt.Skip("a zone can't be at the root itself")
		}
		if findings := z.Check(testMachine(new(bytes.Buffer))); zonecfg.Failed(findings) != nil {
			rt.Skip(findings[0].Text)
		}
		if err := store.Create(z, false); err != nil {
			rt.Fatal(err)
		}
		var script bytes.Buffer
		if status := New(z.Name, Options{Store: store, Machine: testMachine(&script), Out: &script, Err: &script}).RunWords([]string{"export"}); status != 0 {
			rt.Fatalf("status %d\n%s", status, script.String())
		}
		other := testStore(t)
		got, said := readBack(t, other, z.Name, script.String())
		if got == nil || said != "" {
			rt.Fatalf("%s\n%s", script.String(), said)
		}
		got.Zonepath = store.InRoot(strings.TrimPrefix(got.Zonepath, other.Root()))
		if !got.Equal(z) {
			rt.Fatalf("%s\nread back differs:\n%s", script.String(), differences(z, got))
		}
	})
}

// The order of resources in the file doesn't change what info and export say of each
// kind, and every line of info is one that the zone asks for.
func TestInfoNamesEveryResource(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		z := zonetest.Zones(zonetest.Word()).Draw(rt, "zone")
		var text bytes.Buffer
		Info(&text, z)
		for kind, n := range map[string]int{"fs": len(z.FS), "net": len(z.Net), "device": len(z.Device), "rctl": len(z.Rctl), "attr": len(z.Attr), "dataset": len(z.Dataset), "admin": len(z.Admin)} {
			if got := strings.Count("\n"+text.String(), "\n"+kind+":\n"); got != n {
				rt.Fatalf("%d of %s, want %d:\n%s", got, kind, n, text.String())
			}
		}
	})
}
