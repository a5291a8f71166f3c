package zoneadm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/internal/zoneadmd/launch"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
)

// Doors reaches the zoneadmd of each zone by the door that it has in the run
// folder, and starts it where none answers.
type Doors struct {
	RunDir string
	Root   string // alternate root (-R), "" for none
	// Lock takes the zone's lock, under which a zoneadmd is looked for and started.
	Lock func(name string) (unlock func(), err error)
	Err  io.Writer // for what a starting zoneadmd says
	// Launch starts a zone's zoneadmd and returns when its door is open. nil: it is
	// started from its program.
	Launch func(name string) error

	early *early // a zoneadmd that was started before it was needed; nil: none
}

// early is a zoneadmd on its way up, with a connection to it.
type early struct {
	zone     string
	conn     *door.Conn
	starting *launch.Starting
}

// Prepare has a zone's zoneadmd start while there is something else to do, if none
// is there. Nothing is lost when no request follows: it exits after Drop, or with this
// process.
// No lock is taken, for none would be held until the request: the daemon sees to it
// that there is one of it, and that the zone is in a state to be managed.
func (d *Doors) Prepare(name string) {
	if _, err := os.Lstat(d.path(name)); d.Launch != nil || d.Root != "" || d.early != nil || !errors.Is(err, fs.ErrNotExist) {
		return
	}
	path, ours, err := program()
	if err != nil || !ours {
		return
	}
	conn, theirs, err := door.Pair()
	if err != nil {
		return
	}
	defer theirs.Close()
	starting, err := launch.Begin(path, name, theirs)
	if err != nil {
		conn.Close()
		return
	}
	d.early = &early{name, conn, starting}
}

// Drop closes the connection to a zoneadmd that Prepare has started and that got no
// request.
func (d *Doors) Drop() {
	e := d.early
	if e == nil {
		return
	}
	d.early = nil
	e.conn.Close()
	go e.starting.Wait(io.Discard)
}

// requestEarly makes a request of the zoneadmd that Prepare has started. ok is false
// when there is none, or it did not come up: then the ordinary way tells why.
func (d *Doors) requestEarly(name string, raw []byte) (reply zone.CommandReply, ok bool, err error) {
	e := d.early
	if e == nil || e.zone != name {
		return reply, false, nil
	}
	d.early = nil
	defer e.conn.Close()
	answer, files, err := e.conn.Call(raw)
	for _, f := range files {
		f.Close()
	}
	var said bytes.Buffer
	if started := e.starting.Wait(&said); started != 0 || len(answer) == 0 {
		return reply, false, nil
	}
	if said.Len() > 0 {
		d.Err.Write(said.Bytes())
	}
	if err == nil {
		err = reply.UnmarshalBinary(answer)
	}
	return reply, true, err
}

// NewDoors returns the way to the daemons of a run folder for a command that isn't
// zoneadm itself. errs gets what goes wrong.
func NewDoors(runDir string, errs io.Writer) *Doors {
	return &Doors{RunDir: runDir, Err: errs, Lock: func(name string) (func(), error) {
		return lockZone(context.Background(), runDir, name)
	}}
}

// Start makes sure that a zone's zoneadmd runs.
func (d *Doors) Start(name string) error {
	conn, err := d.open(name)
	if err != nil {
		return err
	}
	return conn.Close()
}

// systemDaemon is where illumos has it.
const systemDaemon = "/usr/lib/zones/zoneadmd"

// program is the daemon to start: the one that is asked for by ZONES_ZONEADMD, the
// system's own, or, where there is none, this project's.
func program() (path string, ours bool, err error) {
	if path := os.Getenv("ZONES_ZONEADMD"); path != "" {
		return path, false, nil
	}
	if _, err := os.Stat(systemDaemon); err == nil {
		return systemDaemon, false, nil
	}
	path, err = locate.Find("zoneadmd-go", "ZONES_ZONEADMD")
	return path, true, err
}

// ErrNoDaemon is that of a zoneadmd that can't be started; it has said why itself.
var ErrNoDaemon = errors.New("could not start zoneadmd")

func (d *Doors) path(name string) string {
	return filepath.Join(d.Root+d.RunDir, name+".zoneadmd_door")
}

// attempts bounds how often a request is made anew because the daemon that got it
// was just leaving: one that ends at every request is no daemon.
const attempts = 10

