package guest

import (
	"fmt"
	"os"
	"testing"

	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/internal/replay"
	"github.com/gozones/zones/internal/testenv"
)

// TestRecordings replays what a process can make of the recordings of the C zone.c on the
// kernel that runs here, and reports the differences in replay.txt. They are no failures: the
// recordings are of one version of the code, in an environment that was made up.
func TestRecordings(t *testing.T) {
	needSystem(t, testenv.Root)
	recordings := os.DirFS("../../../internal/replay/testdata")
	env, err := replay.ReadEnvironment(recordings)
	if err != nil {
		t.Fatal(err)
	}
	k, err := machine.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	table, err := k.Table()
	if err != nil {
		t.Fatal(err)
	}
	var others error
	if n := len(table.Zones) - 1; n > 0 {
		others = fmt.Errorf("%d others are there, which lists would show", n)
	}
	testenv.Need(t, testenv.Given("a machine whose only zone is the global one", others))
	top := t.TempDir()
	if err := env.MakeTree(top); err != nil {
		t.Fatal(err)
	}
	file := report(t, "replay.txt")
	sequences, steps, differences := 0, 0, 0
	err = replay.Load(recordings, func(_ string, s *replay.Sequence) error {
		u := replay.Userland{System: k, Top: top}
		made, found, err := u.Replay(env, s)
		if err != nil {
			t.Errorf("%s: zones are left: %v", s.Name, err)
		}
		sequences, steps, differences = sequences+1, steps+made, differences+len(found)
		for _, d := range found {
			if _, err := fmt.Fprintln(file, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	summary := fmt.Sprintf("%d sequences, %d steps, %d differences", sequences, steps, differences)
	if _, err := fmt.Fprintln(file, summary); err != nil {
		t.Error(err)
	}
	t.Log(summary)
	if steps == 0 {
		t.Error("no step could be made")
	}
}
