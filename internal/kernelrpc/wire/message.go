package wire

import (
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// Ops of requests, with what they take and return. The subcodes have the names of the
// C library.
const (
	OpCreate     = "zone_create" // Def: ID
	OpBoot       = "zone_boot"
	OpShutdown   = "zone_shutdown"
	OpDestroy    = "zone_destroy"
	OpEnter      = "zone_enter"           // is never asked
	OpGetattr    = "zone_getattr"         // Getattr: Attr
	OpSetattr    = "zone_setattr"         // AttrValue
	OpList       = "zone_list"            // room: IDs
	OpLookup     = "zone_lookup"          // of Name: ID
	OpVersion    = "zone_version"         // : int
	OpAddLink    = "zone_add_datalink"    // LinkID
	OpRemoveLink = "zone_remove_datalink" // LinkID
	OpCheckLink  = "zone_check_datalink"  // LinkID: ID
	OpListLinks  = "zone_list_datalink"   // room: Links
	OpStart      = "start"                // Cmd: Started, and files both ways
	OpWait       = "wait"                 // handle: ExitStatus
	OpSignal     = "signal"               // Signal
	OpWatch      = "watch"                // : then replies with []Event
	OpMake       = "make"                 // Definition: Outcome, also of failures
	OpBootWith   = "boot_with"            // []Step: Outcome, also of failures
	OpTable      = "table"                // : Table
	OpInspect    = "inspect"              // of Name: Info
	OpMount      = "mount"                // []Mount: how many were mounted, also of failures
	OpUnmount    = "umount"               // Unmount
	OpLinkByName = "link_by_name"         // of Name: LinkID
	OpLinkName   = "link_name"            // LinkID: string
	OpSetAddress = "set_address"          // Address, of the link Name
	OpKstats     = "kstats"               // : []Kstat
	OpReport     = "report"               // : Report

	OpRctlControls = "rctl_walk"       // : []Control
	OpRctlValues   = "getrctl"         // of Name: []Value
	OpRctlUsage    = "getrctl_usage"   // of Name: uint64
	OpRctlInsert   = "setrctl_insert"  // Value, of Name
	OpRctlReplace  = "setrctl_replace" // Replace, of Name
	OpRctlDelete   = "setrctl_delete"  // Value, of Name
)

// Request asks the kernel. Its body is JSON, each op's of a type of its own, and what
// is around it is in a fixed form (see [EncodeRequest]): so a program pays for the
// encoding of what it asks, and of nothing else.
type Request struct {
	Op    string
	Trace bool // the reply is to have the spans of this call
	ID    zone.ID
	Name  string // of a zone, a link or a resource control
	Body  []byte
}

// Getattr says which attribute is wanted and how much of it.
type Getattr struct {
	Attr zone.Attr `json:"attr"`
	Room int       `json:"room"`
	Null bool      `json:"null,omitempty"` // the caller gave no buffer
	Buf  []byte    `json:"buf,omitempty"`  // what the buffer has, where the kernel reads it
}

// Attr is as much of an attribute as there was room for, and its whole length.
type Attr struct {
	N   int    `json:"n"`
	Buf []byte `json:"buf,omitempty"`
}

// IDs are as many zones as there was room for, and how many there are.
type IDs struct {
	N   int       `json:"n"`
	IDs []zone.ID `json:"ids,omitempty"`
}

// Links are as many links as there was room for, and how many there are.
type Links struct {
	N     int           `json:"n"`
	Links []zone.LinkID `json:"links,omitempty"`
}

// Cmd is zone.Cmd without its files: those that Std names go with the message, in
// order.
type Cmd struct {
	Path   string   `json:"path"`
	Args   []string `json:"args"`
	Env    []string `json:"env"`
	Dir    string   `json:"dir"`
	Pty    bool     `json:"pty,omitempty"`
	Like   bool     `json:"like,omitempty"` // the terminal to be like comes after those of Std
	UID    uint32   `json:"uid,omitempty"`
	GID    uint32   `json:"gid,omitempty"`
	Groups []uint32 `json:"groups,omitempty"`
	Std    [3]bool  `json:"std"` // which of stdin, stdout and stderr were passed
}

// Started is a program that was started. Its terminal goes with the message.
type Started struct {
	Handle int64 `json:"handle"`
	PID    int   `json:"pid"`
}

// Signal is a signal for a program that was started.
type Signal struct {
	Handle int64 `json:"handle"`
	Number int   `json:"number"`
}

// Unmount says what to unmount.
type Unmount struct {
	Point string `json:"point"`
	Force bool   `json:"force,omitempty"`
}

// Address is an address to put on a link, or to take off it.
type Address struct {
	Prefix string `json:"prefix"`
	Add    bool   `json:"add,omitempty"`
}

// Replace puts a value of a resource control in the place of another.
type Replace struct {
	Old   rctl.Value `json:"old"`
	Value rctl.Value `json:"value"`
}