// Request passes a request on. A daemon that is leaving answers nothing: the next
// one is asked. While somebody records, what this project's daemon does is recorded, too.
func (d *Doors) Request(name string, r zone.CommandRequest) (zone.CommandReply, error) {
	if trace.Active() {
		_, ours, err := program()
		r.Trace = ours && err == nil
	}
	reply, err := d.request(name, r)
	if reply.Trace != "" {
		var spans []trace.Span
		if err := json.Unmarshal([]byte(reply.Trace), &spans); err == nil {
			trace.Add(spans)
		}
	}
	return reply, err
}

func (d *Doors) request(name string, r zone.CommandRequest) (zone.CommandReply, error) {
	defer trace.Begin(trace.Call, "zoneadmd "+r.Command.String())()
	raw, err := r.MarshalBinary()
	if err != nil {
		return zone.CommandReply{}, err
	}
	if reply, ok, err := d.requestEarly(name, raw); ok {
		return reply, err
	}
	for range attempts {
		conn, err := d.open(name)
		if err != nil && gone(err) {
			continue // the daemon came and went
		}
		if err != nil {
			return zone.CommandReply{}, err
		}
		answer, files, err := conn.Call(raw)
		conn.Close()
		for _, f := range files {
			f.Close()
		}
		if err == nil && len(answer) > 0 {
			var reply zone.CommandReply
			return reply, reply.UnmarshalBinary(answer)
		}
		if err != nil && !gone(err) {
			return zone.CommandReply{}, fmt.Errorf("door_call failed: %s", reason(err))
		}
	}
	return zone.CommandReply{}, fmt.Errorf("zoneadmd of zone %s left %d times before it answered", name, attempts)
}

// gone tells that a door has lost its server.
func gone(err error) bool {
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.EPIPE, syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.ENOENT, syscall.EBADF} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Notify asks a zoneadmd that is there and doesn't wait for one to come.
func (d *Doors) Notify(name string, r zone.CommandRequest) {
	conn, err := door.Dial(d.path(name))
	if err != nil {
		return
	}
	defer conn.Close()
	if raw, err := r.MarshalBinary(); err == nil {
		conn.Call(raw)
	}
}

// open dials the zone's door, with its zoneadmd started if need be.
func (d *Doors) open(name string) (*door.Conn, error) {
	unlock, err := d.Lock(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoDaemon, err)
	}
	defer unlock()
	conn, err := door.Dial(d.path(name))
	if err == nil || !gone(err) {
		return conn, err
	}
	if err := d.start(name); err != nil {
		return nil, err
	}
	return door.Dial(d.path(name))
}

// start runs a zone's zoneadmd, which returns when its door is open.
func (d *Doors) start(name string) error {
	if d.Launch != nil {
		return d.Launch(name)
	}
	path, ours, err := program()
	if err != nil {
		fmt.Fprintln(d.Err, err)
		return ErrNoDaemon
	}
	if ours && d.Root == "" {
		// This project's is started by itself, not by another process of its program.
		if launch.Start(path, name, d.Err) != 0 {
			return ErrNoDaemon
		}
		return nil
	}
	arguments := []string{"-z", name}
	if d.Root != "" {
		arguments = append(arguments, "-R", d.Root)
	}
	command := exec.Command(path, arguments...)
	command.Dir = "/"
	command.Env = daemonEnvironment(os.Environ())
	// A file is handed over as it is, so that what the daemon says is never lost, and
	// a daemon that keeps its standard error holds up nobody.
	command.Stderr = d.Err
	command.WaitDelay = time.Second
	if err := command.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			fmt.Fprintln(d.Err, err) // it didn't run and so has said nothing
		}
		return ErrNoDaemon
	}
	return nil
}

// daemonEnvironment is what a zoneadmd gets: nothing of the caller's but where the
// zones are and how programs of this project are found.
func daemonEnvironment(callers []string) []string {
	env := append([]string{lockHeld + "=1", "PATH=/usr/sbin:/usr/bin"}, initSettings("/etc/default/init")...)
	for _, setting := range callers {
		if strings.HasPrefix(setting, "ZONES_") || strings.HasPrefix(setting, "XDG_RUNTIME_DIR=") {
			env = append(env, setting)
		}
	}
	return env
}

// initSettings are the settings that the system's init gives to what it starts: the
// lines NAME=VALUE of its file, quoted or not. CMASK is about the file mode mask, not
// a setting.
func initSettings(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var settings []string
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || name == "" || name[0] == '#' || name == "CMASK" {
			continue
		}
		if len(value) > 1 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
			value = value[1 : len(value)-1]
		}
		settings = append(settings, name+"="+value)
	}
	return settings
}
