package zone

// Report says which kernel this is, and what it can enforce.
type Report struct {
	Host         string       `json:"host"` // "illumos", "linux" or "sim"
	Detail       string       `json:"detail,omitempty"`
	PID          int          `json:"pid,omitempty"` // of the embedded kernel's process; 0 on illumos
	Capabilities []Capability `json:"capabilities"`
}

// Capability is a concept of zones, and how it is enforced on this host.
type Capability struct {
	Concept   string `json:"concept"`
	Mechanism string `json:"mechanism"`
	Class     string `json:"class"` // enforced, reported or refused
	Missing   string `json:"missing,omitempty"`
}
