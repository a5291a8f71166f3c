// Package utmpx is who is logged in, as illumos keeps it: entries are made and
// changed through the library, which has the locks and tells utmpd(8), and the
// files are read anywhere.
//
// A session in a zone is entered in the zone's own file: by a process inside.
package utmpx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

// The files (<utmpx.h>).
const (
	Path    = "/var/adm/utmpx" // UTMPX_FILE: who is logged in
	LogPath = "/var/adm/wtmpx" // WTMPX_FILE: who was
)

// Type is what an entry is about.
type Type int16

// The types.
const (
	Init  Type = abi.INIT_PROCESS  // INIT_PROCESS: started by init
	Login Type = abi.LOGIN_PROCESS // LOGIN_PROCESS: waits for somebody to log in
	User  Type = abi.USER_PROCESS  // USER_PROCESS: somebody is logged in
	Dead  Type = abi.DEAD_PROCESS  // DEAD_PROCESS: has ended
)

// Entry is one of them (struct utmpx). Texts that are too long are errors.
type Entry struct {
	User    string // at most 32 bytes
	ID      string // at most 4 bytes; names the entry
	Line    string // the terminal without /dev/, at most 32 bytes
	Pid     int32
	Type    Type
	Exit    int16 // of a Dead one
	Signal  int16 // that ended it
	Time    time.Time
	Session int32
	Host    string // where from, at most 256 bytes
}

// Wildcard in an ID stands for a byte that the library chooses (SC_WILDC).
const Wildcard = 0xff

// Make enters it, in the place of a Dead one with the same ID where there is one,
// else as a new one, and into the log (makeutx(3C)). It returns what was entered.
func Make(e Entry) (Entry, error) { return through("makeutx", &e, makeutx) }

// Change puts e in the place of the entry with the same ID that isn't Dead, and
// into the log (modutx(3C)). ESRCH when there is none.
func Change(e Entry) (Entry, error) { return through("modutx", &e, modutx) }

func through(op string, e *Entry, call func(*abi.Utmpx) (*abi.Utmpx, error)) (Entry, error) {
	raw, err := e.raw()
	if err == nil {
		var made *abi.Utmpx
		if made, err = call(raw); err == nil {
			return fromRaw(made), nil
		}
	}
	return Entry{}, fmt.Errorf("%s of %q on %q: %w", op, e.User, e.Line, err)
}

func put(to []byte, text, what string) error {
	if len(text) > len(to) {
		return fmt.Errorf("%s of %d bytes, %d are possible: %w", what, len(text), len(to), errno.EINVAL)
	}
	copy(to, text)
	return nil
}

func (e *Entry) raw() (*abi.Utmpx, error) {
	r := &abi.Utmpx{
		Pid: e.Pid, Type: int16(e.Type), Exit: abi.ExitStatus{Termination: e.Signal, Exit: e.Exit}, Session: e.Session,
		Tv: abi.Timeval{Sec: e.Time.Unix(), Usec: int64(e.Time.Nanosecond() / 1000)},
	}
	for _, text := range []struct {
		to         []byte
		text, what string
	}{
		{r.User[:], e.User, "a user's name"}, {r.ID[:], e.ID, "an id"}, {r.Line[:], e.Line, "a line"},
		{r.Host[:len(r.Host)-1], e.Host, "a host"},
	} {
		if err := put(text.to, text.text, text.what); err != nil {
			return nil, err
		}
	}
	if e.Host != "" {
		r.Syslen = int16(len(e.Host) + 1)
	}
	return r, nil
}

func text(raw []byte) string {
	if end := bytes.IndexByte(raw, 0); end >= 0 {
		raw = raw[:end]
	}
	return string(raw)
}

func fromRaw(r *abi.Utmpx) Entry {
	return Entry{
		User: text(r.User[:]), ID: text(r.ID[:]), Line: text(r.Line[:]), Pid: r.Pid, Type: Type(r.Type),
		Exit: r.Exit.Exit, Signal: r.Exit.Termination, Time: time.Unix(r.Tv.Sec, r.Tv.Usec*1000), Session: r.Session, Host: text(r.Host[:]),
	}
}

// Size is how many bytes an entry has in a file (sizeof (struct futmpx)).
const Size = 372

// MarshalBinary writes an entry as it stands in a file.
func (e *Entry) MarshalBinary() ([]byte, error) {
	r, err := e.raw()
	if err != nil {
		return nil, err
	}
	return binary.Append(nil, binary.LittleEndian, abi.Futmpx{
		User: r.User, ID: r.ID, Line: r.Line, Pid: r.Pid, Type: r.Type, Exit: r.Exit,
		Tv: abi.Timeval32{Sec: int32(r.Tv.Sec), Usec: int32(r.Tv.Usec)}, Session: r.Session, Syslen: r.Syslen, Host: r.Host,
	})
}

// UnmarshalBinary reads one.
func (e *Entry) UnmarshalBinary(raw []byte) error {
	var f abi.Futmpx
	if len(raw) != Size {
		return fmt.Errorf("an entry of utmpx has %d bytes, not %d", Size, len(raw))
	}
	if _, err := binary.Decode(raw, binary.LittleEndian, &f); err != nil {
		return err
	}
	*e = fromRaw(&abi.Utmpx{
		User: f.User, ID: f.ID, Line: f.Line, Pid: f.Pid, Type: f.Type, Exit: f.Exit,
		Tv: abi.Timeval{Sec: int64(f.Tv.Sec), Usec: int64(f.Tv.Usec)}, Session: f.Session, Host: f.Host,
	})
	return nil
}

// Read reads the entries of a file, the oldest first. io.ErrUnexpectedEOF when the
// last one is cut.
func Read(r io.Reader) ([]Entry, error) {
	var entries []Entry
	for raw := make([]byte, Size); ; {
		if _, err := io.ReadFull(r, raw); err == io.EOF {
			return entries, nil
		} else if err != nil {
			return entries, err
		}
		var e Entry
		if err := e.UnmarshalBinary(raw); err != nil {
			return entries, err
		}
		entries = append(entries, e)
	}
}
