package zone

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// Command is a command to a zone's zoneadmd (zone_cmd_t).
type Command int32

// The commands. The kernel itself sends only CommandReboot and CommandHalt.
const (
	CommandReady            Command = iota // Z_READY
	CommandBoot                            // Z_BOOT
	CommandForceBoot                       // Z_FORCEBOOT
	CommandReboot                          // Z_REBOOT
	CommandHalt                            // Z_HALT
	CommandNoteUninstalling                // Z_NOTE_UNINSTALLING
	CommandMount                           // Z_MOUNT
	CommandForceMount                      // Z_FORCEMOUNT
	CommandUnmount                         // Z_UNMOUNT
	CommandShutdown                        // Z_SHUTDOWN
)

var commandNames = [...]string{
	"ready", "boot", "forceboot", "reboot", "halt", "note_uninstalling",
	"mount", "forcemount", "unmount", "shutdown",
}

// String returns the command's name in messages.
func (c Command) String() string {
	if c < 0 || int(c) >= len(commandNames) {
		return fmt.Sprintf("command %d", int32(c))
	}
	return commandNames[c]
}

// Valid reports whether there is such a command.
func (c Command) Valid() bool { return c >= 0 && int(c) < len(commandNames) }

// CommandRequest is a request to the door of a zoneadmd (zone_cmd_arg_t).
type CommandRequest struct {
	UniqID   uint64 // of the zone; 0 when the kernel has no such zone
	Command  Command
	Locale   string // "C", at most 1023 bytes
	BootArgs string // at most 255 bytes
	// Trace requests the spans of this project's daemon. It is encoded after the
	// structure, which the system's daemon doesn't accept: leave it unset for that one.
	Trace bool
}

// Layout of zone_cmd_arg_t: uniqid, cmd, four bytes of padding, locale, bootbuf.
const (
	CommandRequestSize = 1296 // sizeof (zone_cmd_arg_t)
	requestCmd         = 8
	requestLocale      = 16
	requestBootBuf     = 1040
)

// MarshalBinary encodes the request. A string that is too long is an error.
func (r *CommandRequest) MarshalBinary() ([]byte, error) {
	if len(r.Locale) >= requestBootBuf-requestLocale {
		return nil, fmt.Errorf("locale of %d bytes is too long", len(r.Locale))
	}
	if len(r.BootArgs) >= BootArgsMax {
		return nil, fmt.Errorf("boot arguments of %d bytes are too long: %d at most", len(r.BootArgs), BootArgsMax-1)
	}
	raw := make([]byte, CommandRequestSize)
	binary.LittleEndian.PutUint64(raw, r.UniqID)
	binary.LittleEndian.PutUint32(raw[requestCmd:], uint32(r.Command))
	copy(raw[requestLocale:], r.Locale)
	copy(raw[requestBootBuf:], r.BootArgs)
	if r.Trace {
		raw = append(raw, traceMark...)
	}
	return raw, nil
}

// traceMark follows a request with Trace.
const traceMark = "trace"

// UnmarshalBinary decodes a request. A string without a NUL ends with its field.
func (r *CommandRequest) UnmarshalBinary(raw []byte) error {
	trace := len(raw) == CommandRequestSize+len(traceMark) && string(raw[CommandRequestSize:]) == traceMark
	if trace {
		raw = raw[:CommandRequestSize]
	}
	if len(raw) != CommandRequestSize {
		return fmt.Errorf("a request to zoneadmd has %d bytes, not %d", CommandRequestSize, len(raw))
	}
	*r = CommandRequest{
		UniqID:   binary.LittleEndian.Uint64(raw),
		Command:  Command(binary.LittleEndian.Uint32(raw[requestCmd:])),
		Locale:   textIn(raw[requestLocale:requestBootBuf]),
		BootArgs: textIn(raw[requestBootBuf : requestBootBuf+BootArgsMax]),
		Trace:    trace,
	}
	return nil
}

// CommandReply is zoneadmd's reply (zone_cmd_rval_t). An empty message says that the
// daemon is exiting: start it again and repeat the request.
//
// Err and Trace follow the text's NUL, where other programs don't look.
type CommandReply struct {
	Result int32  // 0 if the command succeeded
	Text   string // lines for the user
	Err    *Error // the cause of a failure; nil from the system's daemon
	Trace  string // the requested spans as JSON, or ""
}

// more follows the text of a reply.
type more struct {
	Err   *Error          `json:"err,omitempty"`
	Trace json.RawMessage `json:"trace,omitempty"`
}

// MarshalBinary encodes the reply: the result, the text with a NUL, and the rest as JSON.
func (r *CommandReply) MarshalBinary() ([]byte, error) {
	raw := binary.LittleEndian.AppendUint32(nil, uint32(r.Result))
	raw = append(append(raw, r.Text...), 0)
	if r.Err == nil && r.Trace == "" {
		return raw, nil
	}
	behind, err := json.Marshal(more{r.Err, json.RawMessage(r.Trace)})
	return append(raw, behind...), err
}

// UnmarshalBinary decodes a reply.
func (r *CommandReply) UnmarshalBinary(raw []byte) error {
	const head = 4
	if len(raw) < head {
		return fmt.Errorf("a reply of zoneadmd has at least %d bytes, not %d", head, len(raw))
	}
	*r = CommandReply{Result: int32(binary.LittleEndian.Uint32(raw))}
	text, behind, _ := bytes.Cut(raw[head:], []byte{0})
	r.Text = string(text)
	var m more
	if len(behind) == 0 || behind[0] != '{' || json.Unmarshal(behind, &m) != nil {
		return nil // the system's daemon sends the rest of a buffer
	}
	r.Trace = string(m.Trace)
	if m.Err != nil && m.Err.Depth() <= MaxCauses {
		r.Err = m.Err
	}
	return nil
}

// textIn returns the string in a C buffer.
func textIn(raw []byte) string {
	if end := bytes.IndexByte(raw, 0); end >= 0 {
		raw = raw[:end]
	}
	return string(raw)
}
