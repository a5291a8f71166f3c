package utmpx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/utmpx"
)

func TestConstants(t *testing.T) {
	header := abitest.Constants(t, "utmpx")
	for name, value := range map[string]utmpx.Type{
		"INIT_PROCESS": utmpx.Init, "LOGIN_PROCESS": utmpx.Login, "USER_PROCESS": utmpx.User, "DEAD_PROCESS": utmpx.Dead,
	} {
		if want, ok := header[name]; !ok || int64(value) != want {
			t.Errorf("%s is %d, the header has %d (%v)", name, value, want, ok)
		}
	}
	if want := abitest.Layout(t, "struct futmpx").Size; utmpx.Size != want {
		t.Errorf("Size is %d, the header has %d", utmpx.Size, want)
	}
}

func entry() utmpx.Entry {
	return utmpx.Entry{User: ".zlogin", ID: "zl01", Line: "pts/7", Pid: 321, Type: utmpx.Login, Exit: 3, Signal: 9,
		Time: time.Unix(1700000000, 5000), Session: 11, Host: "zone:global"}
}

// TestFile writes entries and reads them, and checks the offsets of the header.
func TestFile(t *testing.T) {
	want := []utmpx.Entry{entry(), {User: strings.Repeat("u", 32), Line: strings.Repeat("l", 32), Type: utmpx.Dead, Time: time.Unix(1, 0)}}
	var file bytes.Buffer
	for _, e := range want {
		raw, err := e.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		file.Write(raw)
	}
	raw := bytes.Clone(file.Bytes())
	for _, f := range abitest.Layout(t, "struct futmpx").Fields {
		switch f.Name {
		case "ut_line":
			if !bytes.HasPrefix(raw[f.Offset:], []byte("pts/7\x00")) {
				t.Errorf("no line at %d", f.Offset)
			}
		case "ut_host":
			if !bytes.HasPrefix(raw[f.Offset:], []byte("zone:global\x00")) {
				t.Errorf("no host at %d", f.Offset)
			}
		}
	}
	got, err := utmpx.Read(&file)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, not %+v", got, err, want)
	}
	if _, err := utmpx.Read(bytes.NewReader(raw[:utmpx.Size+1])); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an incomplete file: %v", err)
	}
}

func TestTooLong(t *testing.T) {
	for name, e := range map[string]utmpx.Entry{
		"user": {User: strings.Repeat("u", 33)}, "id": {ID: "12345"}, "line": {Line: strings.Repeat("l", 33)}, "host": {Host: strings.Repeat("h", 257)},
	} {
		if _, err := e.MarshalBinary(); !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzEntry(f *testing.F) {
	e := entry()
	raw, _ := e.MarshalBinary()
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e utmpx.Entry
		if e.UnmarshalBinary(raw) != nil {
			return
		}
		again, err := e.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var back utmpx.Entry
		if err := back.UnmarshalBinary(again); err != nil || !reflect.DeepEqual(back, e) {
			t.Errorf("%+v, %v, not %+v", back, err, e)
		}
	})
}

// TestLibrary makes an entry and marks it dead, if there is a file.
func TestLibrary(t *testing.T) {
	if runtime.GOOS != "illumos" {
		if _, err := utmpx.Make(entry()); !errors.Is(err, errno.ENOTSUP) {
			t.Errorf("making: %v", err)
		}
		return
	}
	f, err := os.OpenFile(utmpx.Path, os.O_RDWR, 0)
	testenv.Need(t, testenv.Given("a writable "+utmpx.Path, err))
	f.Close()
	e := entry()
	e.Pid = int32(os.Getpid())
	made, err := utmpx.Make(e)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		made.Type = utmpx.Dead
		if _, err := utmpx.Change(made); err != nil {
			t.Error(err)
		}
	}()
	entries, err := utmpx.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range entries {
		if other.Pid == e.Pid && other.Line == e.Line {
			return
		}
	}
	t.Errorf("the entry isn't among %d", len(entries))
}

func Example() {
	e := utmpx.Entry{User: "root", ID: "zl01", Line: "pts/3", Type: utmpx.User, Time: time.Unix(1700000000, 0)}
	raw, _ := e.MarshalBinary()
	entries, err := utmpx.Read(bytes.NewReader(raw))
	fmt.Println(len(raw), entries[0].User, entries[0].Line, err)
	// Output: 372 root pts/3 <nil>
}
