package zonecfg

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// machine makes a store with so many configured zones, each like the largest of the
// corpus.
func machine(tb testing.TB, zones int) *Store {
	tb.Helper()
	s := Open(tb.TempDir(), "/run")
	like, err := os.ReadFile("testdata/corpus/everything.xml")
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.MkdirAll(s.dir(), 0o755); err != nil {
		tb.Fatal(err)
	}
	var index bytes.Buffer
	index.WriteString("global:installed:/:\n")
	for i := range zones {
		e := Entry{Name: fmt.Sprintf("zone%04d", i), Zonepath: fmt.Sprintf("/tank/zones/zone%04d", i)}
		index.WriteString(e.Line())
		text := bytes.ReplaceAll(like, []byte("/tank/zones/web7"), []byte(e.Zonepath))
		if err := os.WriteFile(s.xmlPath(e.Name), bytes.ReplaceAll(text, []byte("web7"), []byte(e.Name)), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	if err := os.WriteFile(s.indexPath(), index.Bytes(), 0o644); err != nil {
		tb.Fatal(err)
	}
	old := time.Now().Add(-time.Hour) // written long ago
	if err := os.Chtimes(s.indexPath(), old, old); err != nil {
		tb.Fatal(err)
	}
	return s
}

func list(tb testing.TB, s *Store, zones int) {
	entries, err := Open(s.root, s.run).Entries() // a new one has read nothing yet
	if err != nil || len(entries) != zones+1 {
		tb.Fatal(len(entries), err)
	}
}

func loadAll(tb testing.TB, s *Store, zones int) {
	s = Open(s.root, s.run)
	entries, err := s.Entries()
	if err != nil || len(entries) != zones+1 {
		tb.Fatal(len(entries), err)
	}
	for _, e := range entries[1:] {
		if z, err := s.Load(e.Name); err != nil || z.Zonepath != s.root+e.Zonepath {
			tb.Fatal(err)
		}
	}
}

const few, most = 100, 8191 // most is the number of zones that a machine may have

func BenchmarkEntries(b *testing.B) { bench(b, list) }
func BenchmarkLoad(b *testing.B)    { bench(b, loadAll) }

// BenchmarkSetState is a change of the index, which goes with every boot and install.
func BenchmarkSetState(b *testing.B) {
	for _, zones := range []int{few, most} {
		b.Run(fmt.Sprint(zones), func(b *testing.B) {
			s := machine(b, zones)
			state := Installed
			for b.Loop() {
				if err := s.SetState("zone0007", state); err != nil {
					b.Fatal(err)
				}
				state = Installed + Incomplete - state
			}
		})
	}
}

func bench(b *testing.B, do func(testing.TB, *Store, int)) {
	for _, zones := range []int{few, most} {
		b.Run(fmt.Sprint(zones), func(b *testing.B) {
			s := machine(b, zones)
			b.ReportAllocs()
			for b.Loop() {
				do(b, s, zones)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*zones), "ns/zone")
		})
	}
}

// BenchmarkCost measures listing and loading at both numbers in turns, so that a slower
// moment of the machine meets both, and compares what a zone costs.
func BenchmarkCost(bm *testing.B) {
	small, large := machine(bm, few), machine(bm, most)
	for _, what := range []struct {
		name  string
		do    func(testing.TB, *Store, int)
		limit time.Duration // for most zones
	}{{"listing", list, 30 * time.Millisecond}, {"loading", loadAll, 1500 * time.Millisecond}} {
		var a, b []float64
		for range 9 {
			runtime.GC()
			begin := time.Now()
			for range most / few {
				what.do(bm, small, few)
			}
			a = append(a, float64(time.Since(begin).Nanoseconds())/float64(few*(most/few)))
			runtime.GC()
			begin = time.Now()
			what.do(bm, large, most)
			b = append(b, float64(time.Since(begin).Nanoseconds())/most)
		}
		slices.Sort(a)
		slices.Sort(b)
		at, atMost := a[len(a)/2], b[len(b)/2]
		total := time.Duration(atMost * most)
		bm.Logf("%s: %d zones in %v; a zone costs %.0f ns among %d, %.0f ns among %d: %.2f times as much",
			what.name, most, total.Round(10*time.Microsecond), at, few, atMost, most, atMost/at)
		if total > what.limit || atMost > 1.3*at {
			bm.Errorf("%s takes more than %v, or a zone among many more than 1.3 times that among few", what.name, what.limit)
		}
	}
}

// Reading the index again when it hasn't changed costs next to nothing, and what has
// changed is seen.
func TestIndexIsRead(t *testing.T) {
	t.Parallel()
	s := machine(t, few)
	entries, err := s.Entries()
	if err != nil || len(entries) != few+1 {
		t.Fatal(len(entries), err)
	}
	entries[0].Name = "mine" // the caller's own
	if e, err := s.Entry("global"); err != nil || e.State != Installed {
		t.Fatal(e, err)
	}
	for i := range 50 { // quicker than the grain of file times
		text := []byte(fmt.Sprintf("global:installed:/:\nz:configured:/z/%02d:\n", i))
		ok(t, os.WriteFile(s.indexPath(), text, 0o644))
		if e, err := s.Entry("z"); err != nil || e.Zonepath != fmt.Sprintf("/z/%02d", i) {
			t.Fatalf("%+v, %v after writing %d", e, err, i)
		}
	}
	ok(t, os.Rename(s.indexPath(), filepath.Join(s.dir(), "gone")))
	if entries, err := s.Entries(); err != nil || len(entries) != 0 {
		t.Fatal(entries, err)
	}
}
