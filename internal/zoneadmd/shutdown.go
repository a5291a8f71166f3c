package zoneadmd

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Defaults of a graceful shutdown.
const (
	usualShutdown = "/sbin/init 0"
	shell         = "/bin/sh"
)

// StopTimeout returns the timeout of the service that stops zones, which also limits a
// shutdown; 0 if the system has no such service.
func StopTimeout() time.Duration {
	const svcprop = "/usr/bin/svcprop"
	if _, err := os.Stat(svcprop); err != nil {
		return 0
	}
	out, err := exec.Command(svcprop, "-p", "stop/timeout_seconds", "svc:/system/zones:default").Output()
	if err != nil {
		return 0
	}
	seconds, err := strconv.ParseUint(strings.TrimSpace(string(out)), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// shutdown asks the zone to shut itself down and waits until it is halted; the kernel
// makes the request to halt it. The daemon lock is released meanwhile.
// Preconditions: the daemon lock is held; it is again on return.
func (d *Daemon) shutdown(r *request) error {
	if d.shuttingDown {
		return r.refuse(nil, "shutdown already in progress")
	}
	s, err := d.open(r, true)
	if err != nil {
		return err
	}
	d.shuttingDown = true
	defer func() { d.shuttingDown = false }()
	if err := s.askToEnd(); err != nil {
		return r.refuse(err, "unable to shutdown zone")
	}
	if !d.waitHalted(time.Now().Add(d.ShutdownTimeout)) {
		late := &zone.Error{Text: fmt.Sprintf("the zone is still up after %v", d.ShutdownTimeout)}
		return r.refuse(late, "unable to shutdown zone")
	}
	return nil
}

// askToEnd runs the brand's shutdown command inside the zone.
func (s *setup) askToEnd() error {
	command := s.command(brand.Shutdown)
	if command == "" {
		command = usualShutdown
	}
	process, err := s.Kernel.Start(s.r.id, &zone.Cmd{
		Path: shell, Args: []string{"sh", "-c", "exec " + command},
		Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"},
	})
	if err != nil {
		return err
	}
	defer process.Close()
	// The zone may be halted before the command exits: that isn't a failure of the
	// command.
	s.requests.Unlock()
	status, err := process.Wait()
	s.requests.Lock()
	if err == nil && (status.Code != 0 || status.Signal != 0) {
		if state, e := s.Daemon.state(); e == nil && state <= zonecfg.Running && state > zonecfg.Ready {
			return &zone.Error{Op: string(brand.Shutdown), Name: command, Text: ended(status)}
		}
	}
	return err
}

// ended describes how a command exited.
func ended(status zone.ExitStatus) string {
	if status.Signal != 0 {
		return fmt.Sprintf("terminated by signal %d", status.Signal)
	}
	return fmt.Sprintf("exit status %d", status.Code)
}

// waitHalted waits until the zone is installed. It returns false after the deadline.
func (d *Daemon) waitHalted(deadline time.Time) bool {
	for {
		if state, err := d.state(); err != nil || state == zonecfg.Installed {
			return err == nil
		}
		left := time.Until(deadline)
		if left <= 0 {
			return false
		}
		reached := d.reached
		d.requests.Unlock()
		timer := time.NewTimer(min(left, time.Second))
		select {
		case <-reached:
		case <-timer.C:
		}
		timer.Stop()
		d.requests.Lock()
	}
}
