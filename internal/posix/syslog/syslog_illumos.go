// Package syslog writes to the system's log, which syslogd reads from the device /dev/log.
package syslog

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// device takes the messages of processes. It is a stream: a message is a head and a text. A test
// replaces it.
var device = "/dev/conslog"

// head is struct log_ctl, the control part of a message (<sys/strlog.h>).
type head struct {
	_        [2]int16 // mid, sid: the log's own
	Level    int8
	_        int8
	Flags    int16
	_        [3]int32 // ltime, ttime, seq_no: the log sets them
	Priority int32
}

const (
	toConsole   = 0x10                    // SL_CONSOLE: what every message of a process has
	daemonError = 3<<3 | 3                // LOG_DAEMON | LOG_ERR
	longest     = 1024                    // LOG_MAXPS: of a text with its NUL; the log refuses longer ones (ERANGE)
	messageID   = 100000 + 602911         // STRLOG_MAKE_MSGID of the format "%s", which is zoneadmd's
	words       = "FACILITY_AND_PRIORITY" // syslogd puts theirs in the place of this
)

// Open opens the system's log for a daemon. write logs an error, as syslog(3C) does.
func Open(name string) (write func(text string) error, err error) {
	fd, err := unix.Open(device, unix.O_WRONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", device, err)
	}
	control, _ := binary.Append(nil, binary.LittleEndian, head{Flags: toConsole, Priority: daemonError}) // its size is fixed
	return func(text string) error {
		line := fmt.Appendf(nil, "%s %s[%d]: [ID %d %s] %s\n", time.Now().Format(time.Stamp), name, os.Getpid(), messageID, words, text)
		line = append(line[:min(len(line), longest-1)], 0)
		for {
			if err := unix.Putmsg(fd, control, line, 0); err != unix.EINTR {
				return err
			}
		}
	}, nil
}
