// Package datalink translates between the names of data links (net0, vnic3) and the
// ids that zone(2) has for them, by asking dlmgmtd(8) through its door. It also adds
// IP addresses to links for zones that share the host's network stack, and ends the TCP
// connections of such zones.
//
// On systems other than illumos there is no dlmgmtd, and the calls about addresses and
// connections fail with ENOTSUP.
package datalink

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"

	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

// ID is the id of a link (datalink_id_t). 0 is no link.
type ID uint32

// Flags say which configurations have a link.
type Flags uint32

// The flags.
const (
	Active     Flags = 1 // DLMGMT_ACTIVE: the running system has it
	Persistent Flags = 2 // DLMGMT_PERSIST: it is configured for the next boot
	Transient  Flags = 4 // DLMGMT_TRANSIENT: it goes with the zone that it is in
)

// Classes of links (datalink_class_t).
const (
	VLAN        = 0x02
	Aggregation = 0x04
	VNIC        = 0x08
	Etherstub   = 0x10
)

// NameMax is the longest name of a link in bytes.
const NameMax = abi.MAXLINKNAMELEN - 1

// Link describes a data link.
type Link struct {
	ID    ID
	Name  string
	Class uint32 // DATALINK_CLASS_*: physical, vlan, aggregation, vnic
	Media uint32 // media type, DL_*
	Flags Flags
}

// Client asks dlmgmtd. The zero value asks the host's.
type Client struct {
	Door string // path of the daemon's door; "" is DefaultDoor
}

// DefaultDoor is the path of the door of the host's dlmgmtd (DLMGMT_DOOR).
const DefaultDoor = abi.DLMGMT_DOOR

// ByName returns the link with a name (DLMGMT_CMD_GETLINKID). ENOENT when there is no
// such link, or no daemon; EINVAL when no link can have the name.
func (c Client) ByName(name string) (Link, error) {
	if name == "" || len(name) > NameMax || bytes.IndexByte([]byte(name), 0) >= 0 {
		return Link{}, fmt.Errorf("link %q: %w", name, errno.EINVAL)
	}
	ask := abi.DlmgmtGetlinkid{Cmd: abi.DLMGMT_CMD_GETLINKID}
	copy(ask.Link[:], name)
	var answer abi.DlmgmtGetlinkidRetval
	if err := c.call(&ask, &answer); err != nil {
		return Link{}, fmt.Errorf("link %s: %w", name, err)
	}
	if answer.Err != 0 {
		return Link{}, fmt.Errorf("link %s: %w", name, errno.Errno(answer.Err))
	}
	return Link{ID: ID(answer.LinkID), Name: name, Class: answer.Class, Media: answer.Media, Flags: Flags(answer.Flags)}, nil
}

// ByID returns the link with an id (DLMGMT_CMD_GETNAME). ENOENT when there is no such
// link, or no daemon.
func (c Client) ByID(id ID) (Link, error) {
	ask := abi.DlmgmtGetname{Cmd: abi.DLMGMT_CMD_GETNAME, LinkID: uint32(id)}
	var answer abi.DlmgmtGetnameRetval
	if err := c.call(&ask, &answer); err != nil {
		return Link{}, fmt.Errorf("link %d: %w", id, err)
	}
	if answer.Err != 0 {
		return Link{}, fmt.Errorf("link %d: %w", id, errno.Errno(answer.Err))
	}
	name := answer.Link[:]
	if end := bytes.IndexByte(name, 0); end >= 0 {
		name = name[:end]
	}
	return Link{ID: id, Name: string(name), Class: answer.Class, Media: answer.Media, Flags: Flags(answer.Flags)}, nil
}

// BootZone tells dlmgmtd that a zone with its own network stack boots: the daemon loads the
// links that are configured in the zone (DLMGMT_CMD_ZONEBOOT). EINVAL for the global zone, EPERM
// or EACCES for callers that may not, ENOENT without a daemon.
func (c Client) BootZone(zone int32) error { return c.zone(abi.DLMGMT_CMD_ZONEBOOT, "boot", zone) }

// HaltZone tells dlmgmtd that a zone has halted: the daemon forgets the zone's links
// (DLMGMT_CMD_ZONEHALT). It fails as BootZone does.
func (c Client) HaltZone(zone int32) error { return c.zone(abi.DLMGMT_CMD_ZONEHALT, "halt", zone) }

func (c Client) zone(cmd int32, what string, zone int32) error {
	var answer abi.DlmgmtRetval
	err := c.call(&abi.DlmgmtZone{Cmd: cmd, ZoneID: zone}, &answer)
	if err == nil && answer.Err != 0 {
		err = errno.Errno(answer.Err)
	}
	if err != nil {
		return fmt.Errorf("telling dlmgmtd of the %s of zone %d: %w", what, zone, err)
	}
	return nil
}

func (c Client) call(ask, answer any) error {
	path := c.Door
	if path == "" {
		path = DefaultDoor
	}
	conn, err := door.Dial(path)
	if err != nil {
		return err
	}
	defer conn.Close()
	request, err := binary.Append(nil, binary.LittleEndian, ask)
	if err != nil {
		return err
	}
	reply, files, err := conn.Call(request)
	closeAll(files)
	if err != nil {
		return err
	}
	if len(reply) != binary.Size(answer) {
		// The reply to an unknown request is an error number only.
		if len(reply) == 4 {
			return errno.Errno(binary.LittleEndian.Uint32(reply))
		}
		return fmt.Errorf("dlmgmtd replied with %d bytes, not %d: %w", len(reply), binary.Size(answer), errno.EBADF)
	}
	_, err = binary.Decode(reply, binary.LittleEndian, answer)
	return err
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
