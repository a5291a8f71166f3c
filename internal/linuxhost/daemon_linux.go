package linuxhost

import (
	"path/filepath"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// OpenDaemon opens the door of a zone's zoneadmd. It is always below this kernel's run
// directory, whatever the path in illumos is.
func (h *Host) OpenDaemon(path string) (host.Daemon, error) {
	conn, err := door.Dial(filepath.Join(h.options.RunDir, filepath.Base(path)))
	if err != nil {
		return nil, err
	}
	return daemon{conn}, nil
}

type daemon struct{ conn *door.Conn }

// Call sends the request in its door format.
func (d daemon) Call(r *host.DaemonRequest) error {
	request := zone.CommandRequest{UniqID: r.UniqID, Command: zone.Command(r.Cmd), Locale: r.Locale, BootArgs: r.BootArgs}
	raw, err := request.MarshalBinary()
	if err != nil {
		return &zone.Error{Op: "door_call", Errno: errno.EINVAL, Text: err.Error()}
	}
	reply, files, err := d.conn.Call(raw)
	for _, f := range files {
		f.Close()
	}
	if err != nil {
		return &zone.Error{Op: "door_call", Errno: errno.EBADF, Text: err.Error()} // the daemon has exited
	}
	if len(reply) == 0 {
		return errno.EAGAIN // it is exiting: retry with the next one
	}
	return nil
}

func (d daemon) Close() error { return d.conn.Close() }
