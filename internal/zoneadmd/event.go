package zoneadmd

import "sync"

// eventKind is a kind of event that is shown to the console's client.
type eventKind int

const (
	eventNone eventKind = iota // only wakes the console: a request has been handled
	eventBoot
	eventReady
	eventHalt
	eventReboot
	eventUninstall
	eventBootFailed
	eventBadArgs
	eventKernelGone // never shown: the daemon exits
)

type event struct {
	kind eventKind
	args string
}

// text returns what the client is shown, or "". leaving reports whether a client that
// asked for it is disconnected.
func (e event) text(disconnect bool) (text string, leaving bool) {
	with := func(text, args string) string {
		if args == "" {
			return text
		}
		return text + " with arguments: " + args
	}
	final := func(text string) (string, bool) {
		if disconnect {
			return text + ".  Disconnecting...", true
		}
		return text, false
	}
	switch e.kind {
	case eventBoot:
		return with("NOTICE: Zone booting up", e.args), false
	case eventReady:
		return "NOTICE: Zone readied", false
	case eventHalt:
		return final("NOTICE: Zone halted")
	case eventReboot:
		return with("NOTICE: Zone rebooting", e.args), false
	case eventUninstall:
		return "NOTICE: Zone is being uninstalled.  Disconnecting...", true
	case eventBootFailed:
		return final("NOTICE: Zone boot failed")
	case eventBadArgs:
		return "WARNING: Ignoring invalid boot arguments: " + e.args, false
	}
	return "", false
}

// queue holds events for the console. put never blocks, because its caller holds the
// daemon lock, which the console may be waiting for.
type queue struct {
	mu    sync.Mutex // guards waiting; no other lock is taken under it
	list  []event
	ready chan struct{} // has a token while the list isn't empty
}

func (q *queue) init() { q.ready = make(chan struct{}, 1) }

func (q *queue) put(e event) {
	q.mu.Lock()
	q.list = append(q.list, e)
	q.mu.Unlock()
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take removes and returns all events.
func (q *queue) take() []event {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.list
	q.list = nil
	return list
}
