package wire

import (
	"github.com/gozones/zones/internal/anytext"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// Getattr asks for an attribute.
type Getattr struct {
	Attr zone.Attr `json:"attr"`
	Room int       `json:"room"`           // length of the caller's buffer
	Null bool      `json:"null,omitempty"` // the caller gave no buffer
	Buf  []byte    `json:"buf,omitempty"`  // the buffer's contents, for attributes that read it
}

// Attr is as much of an attribute as fits the caller's buffer, and its whole length.
type Attr struct {
	N   int    `json:"n"`
	Buf []byte `json:"buf,omitempty"`
}

// IDs are as many zones as fit the caller's buffer, and how many there are.
type IDs struct {
	N   int       `json:"n"`
	IDs []zone.ID `json:"ids,omitempty"`
}

// Links are as many links as fit the caller's buffer, and how many there are.
type Links struct {
	N     int           `json:"n"`
	Links []zone.LinkID `json:"links,omitempty"`
}

// Cmd is a [zone.Cmd] without its files, which go with the message: those that Std
// names, in their order, then Like. Login isn't sent: only illumos has it, where there is
// no kernel process.
type Cmd struct {
	Path   anytext.Text   `json:"path"`
	Args   []anytext.Text `json:"args"`
	Env    []anytext.Text `json:"env"`
	Dir    anytext.Text   `json:"dir"`
	Std    [3]bool        `json:"std"` // which of stdin, stdout and stderr go with the message
	Pty    bool           `json:"pty,omitempty"`
	TTY    bool           `json:"tty,omitempty"`  // stdin becomes the controlling terminal
	Like   bool           `json:"like,omitempty"` // a terminal goes with the message
	UID    uint32         `json:"uid,omitempty"`
	GID    uint32         `json:"gid,omitempty"`
	Groups []uint32       `json:"groups,omitempty"`
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

// Unmount is what to unmount.
type Unmount struct {
	Point string `json:"point"`
	Force bool   `json:"force,omitempty"`
}

// Address is an address to add to a link, or to remove.
type Address struct {
	Prefix string `json:"prefix"`
	Add    bool   `json:"add,omitempty"`
}

// Replace is a value of a resource control, and the one that it replaces.
type Replace struct {
	Old   rctl.Value `json:"old"`
	Value rctl.Value `json:"value"`
}
