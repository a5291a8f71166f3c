package kernel

import "time"

// Hz is the number of clock ticks in a second.
const Hz = 100

// Clock is the kernel's time. A test injects one that it moves by hand.
type Clock interface {
	// Ticks returns the ticks since boot (lbolt), 100 a second.
	Ticks() int64
	// Seconds returns the wall clock in seconds since 1970.
	Seconds() int64
	// AfterTicks calls f after that many ticks, in a goroutine of its own or in the caller
	// that moves the clock.
	AfterTicks(ticks int64, f func()) Timer
}

// Timer is a call that a [Clock] will make.
type Timer interface {
	// Stop prevents the call if it has not been made yet.
	Stop()
}

// realClock is the host's clock.
type realClock struct{ boot time.Time }

type realTimer struct{ *time.Timer }

func (t realTimer) Stop() { t.Timer.Stop() }

func (c realClock) Ticks() int64 { return int64(time.Since(c.boot) / (time.Second / Hz)) }

func (c realClock) Seconds() int64 { return time.Now().Unix() }

func (c realClock) AfterTicks(ticks int64, f func()) Timer {
	return realTimer{time.AfterFunc(time.Duration(ticks)*time.Second/Hz, f)}
}
