package libc

import (
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/internal/abi"
)

const usual = syscall.Errno(faults.Usual)

// calls has each function that returns an error number.
var calls = map[string]func() (uintptr, syscall.Errno){
	"door_call":        func() (uintptr, syscall.Errno) { return DoorCall(0, 0) },
	"door_info":        func() (uintptr, syscall.Errno) { return DoorInfo(0, 0) },
	"door_create":      func() (uintptr, syscall.Errno) { return DoorCreate(0, 0, 0) },
	"door_revoke":      func() (uintptr, syscall.Errno) { return DoorRevoke(0) },
	"door_getparam":    func() (uintptr, syscall.Errno) { return DoorGetparam(0, 0, 0) },
	"fattach":          func() (uintptr, syscall.Errno) { return Fattach(0, 0) },
	"fdetach":          func() (uintptr, syscall.Errno) { return Fdetach(0) },
	"ucred_get":        func() (uintptr, syscall.Errno) { return UcredGet(0) },
	"ucred_getpid":     func() (uintptr, syscall.Errno) { return UcredGetpid(0) },
	"ucred_geteuid":    func() (uintptr, syscall.Errno) { return UcredGeteuid(0) },
	"ucred_getegid":    func() (uintptr, syscall.Errno) { return UcredGetegid(0) },
	"ucred_getzoneid":  func() (uintptr, syscall.Errno) { return UcredGetzoneid(0) },
	"ucred_getprivset": func() (uintptr, syscall.Errno) { return UcredGetprivset(0, 0) },
	"ioctl":            func() (uintptr, syscall.Errno) { return Ioctl(0, 0, 0) },
	"mount":            func() (uintptr, syscall.Errno) { return Mount(0, 0, 0, 0, 0, 0, 0, 0) },
	"umount2":          func() (uintptr, syscall.Errno) { return Umount2(0, 0) },
	"psecflags":        func() (uintptr, syscall.Errno) { return Psecflags(0, 0, 0, 0) },
	"getppriv":         func() (uintptr, syscall.Errno) { return Getppriv(0, 0) },
	"setppriv":         func() (uintptr, syscall.Errno) { return Setppriv(0, 0, 0) },
	"getpflags":        func() (uintptr, syscall.Errno) { return Getpflags(0) },
	"setpflags":        func() (uintptr, syscall.Errno) { return Setpflags(0, 0) },
	"grantpt":          func() (uintptr, syscall.Errno) { return Grantpt(0) },
	"unlockpt":         func() (uintptr, syscall.Errno) { return Unlockpt(0) },
	"ptsname":          func() (uintptr, syscall.Errno) { return Ptsname(0) },
	"getrctl":          func() (uintptr, syscall.Errno) { return Getrctl(0, 0, 0, 0) },
	"setrctl":          func() (uintptr, syscall.Errno) { return Setrctl(0, 0, 0, 0) },
	"rctllist":         func() (uintptr, syscall.Errno) { return Rctllist(0, 0) },
	"rctlctl":          func() (uintptr, syscall.Errno) { return Rctlctl(0, 0, 0) },
	"setprojrctl":      func() (uintptr, syscall.Errno) { return Setprojrctl(0, 0, 0, 0) },
	"sigprocmask":      func() (uintptr, syscall.Errno) { return Sigprocmask(0, 0, 0) },
	"uadmin":           func() (uintptr, syscall.Errno) { return Uadmin(0, 0, 0) },
	"makeutx":          func() (uintptr, syscall.Errno) { return Makeutx(0) },
	"modutx":           func() (uintptr, syscall.Errno) { return Modutx(0) },
	"getutxent":        Getutxent,
	"syscall":          func() (uintptr, syscall.Errno) { return Syscall(0, 0, 0, 0, 0, 0) },
	"getzoneid":        Getzoneid,
}

// TestFaults: each function returns the number of its failure.
func TestFaults(t *testing.T) {
	faults.Need(t)
	for _, group := range Interfaces {
		for _, s := range group.Symbols {
			if s.Failure == Never || s.Address {
				continue
			}
			call := calls[s.Name]
			if call == nil {
				t.Errorf("%s isn't tried", s.Name)
				continue
			}
			var result uintptr
			var number syscall.Errno
			failed, _ := faults.Fault{Of: []string{s.Name}}.Do(t, func() error { result, number = call(); return nil })
			want := ^uintptr(0)
			if s.Failure == Null {
				want = 0
			}
			if failed != s.Name || number != usual || result != want {
				t.Errorf("%s failed (%s): %#x, %v", s.Name, failed, result, number)
			}
		}
	}
	if id, number := Getzoneid(); id != 0 || number != 0 {
		t.Errorf("the global zone is %d, %v", id, number)
	}
}

// TestMasked: the mask of signals can't be set, or not be set back.
func TestMasked(t *testing.T) {
	faults.Need(t)
	called := 0
	do := func() error { return Masked(func() { called++ }) }
	faults.Fault{Of: []string{"sigprocmask"}}.Noticed(t, do)
	if called != 2 { // not the first time; then it can't be set back, then nothing fails
		t.Errorf("it was called %d times", called)
	}
	if err := do(); err != nil {
		t.Error(err)
	}
}

