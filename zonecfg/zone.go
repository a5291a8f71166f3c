package zonecfg

// Zone is the configuration of one zone: what its XML file holds. A property that
// isn't set is the empty string, as the system's tools see it.
type Zone struct {
	Name       string
	Zonepath   string // with the alternate root in front
	Autoboot   bool
	IPType     IPType
	HostID     string
	Pool       string
	LimitPriv  string
	BootArgs   string
	Brand      string
	SchedClass string
	FSAllowed  string

	FS            []FS
	Net           []Net
	Device        []string // match
	Rctl          []Rctl
	Attr          []Attr
	Dataset       []string
	DedicatedCPU  *DedicatedCPU
	CappedMemory  *uint64 // physical, bytes
	Admin         []Admin
	SecurityFlags *SecurityFlags
}

// IPType says whether a zone has a network stack of its own.
type IPType string

// The IP types.
const (
	SharedIP    IPType = "shared"
	ExclusiveIP IPType = "exclusive"
)

// FS is a file system of a zone.
type FS struct {
	Special, Raw, Dir, Type string
	Options                 []string
}

// Net is a network interface: an address on a link of the machine, or a link of
// the zone's own.
type Net struct{ Address, AllowedAddress, Physical, Defrouter string }

// Rctl is a resource control with its values.
type Rctl struct {
	Name   string
	Values []RctlValue
}

// RctlValue is a value as it is written; see sys/rctl for what it means.
type RctlValue struct{ Priv, Limit, Action string }

// Attr is a generic attribute.
type Attr struct{ Name, Type, Value string }

// DedicatedCPU is a range of processors of the zone's own.
type DedicatedCPU struct {
	Min, Max, Importance string
}

// Admin is a user who may do things to the zone.
type Admin struct{ User, Auths string }

// SecurityFlags are lists of flags as they are written.
type SecurityFlags struct{ Default, Lower, Upper string }
