// Package kernel is the illumos zone subsystem in Go: the states of a zone and how
// it passes through them, ids, names, references, privileges, resource controls,
// zone-specific data, data links, statistics and events, with the results, errors
// and order of events that the C code has. It makes no system call; a [host.Host]
// carries out what concerns real processes.
//
// A [Kernel] is asked through a [Proc], the process that makes the call: the methods
// of [zone.System] are the calls for Go, [Proc.SystemCall] is a call as a program
// makes it, and [Proc.Local] is all of [zone.Kernel]. [Kernel.Global] is the process
// that may do everything:
//
//	k, err := kernel.New(kernel.Config{})
//	id, err := k.Global().Create(&zone.Def{Name: "web", Root: "/zones/web/root"})
//	err = k.Global().Boot(id)
//
// # Locks
//
// Lock order, outermost first:
//
//	mountGate of a zone
//	  pools.lock
//	    kernel lock (sched)
//	      watchers.mu
//	      sched.mu
//
// The first two are flags that the kernel lock guards: waiting for one gives the kernel
// lock up. zone_create keeps the gate shut while zsched takes pools.lock.
//
// The kernel lock guards everything whose comment doesn't say otherwise. A call of a
// process takes it with
//
//	t := p.enter()
//	defer t.leave()
//
// and the kernel itself with k.enter(), or in a new thread with k.sched.spawn. A
// sleep (thread.wait and others) gives it up, and so does a call of the host
// (thread.outside) unless Config.Inline is set. State, unique id, name and flags of
// a zone and the tables by id and by name may be read without it.
//
// Built with the tag lockorder, the package panics when the order is broken.
package kernel
