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
const Version = 2

// Ops of requests: the subcodes by the names of the C library, and the rest.
const (
	OpCreate     = "zone_create"
	OpBoot       = "zone_boot"
	OpShutdown   = "zone_shutdown"
	OpDestroy    = "zone_destroy"
	OpEnter      = "zone_enter"
	OpGetattr    = "zone_getattr"
	OpSetattr    = "zone_setattr"
	OpList       = "zone_list"
	OpLookup     = "zone_lookup"
	OpVersion    = "zone_version"
	OpAddLink    = "zone_add_datalink"
	OpRemoveLink = "zone_remove_datalink"
	OpCheckLink  = "zone_check_datalink"
	OpListLinks  = "zone_list_datalink"
	OpStart      = "start"
	OpWait       = "wait"
	OpSignal     = "signal"
	OpWatch      = "watch"
	OpMake       = "make"
	OpBootWith   = "boot_with"
	OpTable      = "table"
	OpInspect    = "inspect"
	OpMount      = "mount"
	OpUnmount    = "umount"
	OpLinkByName = "link_by_name"
	OpLinkName   = "link_name"
	OpSetAddress = "set_address"
	OpKstats     = "kstats"
	OpReport     = "report"

	OpRctlControls = "rctl_walk"
	OpRctlValues   = "getrctl"
	OpRctlUsage    = "getrctl_usage"
	OpRctlInsert   = "setrctl_insert"
	OpRctlReplace  = "setrctl_replace"
	OpRctlDelete   = "setrctl_delete"
)

// Request asks the kernel. Which fields count depends on Op.
type Request struct {
	V     int       `json:"v"`
	Op    string    `json:"op"`
	Trace bool      `json:"trace,omitempty"` // the reply is to have the spans of this call
	ID    zone.ID   `json:"id,omitempty"`
	Attr  zone.Attr `json:"attr,omitempty"`
	Buf   []byte    `json:"buf,omitempty"`
	Room  int       `json:"room,omitempty"` // bytes or elements that the caller has room for
	Null  bool      `json:"null,omitempty"` // the caller gave no buffer
	Name  string    `json:"name,omitempty"`
	Def   *zone.Def `json:"def,omitempty"`

	Definition *zone.Definition `json:"definition,omitempty"`
	Steps      []zone.Step      `json:"steps,omitempty"`
	Mounts     []zone.Mount     `json:"mounts,omitempty"`

	Link   zone.LinkID `json:"link,omitempty"`
	Cmd    *Cmd        `json:"cmd,omitempty"`
	Handle int64       `json:"handle,omitempty"` // a process that was started
	Signal int         `json:"signal,omitempty"`
	Point  string      `json:"point,omitempty"`
	Force  bool        `json:"force,omitempty"`
	Prefix string      `json:"prefix,omitempty"`
	Add    bool        `json:"add,omitempty"`
	Value  *rctl.Value `json:"value,omitempty"`
	Old    *rctl.Value `json:"old,omitempty"` // that Value takes the place of
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

// Reply is the kernel's answer.
type Reply struct {
	Err *zone.Error `json:"err,omitempty"` // nil when the call succeeded

	Name   string          `json:"name,omitempty"`
	N      int64           `json:"n,omitempty"`
	Buf    []byte          `json:"buf,omitempty"`
	IDs    []zone.ID       `json:"ids,omitempty"`
	Links  []zone.LinkID   `json:"links,omitempty"`
	Handle int64           `json:"handle,omitempty"`
	Exit   zone.ExitStatus `json:"exit"`
	Events []zone.Event    `json:"events,omitempty"`
	Kstats []zone.Kstat    `json:"kstats,omitempty"`
	Report *zone.Report    `json:"report,omitempty"`
	Table  *zone.Table     `json:"table,omitempty"`
	Info   *zone.Info      `json:"info,omitempty"`

	Outcome *zone.Outcome `json:"outcome,omitempty"`
	Spans   []trace.Span  `json:"spans,omitempty"`

	Controls []rctl.Control `json:"controls,omitempty"`
	Values   []rctl.Value   `json:"values,omitempty"`
	Usage    uint64         `json:"usage,omitempty"`
}

// DecodeRequest reads a request from anybody.
func DecodeRequest(message []byte) (*Request, error) {
	r := new(Request)
	if err := json.Unmarshal(message, r); err != nil {
		return nil, &zone.Error{Op: "request", Errno: errno.EINVAL, Text: err.Error()}
	}
	if r.V != Version {
		return nil, &zone.Error{Op: "request", Errno: errno.EINVAL,
			Text: fmt.Sprintf("it is of version %d, this kernel speaks %d: use programs of one release", r.V, Version)}
	}
	return r, nil
}

// DecodeReply reads a reply.
func DecodeReply(message []byte) (*Reply, error) {
	r := new(Reply)
	if err := json.Unmarshal(message, r); err != nil {
		return nil, fmt.Errorf("reply of the kernel process: %w", err)
	}
	return r, nil
}
