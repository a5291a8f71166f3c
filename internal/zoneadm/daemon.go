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

// Doors connects to the zoneadmd of each zone by its door in the run directory, and starts
// it if it doesn't run.
type Doors struct {
	RunDir string
	Root   string // alternate root (-R), "" for none
	// Lock takes the zone's lock, which is held while a zoneadmd is looked up and started.
	Lock func(name string) (unlock func(), err error)
	Err  io.Writer // for what a starting zoneadmd says
	// Launch starts a zone's zoneadmd and returns when its door is open. If it is nil, the
	// program of zoneadmd is started.
	Launch func(name string) error

	early *early // a zoneadmd started by Prepare; nil if there is none
}

// early is a zoneadmd that is starting, and a connection to it.
type early struct {
	zone     string
	conn     *door.Conn
	starting *launch.Starting
}

// Prepare starts a zone's zoneadmd in advance, if it doesn't run. Without a request it
// exits after Drop, or when this process exits.
//
// Prepare doesn't take the lock, which couldn't be held until the request. The daemon
// itself makes sure that it is the only one, and checks the state of the zone.
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

// Drop closes the connection to a zoneadmd that was started by Prepare and has received no
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

// requestEarly sends a request to the zoneadmd started by Prepare. ok is false if there is
// none or if it failed to start; starting it again then reports the reason.
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

// NewDoors returns Doors of a run directory for a program other than zoneadm. errs receives
// the messages of a starting daemon.
func NewDoors(runDir string, errs io.Writer) *Doors {
	return &Doors{RunDir: runDir, Err: errs, Lock: func(name string) (func(), error) {
		return lockZone(context.Background(), runDir, name)
	}}
}

// Start starts a zone's zoneadmd if it doesn't run.
func (d *Doors) Start(name string) error {
	conn, err := d.open(name)
	if err != nil {
		return err
	}
	return conn.Close()
}

// systemDaemon is the path of the daemon on illumos.
const systemDaemon = "/usr/lib/zones/zoneadmd"

// program returns the program of the daemon: that of ZONES_ZONEADMD, the system's, or this
// project's if there is no other.
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

// ErrNoDaemon is returned if zoneadmd can't be started. zoneadmd itself prints the reason.
var ErrNoDaemon = errors.New("could not start zoneadmd")

func (d *Doors) path(name string) string {
	return filepath.Join(d.Root+d.RunDir, name+".zoneadmd_door")
}

// attempts limits how often a request is repeated because the daemon was just exiting.
const attempts = 10

// Request sends a request. If the daemon sends an empty reply because it is exiting, the
// request is repeated with the next one. While a trace is being recorded, the spans of
// this project's daemon are added to it.
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
	pause := time.Millisecond
	for try := range attempts {
		if try > 0 {
			// The daemon that is exiting answers nothing until it has closed its door.
			time.Sleep(pause)
			pause *= 2
		}
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
	return zone.CommandReply{}, fmt.Errorf("zoneadmd of zone %s exited %d times before it answered", name, attempts)
}

// gone reports whether an error means that the server of a door has exited.
func gone(err error) bool {
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.EPIPE, syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.ENOENT, syscall.EBADF} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Notify sends a request if a zoneadmd runs.
func (d *Doors) Notify(name string, r zone.CommandRequest) {
	conn, err := door.Dial(d.path(name))
	if err != nil {
		return
	}
	defer conn.Close()
	if raw, err := r.MarshalBinary(); err == nil {
		_, _, _ = conn.Call(raw)
	}
}

// open connects to the zone's door, after starting zoneadmd if necessary.
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

// start starts a zone's zoneadmd and returns when its door is open.
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
		// Ours can be started directly, without a parent process that waits for it.
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
	// A file is passed to the daemon itself, so that no message is lost and a daemon that
	// keeps its standard error open doesn't block us.
	command.Stderr = d.Err
	command.WaitDelay = time.Second
	if err := command.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			fmt.Fprintln(d.Err, err) // it didn't run, so it printed nothing
		}
		return ErrNoDaemon
	}
	return nil
}

// daemonEnvironment returns the environment of zoneadmd. Of the caller's it has only the
// variables that say where zones and the programs of this project are.
func daemonEnvironment(callers []string) []string {
	env := append([]string{lockHeld + "=1", "PATH=/usr/sbin:/usr/bin"}, initSettings("/etc/default/init")...)
	for _, setting := range callers {
		if strings.HasPrefix(setting, "ZONES_") || strings.HasPrefix(setting, "XDG_RUNTIME_DIR=") {
			env = append(env, setting)
		}
	}
	return env
}

// initSettings returns the environment that the system's init gives to its children: the
// lines NAME=VALUE of a file, quoted or not. CMASK is the file mode mask.
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