// TestPipe: each call for a pipe that fails is an error, and leaves no descriptor.
func TestPipe(t *testing.T) {
	faults.Need(t)
	for _, f := range []faults.Fault{{Of: []string{"pipe2"}}, {Of: []string{"fcntl"}}, {Of: []string{"fcntl"}, Call: 2}} {
		if failed, err := f.Do(t, func() error { _, _, _, err := EventPipe(); return err }); failed == "" || !f.Is(err) {
			t.Errorf("%s failed: %v", failed, err)
		}
	}
	reader, handler, cookie, err := EventPipe()
	if err != nil || handler == 0 || cookie == 0 {
		t.Fatalf("%#x, %#x, %v", handler, cookie, err)
	}
	defer reader.Close()
	writer := os.NewFile((*eventCookie)(At(cookie)).pipe, "writer")
	if _, err := writer.WriteString("x"); err != nil {
		t.Error(err)
	}
	if err := writer.Close(); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(reader); string(got) != "x" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestCreateDoor: each call for a door that fails is an error; the pipe of all doors is made once.
func TestCreateDoor(t *testing.T) {
	faults.Need(t)
	doors.Lock()
	doors.started = false
	doors.Unlock()
	create := func() error {
		d, err := CreateDoor(func(c Caller) { c.Answer(nil, nil) }, 0)
		if err == nil {
			DoorRevoke(uintptr(d))
			syscall.Close(d)
		}
		return err
	}
	for _, c := range []struct {
		name string
		call int
		want bool
	}{
		{"pipe2", 1, true}, {"sigprocmask", 1, true}, {"sigprocmask", 2, true}, {"door_create", 1, true}, {"pipe2", 1, false},
	} {
		f := faults.Fault{Of: []string{c.name}, Call: c.call}
		if failed, err := f.Do(t, create); (failed != "") != c.want || f.Is(err) != c.want {
			t.Errorf("%s failed: %v", failed, err)
		}
	}
}

// TestCaller: a call without bytes or descriptors has none, and one that is no call isn't one.
func TestCaller(t *testing.T) {
	if data, ok := (Caller{&doorFrame{data: abi.DOOR_UNREF_DATA}}).Request(); ok || data != nil {
		t.Errorf("no call: %q, %v", data, ok)
	}
	if data, ok := (Caller{&doorFrame{}}).Request(); !ok || data != nil {
		t.Errorf("no bytes: %q, %v", data, ok)
	}
	text := []byte("ask")
	if data, ok := (Caller{&doorFrame{data: uintptr(unsafe.Pointer(&text[0])), length: 3}}).Request(); !ok || string(data) != "ask" {
		t.Errorf("a call: %q, %v", data, ok)
	}
	runtime.KeepAlive(text)
	if list := (Caller{&doorFrame{}}).Descriptors(); list != nil {
		t.Errorf("no descriptors: %v", list)
	}
	passed := []abi.DoorDesc{{Attributes: 1}, {Attributes: 2}}
	if list := (Caller{&doorFrame{descriptors: uintptr(unsafe.Pointer(&passed[0])), count: 2}}).Descriptors(); len(list) != 2 || list[1].Attributes != 2 {
		t.Errorf("two descriptors: %v", list)
	}
	runtime.KeepAlive(passed)
}

// TestAnswer: the credentials of a caller are freed, if they are known.
func TestAnswer(t *testing.T) {
	faults.Need(t)
	for ucred, want := range map[uintptr]string{0: "", 1: "ucred_free"} {
		frame := &doorFrame{ucred: ucred}
		frame.self = uintptr(unsafe.Pointer(frame))
		freeing := faults.Fault{Of: []string{"ucred_free"}}
		if failed, _ := freeing.Do(t, func() error { Caller{frame}.Answer([]byte("x"), nil); return nil }); failed != want || frame.replyLength != 1 {
			t.Errorf("with the credentials %d: %q was called", ucred, failed)
		}
	}
}

// TestDoor calls a door of this process.
func TestDoor(t *testing.T) {
	d, err := CreateDoor(func(c Caller) {
		request, _ := c.Request()
		c.Answer(append(request, '!'), nil)
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(d)
	defer DoorRevoke(uintptr(d))
	path := t.TempDir() + "/door"
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, number := Fattach(uintptr(d), uintptr(unsafe.Pointer(CString(path)))); number != 0 {
		t.Fatal(number)
	}
	defer Fdetach(uintptr(unsafe.Pointer(CString(path))))
	opened, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(opened)
	ask, room := []byte("ask"), make([]byte, 64)
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(&ask[0])
	pin.Pin(&room[0])
	arg := &abi.DoorArg{Data: &ask[0], DataSize: 3, RBuf: &room[0], RSize: 64}
	pin.Pin(arg)
	var number syscall.Errno
	if err := Masked(func() { _, number = DoorCall(uintptr(opened), uintptr(unsafe.Pointer(arg))) }); err != nil || number != 0 {
		t.Fatal(err, number)
	}
	if got := string(unsafe.Slice(arg.Data, arg.DataSize)); got != "ask!" {
		t.Errorf("%q", got)
	}
}

func TestText(t *testing.T) {
	for _, want := range []string{"", "a", strings.Repeat("long", 100)} {
		c := CString(want)
		if got := Text(uintptr(unsafe.Pointer(c))); got != want {
			t.Errorf("%q, not %q", got, want)
		}
		runtime.KeepAlive(c)
	}
	if got := Text(0); got != "" {
		t.Errorf("no address: %q", got)
	}
}
