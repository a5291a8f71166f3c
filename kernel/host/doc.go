// Package host is the border between the embedded kernel and the machine it
// runs on. The kernel keeps every rule (states, ids, counts, permissions); a
// [Host] makes them true for something: host/sim answers in memory, host/linux
// starts real isolated processes. No other code of the kernel makes a system call.
package host
