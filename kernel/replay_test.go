package kernel_test

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/gozones/zones/internal/replay"
	"github.com/gozones/zones/internal/testenv"
)

// TestReplay replays every recording of a directory: testdata, or $ZONES_TRACES.
func TestReplay(t *testing.T) {
	dir := os.Getenv("ZONES_TRACES")
	if dir == "" {
		dir = "../internal/replay/testdata"
	}
	traces := os.DirFS(dir)
	env, err := replay.ReadEnvironment(traces)
	if err != nil {
		// A directory with only recordings: the environment is the same for all.
		if env, err = replay.ReadEnvironment(os.DirFS("../internal/replay/testdata")); err != nil {
			t.Fatal(err)
		}
	}
	var (
		mu                    sync.Mutex
		seen, total, ok, made int
		work                  = make(chan func(), 16)
		workers               sync.WaitGroup
	)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for f := range work {
				f()
			}
		})
	}
	err = replay.Load(traces, func(file string, s *replay.Sequence) error {
		seen++
		if !testenv.Sample(seen, 4) {
			return nil
		}
		total++
		work <- func() {
			t.Run(file+"/"+s.Name, func(t *testing.T) {
				steps, err := replay.Run(t, env, s)
				mu.Lock()
				defer mu.Unlock()
				made += steps
				if err == nil {
					ok++
				} else {
					t.Error(err)
				}
			})
		}
		return nil
	})
	close(work)
	workers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if total == 0 {
		t.Fatalf("no recordings in %s", dir)
	}
	fmt.Printf("replay: %d of %d recordings, %d steps\n", ok, total, made)
}
