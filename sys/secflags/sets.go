package secflags

import (
	"encoding/binary"
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// Which names one of the four sets of a process (psecflagwhich_t).
type Which int32

// The sets.
const (
	Effective Which = 0 // PSF_EFFECTIVE: flags of the running program
	Inherit   Which = 1 // PSF_INHERIT: flags of the next program that it executes
	Lower     Which = 2 // PSF_LOWER: flags that can't be removed from Inherit
	Upper     Which = 3 // PSF_UPPER: flags that can be added to Inherit
)

// String returns psecflags(1)'s letter for the set.
func (w Which) String() string {
	if w >= Effective && w <= Upper {
		return "EILU"[w : w+1]
	}
	return fmt.Sprintf("set %d", int32(w))
}

// Sets are the four sets of a process or a zone, in the kernel's layout (psecflags_t).
// The zone attribute ZONE_ATTR_SECFLAGS is one.
type Sets struct {
	Effective Set `json:"effective"`
	Inherit   Set `json:"inherit"`
	Lower     Set `json:"lower"`
	Upper     Set `json:"upper"`
}

// Size is the size of [Sets] in bytes (sizeof (psecflags_t)).
const Size = 32

// Default returns the sets of a zone without configured flags: no flag is on, and all are
// allowed (psecflags_default).
func Default() Sets { return Sets{Upper: All} }

// Check checks the rules between the sets (psecflags_validate): no bits without a flag,
// Lower within Inherit, both within Upper. Only the first rule is for Effective, which
// changes at the next exec. Otherwise it returns an [*Error] with EINVAL.
func (s Sets) Check() error {
	reason := ""
	switch {
	case !(s.Effective | s.Inherit | s.Lower | s.Upper).Within(All):
		reason = "unknown bits"
	case !s.Lower.Within(s.Inherit):
		reason = "the lower set is not within the inheritable one"
	case !s.Inherit.Within(s.Upper):
		reason = "the inheritable set is not within the upper one"
	default:
		return nil
	}
	return &Error{Text: fmt.Sprintf("E=%v I=%v L=%v U=%v", s.Effective, s.Inherit, s.Lower, s.Upper), Reason: reason, Err: errno.EINVAL}
}

// CheckDelta checks whether the sets allow a change (psecflags_validate_delta): it may
// only add flags in Upper, and not remove flags in Lower. Otherwise it returns an
// [*Error] with EINVAL.
func (s Sets) CheckDelta(d Delta) error {
	in, out := d.Add, d.Remove
	if d.Assigns {
		in, out = d.Assign, ^d.Assign
	}
	reason := ""
	switch {
	case !in.Within(All), !d.Assigns && !out.Within(All):
		reason = "unknown bits"
	case !in.Within(s.Upper):
		reason = fmt.Sprintf("%v is above the upper set", in&^s.Upper)
	case out&s.Lower != 0:
		reason = fmt.Sprintf("%v is in the lower set", out&s.Lower)
	default:
		return nil
	}
	return &Error{Text: d.String(), Reason: reason, Err: errno.EINVAL}
}

// Apply changes one of the sets as psecflags(2) does, and adds Lower to Inherit. An
// [*Error] with EINVAL for Effective, which can't be changed, and for a change that
// [Sets.CheckDelta] refuses; the sets are unchanged then.
func (s *Sets) Apply(which Which, d Delta) error {
	var set *Set
	switch which {
	case Inherit:
		set = &s.Inherit
	case Lower:
		set = &s.Lower
	case Upper:
		set = &s.Upper
	default:
		return &Error{Text: d.String(), Reason: "the effective flags cannot be changed", Err: errno.EINVAL}
	}
	if err := s.CheckDelta(d); err != nil {
		return err
	}
	*set = d.Of(*set)
	s.Inherit |= s.Lower
	return nil
}

// Exec returns the sets after an exec, which makes Inherit effective.
func (s Sets) Exec() Sets {
	s.Effective = s.Inherit
	return s
}

// String returns the sets as psecflags(1) prints them, in a line each.
func (s Sets) String() string {
	return fmt.Sprintf("\tE:\t%v\n\tI:\t%v\n\tL:\t%v\n\tU:\t%v\n", s.Effective, s.Inherit, s.Lower, s.Upper)
}

// AppendBinary appends the sets as a little-endian kernel has them, [Size] bytes.
func (s Sets) AppendBinary(b []byte) ([]byte, error) {
	for _, set := range []Set{s.Effective, s.Inherit, s.Lower, s.Upper} {
		b = binary.LittleEndian.AppendUint64(b, uint64(set))
	}
	return b, nil
}

// UnmarshalBinary reads sets as a little-endian kernel has them. EINVAL unless there are
// [Size] bytes, as zone_setattr has it. It doesn't check the rules between the sets, as
// [Sets.Check] does.
func (s *Sets) UnmarshalBinary(b []byte) error {
	if len(b) != Size {
		return &Error{Text: fmt.Sprintf("%d bytes", len(b)), Reason: "the structure has 32", Err: errno.EINVAL}
	}
	for i, set := range []*Set{&s.Effective, &s.Inherit, &s.Lower, &s.Upper} {
		*set = Set(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return nil
}
