// Package utmpx reads and changes illumos' record of who is logged in (utmpx(5)).
// [Make] and [Change] go through the system's library, which locks the file and
// notifies utmpd(8); on other systems they fail with ENOTSUP. [Read] decodes the files
// anywhere.
//
// Each zone has its own file. A session in a zone is recorded by a process in that zone.
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
	Path    = "/var/adm/utmpx" // UTMPX_FILE: current entries
	LogPath = "/var/adm/wtmpx" // WTMPX_FILE: the log of all changes
)

// Type is the type of an entry (ut_type).
type Type int16

// The types.
const (
	Init  Type = abi.INIT_PROCESS  // INIT_PROCESS: started by init
	Login Type = abi.LOGIN_PROCESS // LOGIN_PROCESS: waiting for a user to log in
	User  Type = abi.USER_PROCESS  // USER_PROCESS: a user is logged in
	Dead  Type = abi.DEAD_PROCESS  // DEAD_PROCESS: the process exited
)

// Entry is an entry (struct utmpx). Writing a string that is longer than its field fails
// with EINVAL.
type Entry struct {
	User    string    // login name, at most 32 bytes
	ID      string    // identifies the entry, at most 4 bytes
	Line    string    // terminal without /dev/, at most 32 bytes
	Pid     int32     // of the login shell
	Type    Type      // says which of the fields matter
	Exit    int16     // exit status of a Dead entry
	Signal  int16     // that killed the process of a Dead entry
	Time    time.Time // of the change, to a microsecond
	Session int32     // session id, for window systems
	Host    string    // remote host, at most 256 bytes
}

// Wildcard is a byte of an ID that the library may choose (SC_WILDC).
const Wildcard = 0xff

// Make adds e to the file and the log, and returns the entry as it was written
// (makeutx(3C)). It replaces a Dead entry with the same ID. EINVAL for a string that is
// too long, ENOTSUP on systems other than illumos.
func Make(e Entry) (Entry, error) { return through("makeutx", &e, makeutx) }

// Change replaces the entry with e's ID that isn't Dead, adds e to the log, and returns
// the entry as it was written (modutx(3C)). ESRCH when there is no such entry; otherwise
// it fails as [Make] does.
func Change(e Entry) (Entry, error) { return through("modutx", &e, modutx) }

// List returns the entries of the caller's zone (getutxent(3C)). ENOTSUP on systems other
// than illumos.
func List() ([]Entry, error) { return list() }

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
		return fmt.Errorf("%s of %d bytes, at most %d are allowed: %w", what, len(text), len(to), errno.EINVAL)
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
		{r.User[:], e.User, "user name"}, {r.ID[:], e.ID, "id"}, {r.Line[:], e.Line, "line"},
		{r.Host[:len(r.Host)-1], e.Host, "host"},
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

// Size is the size of an entry in a file, in bytes (sizeof (struct futmpx)).
const Size = 372

// MarshalBinary returns the entry as it is in a file, [Size] bytes. EINVAL for a string
// that is too long.
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

// UnmarshalBinary reads an entry from the [Size] bytes that it has in a file.
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

// Read reads the entries of a file, such as that of [Path], in their order.
// [io.ErrUnexpectedEOF] and the entries before when the last one is incomplete.
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
