package zone

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Command is what a zone's zoneadmd is asked to do (zone_cmd_t).
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

// String returns the name that messages have for it.
func (c Command) String() string {
	if c < 0 || int(c) >= len(commandNames) {
		return fmt.Sprintf("command %d", int32(c))
	}
	return commandNames[c]
}

// Valid tells that there is such a command.
func (c Command) Valid() bool { return c >= 0 && int(c) < len(commandNames) }

// CommandRequest is what crosses the door of a zoneadmd (zone_cmd_arg_t).
type CommandRequest struct {
	UniqID   uint64 // of the zone that is meant; 0 where the kernel hasn't got it
	Command  Command
	Locale   string // "C", at most 1023 bytes
	BootArgs string // at most 255 bytes
}

// Layout of zone_cmd_arg_t: uniqid, cmd, four bytes of padding, locale, bootbuf.
const (
	CommandRequestSize = 1296 // sizeof (zone_cmd_arg_t)
	requestCmd         = 8
	requestLocale      = 16
	requestBootBuf     = 1040
)

// MarshalBinary returns the request's bytes; an error when a text is too long.
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
	return raw, nil
}

// UnmarshalBinary reads a request. A text without a NUL ends with its field.
func (r *CommandRequest) UnmarshalBinary(raw []byte) error {
	if len(raw) != CommandRequestSize {
		return fmt.Errorf("a request to zoneadmd has %d bytes, not %d", CommandRequestSize, len(raw))
	}
	*r = CommandRequest{
		UniqID:   binary.LittleEndian.Uint64(raw),
		Command:  Command(binary.LittleEndian.Uint32(raw[requestCmd:])),
		Locale:   textIn(raw[requestLocale:requestBootBuf]),
		BootArgs: textIn(raw[requestBootBuf:]),
	}
	return nil
}

// CommandReply is zoneadmd's answer (zone_cmd_rval_t). Messages of no bytes at all
// say that the daemon is going away: start it again and repeat the request.
type CommandReply struct {
	Result int32  // 0 when the command was done
	Text   string // lines for whoever asked
}

// MarshalBinary returns the reply's bytes: the result, and the text with a NUL.
func (r *CommandReply) MarshalBinary() ([]byte, error) {
	raw := binary.LittleEndian.AppendUint32(nil, uint32(r.Result))
	return append(append(raw, r.Text...), 0), nil
}

// UnmarshalBinary reads a reply.
func (r *CommandReply) UnmarshalBinary(raw []byte) error {
	if len(raw) < 4 {
		return fmt.Errorf("a reply of zoneadmd has at least 4 bytes, not %d", len(raw))
	}
	*r = CommandReply{Result: int32(binary.LittleEndian.Uint32(raw)), Text: textIn(raw[4:])}
	return nil
}

// textIn is the string in a C buffer.
func textIn(raw []byte) string {
	if end := bytes.IndexByte(raw, 0); end >= 0 {
		raw = raw[:end]
	}
	return string(raw)
}
