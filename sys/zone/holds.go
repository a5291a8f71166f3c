package zone

// Holds is what the kernel has of a zone, all of which must go before the zone is gone.
type Holds struct {
	// Processes are those that the kernel has started in the zone, by their numbers on the
	// host, and zsched. Their children are in the zone, too.
	Processes []int32 `json:"processes,omitempty"`
	// References are all references but those of credentials. One is the kernel's own.
	References  uint32 `json:"references"`
	Credentials uint32 `json:"credentials"`
	// Subsystems has the part of the references that each subsystem holds.
	Subsystems map[string]uint32 `json:"subsystems,omitempty"`
	// Mounts is the number of mounts that are under way.
	Mounts int `json:"mounts,omitempty"`
}

// Holder is implemented by a kernel that says what it has of a zone. illumos' logs it only.
type Holder interface {
	// Holds says what the kernel has of a zone. EINVAL when there is none.
	Holds(id ID) (Holds, error)
}
