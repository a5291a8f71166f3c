package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The steps of a run, in their order.
const (
	stepBundle = "bundle" // cross-compile the tests
	stepBoot   = "boot"   // start the guest; until ssh lets us in
	stepCopy   = "copy"   // the bundle to the guest
	stepTests  = "tests"  // once for each of -as
	stepFetch  = "fetch"  // files that the tests wrote
	stepOff    = "off"    // power off
)

var steps = []string{stepBundle, stepBoot, stepCopy, stepTests, stepFetch, stepOff}

// guestDir is where the bundle is on the guest; not /tmp, which is memory on illumos.
const guestDir = "/var/tmp/zones-omnios"

// run is one run of the harness.
type run struct {
	*options
	say     io.Writer
	started int    // steps, for the names of the logs
	dir     string // temporary files: keys, seed, bundle
	guest   *guest
	ssh     *session
	results *results
}

func newRun(o *options, say io.Writer) *run { return &run{options: o, say: say} }

// all makes every step, and reports whether all tests passed.
func (r *run) all(ctx context.Context) (passed bool, err error) {
	if r.dir, err = os.MkdirTemp("", "zones-omnios"); err != nil {
		return false, err
	}
	defer os.RemoveAll(r.dir)
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return false, err
	}
	defer func() {
		if r.guest != nil {
			r.guest.stop()
		}
	}()
	r.results = &results{}
	err = r.make(ctx)
	// Tests that ended before a failure are results, too.
	if werr := r.results.write(r.out, r.say); werr != nil {
		return false, errors.Join(err, werr)
	}
	if err != nil {
		r.showConsole()
	}
	return r.results.passed(), err
}

func (r *run) make(ctx context.Context) error {
	if r.bundle == "" {
		r.bundle = filepath.Join(r.dir, "bundle")
		if err := r.step(ctx, stepBundle, r.makeBundle); err != nil {
			return err
		}
	}
	if err := r.step(ctx, stepBoot, r.bootGuest); err != nil {
		return err
	}
	if err := r.step(ctx, stepCopy, func(ctx context.Context, _ io.Writer) error {
		return r.ssh.copyIn(ctx, r.bundle, guestDir)
	}); err != nil {
		return err
	}
	for _, who := range r.as {
		if err := r.step(ctx, stepTests, func(ctx context.Context, log io.Writer) error {
			return r.runTests(ctx, who, log)
		}); err != nil {
			return err
		}
	}
	if err := r.step(ctx, stepFetch, func(ctx context.Context, _ io.Writer) error {
		return r.ssh.copyOut(ctx, guestDir+"/files", filepath.Join(r.out, "files"))
	}); err != nil {
		return err
	}
	return r.step(ctx, stepOff, r.powerOff)
}

// overLimit is the error of a step that took too long.
type overLimit struct {
	step  string
	limit time.Duration
}

func (e *overLimit) Error() string {
	return fmt.Sprintf("step %s took longer than %v: see the console, or give it more time with -limit %s=DURATION", e.step, e.limit, e.step)
}

// step makes one step, with its limit and its log.
func (r *run) step(ctx context.Context, name string, do func(context.Context, io.Writer) error) error {
	r.started++
	path := filepath.Join(r.out, fmt.Sprintf("%d-%s.log", r.started, name))
	log, err := os.Create(path)
	if err != nil {
		return err
	}
	defer log.Close()
	limit := r.limits[name]
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &overLimit{name, limit})
	defer cancel()
	fmt.Fprintf(r.say, "%-8s", name)
	begin := time.Now()
	err = do(ctx, log)
	// A program that was killed because of the limit only says that it was killed.
	if ctx.Err() != nil && err != nil {
		err = context.Cause(ctx)
	}
	took := time.Since(begin).Round(100 * time.Millisecond)
	if err == nil {
		fmt.Fprintf(r.say, "%v\n", took)
		fmt.Fprintf(log, "%s: %v\n", name, took)
		return nil
	}
	fmt.Fprintf(r.say, "failed after %v, see %s\n", took, path)
	fmt.Fprintf(log, "%s failed after %v: %v\n", name, took, err)
	return fmt.Errorf("%s: %w", name, err)
}

func (r *run) makeBundle(ctx context.Context, log io.Writer) error {
	bundle := exec.CommandContext(ctx, filepath.Join(r.source, "ci/omnios/bundle.sh"), r.bundle)
	bundle.Stdout, bundle.Stderr = log, log
	bundle.WaitDelay = time.Second
	if err := bundle.Run(); err != nil {
		return fmt.Errorf("%v: %w", bundle.Args, err)
	}
	return nil
}

func (r *run) runTests(ctx context.Context, who string, log io.Writer) error {
	stream := r.results.reader(who)
	err := r.ssh.run(ctx, r.ssh.asRoot("sh "+guestDir+"/run.sh "+who), nil, io.MultiWriter(log, stream))
	if ended := stream.close(); !ended {
		return errors.Join(err, fmt.Errorf("the tests as %s did not end", who))
	}
	// The results say what failed, and the status of run.sh nothing else.
	return nil
}

func (r *run) powerOff(ctx context.Context, log io.Writer) error {
	// The connection may end before the command does.
	err := r.ssh.run(ctx, r.ssh.asRoot("PATH=$PATH:/usr/sbin:/sbin poweroff"), nil, log)
	select {
	case <-r.guest.exited:
		return nil
	case <-ctx.Done():
		return errors.Join(err, context.Cause(ctx))
	}
}

// showConsole prints the end of what the guest has printed.
func (r *run) showConsole() {
	if r.guest == nil {
		return
	}
	text := strings.TrimRight(r.guest.console.tail(16<<10), "\r\n")
	if text == "" {
		fmt.Fprintln(r.say, "The guest has printed nothing on its serial console.")
		return
	}
	fmt.Fprintf(r.say, "The guest's console, whole in %s:\n%s\n", filepath.Join(r.out, "console.log"), text)
}
