package zoneadmd

import (
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

// StopTimeout is how long the service that stops zones may take, which is how long a
// shutdown may; 0 where the system has no such service.
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

// shutdown asks the zone to end by itself and waits until it is halted, which is
// then asked for by the kernel. The daemon lock is free meanwhile.
// Preconditions: the daemon lock is held; it is again on return.
func (d *Daemon) shutdown(r *request) error {
	if d.shuttingDown {
		return r.fail(nil, "shutdown already in progress")
	}
	s, err := d.open(r, true)
	if err != nil {
		return err
	}
	d.shuttingDown = true
	defer func() { d.shuttingDown = false }()
	if err := s.askToEnd(); err != nil {
		s.say("shutdown: %s", reason(err))
		return r.fail(nil, "unable to shutdown zone")
	}
	if !d.waitHalted(time.Now().Add(d.ShutdownTimeout)) {
		return r.fail(nil, "unable to shutdown zone")
	}
	return nil
}

// askToEnd runs the brand's command for that inside the zone.
func (s *setup) askToEnd() error {
	command := s.brand.Command(brand.Shutdown, s.Zone, s.path)
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
	// The zone may be gone before the command is: that isn't its failure.
	s.requests.Unlock()
	status, err := process.Wait()
	s.requests.Lock()
	if err == nil && (status.Code != 0 || status.Signal != 0) {
		if state, e := s.Daemon.state(); e == nil && state <= zonecfg.Running && state > zonecfg.Ready {
			return &told{text: command + " failed in the zone"}
		}
	}
	return err
}

// waitHalted waits until the zone is installed; false when it isn't in time.
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
