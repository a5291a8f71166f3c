package wire

import (
	"encoding/json"
	"fmt"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// Version is that of the messages. A kernel process that is older or newer than
// the program says so.
const Version = 3

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

// Request asks the kernel. What an op takes is in the body, each op's of a type of
// its own: so a program pays for the encoding of what it asks, and of nothing else.
type Request struct {
	V     int             `json:"v"`
	Op    string          `json:"op"`
	Trace bool            `json:"trace,omitempty"` // the reply is to have the spans of this call
	ID    zone.ID         `json:"id,omitempty"`
	Name  string          `json:"name,omitempty"` // of a zone, a link or a resource control
	Body  json.RawMessage `json:"body,omitempty"`
}

// Reply is the kernel's answer. Its parts are decoded when they are there.
type Reply struct {
	Err   json.RawMessage `json:"err,omitempty"` // a zone.Error, none when the call succeeded
	Body  json.RawMessage `json:"body,omitempty"`
	Spans json.RawMessage `json:"spans,omitempty"` // a list of trace.Span
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

// EncodeRequest writes a request with its body, nil for none.
func EncodeRequest(r *Request, body any) (message []byte, err error) {
	r.V = Version
	if body != nil {
		if r.Body, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	return json.Marshal(r)
}

// DecodeRequest reads a request from anybody.
func DecodeRequest(message []byte) (*Request, error) {
	r := new(Request)
	if err := json.Unmarshal(message, r); err != nil {
		return nil, invalid(err.Error())
	}
	if r.V != Version {
		return nil, invalid(fmt.Sprintf("it is of version %d, this kernel speaks %d: use programs of one release", r.V, Version))
	}
	return r, nil
}

// Take decodes the body: EFAULT when there is none.
func (r *Request) Take(body any) error {
	if len(r.Body) == 0 {
		return errno.EFAULT
	}
	if err := json.Unmarshal(r.Body, body); err != nil {
		return invalid(err.Error())
	}
	return nil
}

func invalid(text string) error { return &zone.Error{Op: "request", Errno: errno.EINVAL, Text: text} }

// EncodeReply writes a reply: a body, nil for none, the error of a call that failed,
// and the spans of one that was recorded.
func EncodeReply(body any, failure *zone.Error, spans []trace.Span) ([]byte, error) {
	var r Reply
	var err error
	part := func(into *json.RawMessage, v any) {
		if err == nil {
			*into, err = json.Marshal(v)
		}
	}
	if body != nil {
		part(&r.Body, body)
	}
	if failure != nil {
		part(&r.Err, failure)
	}
	if spans != nil {
		part(&r.Spans, spans)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(&r)
}

// DecodeReply reads a reply and its body, nil for none. failure is what the kernel
// says; err is of what is no reply.
func DecodeReply(message []byte, body any) (failure *zone.Error, spans []trace.Span, err error) {
	var r Reply
	err = json.Unmarshal(message, &r)
	if err == nil && r.Err != nil {
		err = json.Unmarshal(r.Err, &failure)
	}
	if err == nil && r.Body != nil && body != nil {
		err = json.Unmarshal(r.Body, body)
	}
	if err == nil && r.Spans != nil {
		err = json.Unmarshal(r.Spans, &spans)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reply of the kernel process: %w", err)
	}
	return failure, spans, nil
}
