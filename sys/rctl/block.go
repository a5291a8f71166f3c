package rctl

import (
	"encoding/binary"
	"time"
)

// Block is the block of getrctl(2) and setrctl(2) in the kernel's layout
// (rctl_opaque_t).
type Block struct {
	Value             uint64 // rcq_value
	EnforcedValue     uint64 // rcq_enforced_value: the enforced value, if it differs
	Privilege         uint32 // rcq_privilege
	GlobalFlagAction  uint32 // rcq_global_flagaction
	GlobalSyslogLevel int32  // rcq_global_syslog_level
	LocalFlagAction   uint32 // rcq_local_flagaction
	LocalSignal       int32  // rcq_local_signal
	LocalRecipientPid int32  // rcq_local_recipient_pid
	FiringTime        int64  // rcq_firing_time: nanoseconds since boot
}

// BlockSize is the size of the block in bytes (rctlblk_size).
const BlockSize = 48

// BlockOf returns the block of a value.
func BlockOf(v Value) Block {
	return Block{
		Value:             v.Limit,
		Privilege:         uint32(v.Privilege),
		LocalFlagAction:   v.flagAction(),
		LocalSignal:       v.Signal,
		LocalRecipientPid: v.Recipient,
		FiringTime:        int64(v.Fired),
	}
}

// Unblock returns the value of a block.
func (b Block) Unblock() Value {
	return Value{
		Privilege: Privilege(b.Privilege),
		Limit:     b.Value,
		Flags:     LocalFlags(b.LocalFlagAction & flagsMask),
		Action:    Action(b.LocalFlagAction & actionMask),
		Signal:    b.LocalSignal,
		Recipient: b.LocalRecipientPid,
		Fired:     time.Duration(b.FiringTime),
	}
}

// GlobalFlags returns the control's flags (rctlblk_get_global_flags(3C)).
func (b Block) GlobalFlags() GlobalFlags {
	return GlobalFlags(b.GlobalFlagAction) &^ globalFlagsOfAction
}

// GlobalAction returns [GlobalSyslog] when exceeding a value is logged, else 0
// (rctlblk_get_global_action(3C)).
func (b Block) GlobalAction() GlobalFlags {
	return GlobalFlags(b.GlobalFlagAction) & globalFlagsOfAction
}

// AppendBinary appends the block as a little-endian kernel has it, [BlockSize] bytes.
func (b Block) AppendBinary(p []byte) ([]byte, error) {
	return binary.Append(p, binary.LittleEndian, b)
}

// UnmarshalBinary reads a block as a little-endian kernel has it.
func (b *Block) UnmarshalBinary(p []byte) error {
	_, err := binary.Decode(p, binary.LittleEndian, b)
	return err
}
