//go:build unix && !illumos

// Package syslog writes to the system's log. It stands apart from package posix, because
// it links the network.
package syslog

import "log/syslog"

// Open connects to the system's log as a daemon. write logs an error.
func Open(name string) (write func(text string) error, err error) {
	w, err := syslog.New(syslog.LOG_ERR|syslog.LOG_DAEMON, name)
	if err != nil {
		return nil, err
	}
	return w.Err, nil
}
