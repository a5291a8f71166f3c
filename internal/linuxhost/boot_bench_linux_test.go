package linuxhost

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// BenchmarkBoot makes and boots a zone while no other zones run and while 300 do.
// Besides the mean it reports the fastest boot and the shortest times of its steps,
// which are least affected by other load on the host.
func BenchmarkBoot(b *testing.B) {
	testenv.Need(b, testenv.Root)
	for _, beside := range []int{0, 300} {
		b.Run(fmt.Sprint(beside), func(b *testing.B) {
			dir := b.TempDir()
			h, err := New(Options{RunDir: dir})
			if err != nil {
				b.Fatal(err)
			}
			k, err := kernel.New(kernel.Config{Host: h})
			if err != nil {
				b.Fatal(err)
			}
			defer k.Close()
			root := makeRoot(b, dir+"/root")
			for i := range beside {
				name := fmt.Sprintf("beside%d", i)
				other := makeRoot(b, dir+"/"+name)
				bootFrom(b, k, name, other)
			}
			fastest := map[string]time.Duration{}
			note := func(what string, took time.Duration) {
				if best, ok := fastest[what]; !ok || took < best {
					fastest[what] = took
				}
			}
			for b.Loop() {
				b.StopTimer()
				h.(*Host).sandboxes.Ready()
				recording := trace.Start("kernel")
				b.StartTimer()
				begin := time.Now()
				id := bootFrom(b, k, "web", root)
				note("boot", time.Since(begin))
				b.StopTimer()
				for _, s := range recording.Stop() {
					note(s.Process+"/"+s.Name, s.Length)
				}
				if err := k.Global().Shutdown(id); err != nil {
					b.Fatal(err)
				}
				if err := k.Global().Destroy(id); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(fastest["boot"].Microseconds()), "fastest-µs")
			if testing.Verbose() {
				for what, took := range fastest {
					b.Logf("%-60s %v", what, took)
				}
			}
		})
	}
}

// makeRoot makes a root directory.
func makeRoot(tb testing.TB, root string) string {
	tb.Helper()
	for _, d := range append([]string{"/proc", "/dev", "/etc", "/tmp"}, hostDirectories...) {
		if err := os.MkdirAll(root+d, 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	return root
}

// bootFrom makes a zone and boots it, with sleep as its init.
func bootFrom(tb testing.TB, k *kernel.Kernel, name, root string) zone.ID {
	tb.Helper()
	p := k.Global()
	all := ^uint32(0)
	id, err := p.Create(&zone.Def{Name: name, Root: root, Privs: priv.Set{all, all, all}})
	if err != nil {
		tb.Fatal(err)
	}
	var mounts []host.Mount
	for _, d := range hostDirectories {
		mounts = append(mounts, host.Mount{Point: d, Resource: d, FSType: "lofs", Options: "ro,nodevices"})
	}
	if _, err := p.MountAll(id, mounts); err != nil {
		tb.Fatal(err)
	}
	if err := zone.SetText(p, id, zone.AttrInitName, "/bin/sleep"); err != nil {
		tb.Fatal(err)
	}
	if err := zone.SetText(p, id, zone.AttrBootArgs, "100000"); err != nil {
		tb.Fatal(err)
	}
	if err := p.Boot(id); err != nil {
		tb.Fatal(err)
	}
	return id
}
