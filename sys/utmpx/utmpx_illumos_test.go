package utmpx

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
)

// TestEntries makes entries in several threads, changes them, and finds them with all that was
// given. libc has one buffer for all.
func TestEntries(t *testing.T) {
	f, err := os.OpenFile(Path, os.O_RDWR, 0)
	testenv.Need(t, testenv.Given("a writable "+Path, err))
	f.Close()
	before, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if after, err := os.ReadDir("/proc/self/fd"); err != nil || len(after) != len(before) {
			t.Errorf("%d descriptors were open, then %d, %v", len(before), len(after), err)
		}
	}()
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			want := Entry{
				User: "zt", ID: fmt.Sprintf("zt%02d", i), Line: fmt.Sprintf("pts/zt%d", i), Pid: int32(os.Getpid()), Type: Login,
				Exit: 3, Signal: 9, Time: time.Unix(int64(1700000000+i), 5000), Session: 11, Host: "zone:global",
			}
			for range 20 {
				want.Type = Login
				if made, err := Make(want); err != nil || !reflect.DeepEqual(made, want) {
					t.Errorf("made %+v, %v, not %+v", made, err, want)
				}
				want.Type = Dead
				if changed, err := Change(want); err != nil || !reflect.DeepEqual(changed, want) {
					t.Errorf("changed %+v, %v, not %+v", changed, err, want)
				}
			}
			entries, err := List()
			if err != nil {
				t.Error(err)
			}
			found := 0
			for _, e := range entries {
				if e.ID == want.ID {
					found++
					if !reflect.DeepEqual(e, want) {
						t.Errorf("listed is %+v, not %+v", e, want)
					}
				}
			}
			if found != 1 {
				t.Errorf("%d entries with the id %s", found, want.ID)
			}
		})
	}
	work.Wait()
	// Wildcards of an id are replaced; a dead entry's id is given again.
	any := Entry{ID: "y" + strings.Repeat(string([]byte{Wildcard}), 3), Pid: int32(os.Getpid()), Type: Login, Time: time.Unix(1, 0)}
	first, err := Make(any)
	if err != nil || len(first.ID) != 4 || strings.ContainsRune(first.ID, utf8.RuneError) {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := Make(any)
	if err != nil || second.ID == first.ID {
		t.Errorf("%+v, %v after %+v", second, err, first)
	}
	first.Type = Dead
	if _, err := Change(first); err != nil {
		t.Error(err)
	}
	if third, err := Make(any); err != nil || third.ID != first.ID {
		t.Errorf("%+v, %v instead of %+v", third, err, first)
	}
	if _, err := Change(any); !errors.Is(err, errno.ESRCH) {
		t.Errorf("changing any entry: %v", err)
	}
	// The library knows only entries of processes, and has no error number for others.
	if _, err := Make(Entry{ID: "ztxx", Type: 0}); !errors.Is(err, errno.ESRCH) {
		t.Errorf("an entry of no process: %v", err)
	}
}
