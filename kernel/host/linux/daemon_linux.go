package linux

import (
	"encoding/binary"
	"fmt"
	"path/filepath"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
)

// OpenDaemon opens the door of a zone's zoneadmd, which is below this kernel's
// run folder whatever the system's path is.
func (h *Host) OpenDaemon(path string) (host.Daemon, error) {
	conn, err := door.Dial(filepath.Join(h.options.RunDir, filepath.Base(path)))
	if err != nil {
		return nil, hostErrno(err)
	}
	return daemon{conn}, nil
}

type daemon struct{ conn *door.Conn }

// Layout of zone_cmd_arg_t: uniqid, cmd, debug, locale, bootbuf.
const (
	cmdArgSize    = 1296
	cmdOffset     = 8
	localeOffset  = 16
	bootBufOffset = localeOffset + 1024
	bootBufSize   = 256
)

// Call sends the request as it crosses the door.
func (d daemon) Call(r *host.DaemonRequest) error {
	raw := make([]byte, cmdArgSize)
	binary.LittleEndian.PutUint64(raw, r.UniqID)
	binary.LittleEndian.PutUint32(raw[cmdOffset:], uint32(r.Cmd))
	copy(raw[localeOffset:bootBufOffset-1], r.Locale)
	copy(raw[bootBufOffset:bootBufOffset+bootBufSize-1], r.BootArgs)
	reply, files, err := d.conn.Call(raw)
	for _, f := range files {
		f.Close()
	}
	if err != nil {
		return fmt.Errorf("%w", errno.EBADF) // the daemon has gone
	}
	if len(reply) == 0 {
		return errno.EAGAIN // it is going: try again with the next
	}
	return nil
}

func (d daemon) Close() error { return d.conn.Close() }
