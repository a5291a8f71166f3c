package zone

// Definition is everything that a zone is made from: the arguments of zone_create, and
// the steps after it that make the zone ready to boot.
type Definition struct {
	Def
	Steps []Step `json:"steps,omitempty"`
}

// Step is one change to a zone after zone_create. Exactly one of the pointers is set.
type Step struct {
	Attr    *AttrValue `json:"attr,omitempty"`
	Mount   *Mount     `json:"mount,omitempty"`
	Link    *Link      `json:"link,omitempty"`
	Net     *NetData   `json:"net,omitempty"`
	Address *Address   `json:"address,omitempty"`
	// Optional continues with the next step if this one fails; see [Outcome].
	Optional bool `json:"optional,omitempty"`
}

// Link is a data link, by its name, that moves to the zone's own network stack.
type Link struct {
	Name string `json:"name"`
}

// NetData is a network property of a link of a zone that has its own network stack
// (zone_net_data_t).
type NetData struct {
	Link  string `json:"link"`
	Kind  uint32 `json:"kind"` // NetAddress or NetDefRouter
	Value []byte `json:"value"`
}

// Kinds of [NetData].
const (
	NetAddress   = 1 // ZONE_NETWORK_ADDRESS: a string of addresses, joined by commas
	NetDefRouter = 2 // ZONE_NETWORK_DEFROUTER: addresses of sixteen bytes
)

// Address is an address, with its prefix length, on a link of the host, for a zone
// that shares the host's network stack.
type Address struct {
	Link   string `json:"link"`
	Prefix string `json:"prefix"`
}

// Outcome is the result of making or booting a zone.
type Outcome struct {
	ID     ID     `json:"id"`
	UniqID uint64 `json:"uniqid,omitempty"`
	// Failed are the steps that failed, in order. If the call returns the error of a
	// step, that is the last of them.
	Failed []StepFailure `json:"failed,omitempty"`
}

// StepFailure is a failed step, by its index in the list, and its error.
type StepFailure struct {
	Step int    `json:"step"`
	Err  *Error `json:"err"`
}
