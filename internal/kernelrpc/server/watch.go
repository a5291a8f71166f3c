package server

import "github.com/gozones/zones/sys/zone"

// watch sends state changes of the zones of a name, "" for all, until the caller
// disconnects or the kernel is closed. A reply without any comes first: what changes
// after that is sent.
func (c *caller) watch(name string) {
	w := c.kernel.WatchZone(name)
	defer w.Close()
	if c.send(nil, nil, nil) != nil {
		return
	}
	disconnected := make(chan struct{})
	go func() {
		defer close(disconnected)
		_, files, _ := c.conn.Receive() // no request may follow on this connection
		closeAll(files)
	}()
	for more := true; more; {
		select {
		case <-disconnected:
			return
		case <-w.More():
		}
		events, open := w.Events()
		changes := make([]zone.Event, len(events))
		for i, e := range events {
			changes[i] = zone.Event{ID: e.ID, Name: e.Name, Old: e.Old, New: e.New, Status: e.Status}
		}
		if len(changes) > 0 && c.send(changes, nil, nil) != nil {
			return
		}
		more = open
	}
}
