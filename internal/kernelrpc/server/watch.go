package server

// watch sends state changes of the zones of a name, "" for all, until the caller
// disconnects or the kernel is closed. The first reply has none; every change after it is
// sent.
func (c *caller) watch(name string) {
	w := c.kernel.WatchZone(name)
	defer w.Close()
	if c.send(nil, nil, nil) != nil {
		return
	}
	disconnected := c.disconnected()
	for more := true; more; {
		select {
		case <-disconnected:
			return
		case <-w.More():
		}
		events, open := w.Events()
		if len(events) > 0 && c.send(events, nil, nil) != nil {
			return
		}
		more = open
	}
}
