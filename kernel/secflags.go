package kernel

// SecFlags are the four sets of security flags (psecflags_t), in the order that
// the structure has them.
type SecFlags struct{ Effective, Inherit, Lower, Upper uint64 }

// allSecFlags are those that the kernel knows: aslr, forbidnullmap, noexecstack.
const allSecFlags = 0x7

// defaultSecFlags allow everything and turn nothing on (psecflags_default).
var defaultSecFlags = SecFlags{Upper: allSecFlags}

// valid holds the sets against each other (psecflags_validate): lower within
// inherit within upper, nothing unknown.
func (f SecFlags) valid() bool {
	if (f.Effective|f.Inherit|f.Lower|f.Upper)&^allSecFlags != 0 {
		return false
	}
	return f.Lower&^f.Inherit == 0 && f.Inherit&^f.Upper == 0
}
