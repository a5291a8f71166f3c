package secflags

import (
	"encoding/binary"
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// Which names one of the four sets of a process (psecflagwhich_t).
type Which int32

const (
	Effective Which = 0 // PSF_EFFECTIVE: what counts for the running program
	Inherit   Which = 1 // PSF_INHERIT: what the next exec makes effective
	Lower     Which = 2 // PSF_LOWER: what can't be given up
	Upper     Which = 3 // PSF_UPPER: what can be had at most
)

// String returns the letter that psecflags(1) has for the set.
func (w Which) String() string {
	if w >= Effective && w <= Upper {
		return "EILU"[w : w+1]
	}
	return fmt.Sprintf("set %d", int32(w))
}

// Sets are the four sets of a process or a zone (psecflags_t), in the order and
// the layout in which the kernel has them: the zone attribute
// ZONE_ATTR_SECFLAGS is one such structure.
type Sets struct {
	Effective Set `json:"effective"`
	Inherit   Set `json:"inherit"`
	Lower     Set `json:"lower"`
	Upper     Set `json:"upper"`
}

// Size is the size of the structure in bytes.
const Size = 32

// Default returns the sets that turn nothing on and allow everything
// (psecflags_default). A zone that was given none has them.
func Default() Sets { return Sets{Upper: All} }

// Check holds the sets against the rules between them (psecflags_validate): no
// bits but those of flags, lower within inherit, both within upper. EINVAL
// otherwise. The effective set is only held against the first rule: it lags
// behind until the next exec.
func (s Sets) Check() error {
	reason := ""
	switch {
	case !(s.Effective | s.Inherit | s.Lower | s.Upper).Within(All):
		reason = "bits of no flag"
	case !s.Lower.Within(s.Inherit):
		reason = "the lower set is not within the inheritable one"
	case !s.Inherit.Within(s.Upper):
		reason = "the inheritable set is not within the upper one"
	default:
		return nil
	}
	return &Error{Text: fmt.Sprintf("E=%v I=%v L=%v U=%v", s.Effective, s.Inherit, s.Lower, s.Upper), Reason: reason, Err: errno.EINVAL}
}

// CheckDelta tells whether a change is one that the sets allow
// (psecflags_validate_delta): nothing comes in that isn't in the upper set,
// nothing goes that is in the lower one. EINVAL otherwise.
func (s Sets) CheckDelta(d Delta) error {
	in, out := d.Add, d.Remove
	if d.Assigns {
		in, out = d.Assign, ^d.Assign
	}
	reason := ""
	switch {
	case !in.Within(All), !d.Assigns && !out.Within(All):
		reason = "bits of no flag"
	case !in.Within(s.Upper):
		reason = fmt.Sprintf("%v is above the upper set", in&^s.Upper)
	case out&s.Lower != 0:
		reason = fmt.Sprintf("%v is in the lower set", out&s.Lower)
	default:
		return nil
	}
	return &Error{Text: d.String(), Reason: reason, Err: errno.EINVAL}
}

// Apply changes one of the sets as psecflags(2) does: after [Sets.CheckDelta],
// and what is then in the lower set is put into the inheritable one. EINVAL for
// the effective set, which can't be changed, and for a change that isn't
// allowed; the sets are then as they were.
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

// Exec returns the sets after an exec: the inheritable flags are in effect.
func (s Sets) Exec() Sets {
	s.Effective = s.Inherit
	return s
}

// String returns the sets as psecflags(1) prints them, a line each.
func (s Sets) String() string {
	return fmt.Sprintf("\tE:\t%v\n\tI:\t%v\n\tL:\t%v\n\tU:\t%v\n", s.Effective, s.Inherit, s.Lower, s.Upper)
}

// AppendBinary appends the 32 bytes of the structure, for a little-endian kernel.
func (s Sets) AppendBinary(b []byte) ([]byte, error) {
	for _, set := range []Set{s.Effective, s.Inherit, s.Lower, s.Upper} {
		b = binary.LittleEndian.AppendUint64(b, uint64(set))
	}
	return b, nil
}

// UnmarshalBinary decodes the structure of a little-endian kernel. EINVAL when
// there are not exactly 32 bytes, as zone_setattr has it. The rules between the
// sets are for [Sets.Check].
func (s *Sets) UnmarshalBinary(b []byte) error {
	if len(b) != Size {
		return &Error{Text: fmt.Sprintf("%d bytes", len(b)), Reason: "the structure has 32", Err: errno.EINVAL}
	}
	for i, set := range []*Set{&s.Effective, &s.Inherit, &s.Lower, &s.Upper} {
		*set = Set(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return nil
}
