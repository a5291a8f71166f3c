package linuxhost

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

// SetAttr applies an attribute to the zone's processes if Linux can; the kernel keeps
// and reports the others. A scheduling class is for the programs that are started from now
// on.
func (h *Host) SetAttr(key host.ZoneKey, attr zone.Attr, value []byte) error {
	z, err := h.zone(key)
	if err != nil {
		return err
	}
	switch attr {
	case zone.AttrPhysMcap:
		return z.capMemory(value)
	case zone.AttrHostID:
		if bytes.Equal(value, noHostID) {
			return nil
		}
		_, _, err = z.sandbox.ask(&request{Op: opHostID, HostID: value})
		return err
	case zone.AttrSchedClass:
		z.mu.Lock()
		defer z.mu.Unlock()
		z.policy = policies[string(value)]
	}
	return nil
}

// noHostID is the value of a zone that has the host's.
var noHostID = []byte{0xff, 0xff, 0xff, 0xff}

// policies are the scheduling policies of classes. FSS is the share of the control group,
// and Linux' own scheduler among the programs of the zone, as is IA.
var policies = map[string]int{"FX": unix.SCHED_BATCH, "RT": unix.SCHED_RR}

// capMemory sets the cap of physical memory, a number of bytes in the kernel's encoding.
func (z *hostZone) capMemory(value []byte) error {
	const size = 8
	if len(value) != size {
		return fmt.Errorf("physical memory cap of %d bytes: %w", len(value), unix.EINVAL)
	}
	limit := binary.LittleEndian.Uint64(value)
	if limit == 0 {
		limit = host.NoLimit
	}
	return z.group.set(cappedMemory, limit)
}

// hostIDFile is where C libraries of Linux find the host id: four bytes in the order of the
// processor.
const hostIDFile = "/etc/hostid"

// writeHostID writes the host id of the zone, in zsched. A file that the zone has there is
// replaced; anything else, and a link, is refused.
func writeHostID(raw []byte) error {
	const size = 4
	if len(raw) != size {
		return failed(zschedName, opHostID, unix.EINVAL)
	}
	dir, err := openInside("/etc", unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	const temporary = ".hostid.zsched"
	if err := unix.Unlinkat(dir, temporary, 0); err != nil && err != unix.ENOENT {
		return failed("unlinkat", "/etc/"+temporary, err)
	}
	fd, err := unix.Openat(dir, temporary, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return failed("openat", "/etc/"+temporary, err)
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, binary.NativeEndian.AppendUint32(nil, binary.LittleEndian.Uint32(raw)))
	if err == nil {
		err = unix.Fchmod(fd, 0o644)
	}
	if err == nil {
		err = unix.Renameat(dir, temporary, dir, "hostid")
	}
	if err != nil {
		_ = unix.Unlinkat(dir, temporary, 0)
		return failed("write", hostIDFile, err)
	}
	return nil
}
