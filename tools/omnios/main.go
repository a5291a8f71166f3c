// Command omnios boots a disk image in QEMU, runs a bundle of tests on it through ssh, and
// brings the results back. ci/omnios/run builds and starts it; docs/omnios.md is its manual.
//
// A run is a list of steps (steps.go). Each has a time limit and a log. Whatever way the run
// ends, the virtual machine is gone afterwards, and if the guest was the reason, its console
// is printed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Exit statuses besides 0.
const (
	testsFailed = 1
	wrongUsage  = 2
	noResult    = 3 // a step failed, so the tests say nothing
)

func main() {
	// A closed terminal must not leave a virtual machine behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	status := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

func execute(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) > 0 && args[0] == "report" {
		return report(args[1:], out, errs)
	}
	o, err := parse(args, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(errs, "run: %v\n", err)
		return wrongUsage
	}
	passed, err := newRun(o, out).all(ctx)
	switch {
	case err != nil:
		fmt.Fprintf(errs, "run: %v\n", err)
		return noResult
	case !passed:
		return testsFailed
	}
	return 0
}

// options are the command line.
type options struct {
	source        string // directory of the module
	image, format string
	access        string
	user, key     string
	password      string
	bundle, out   string
	accel         string
	program       string
	memory, cpus  int
	network       bool
	as            []string
	limits        limits
	qemu          []string // arguments for QEMU after ours
}

// Ways to the first login.
const (
	bySeed    = "seed"
	byConsole = "console"
	byKey     = "key"
)

// limits are the longest times of the steps. An emulated processor is slow, so they are long.
type limits map[string]time.Duration

func defaults() limits {
	return limits{
		stepBundle: 20 * time.Minute, stepBoot: 20 * time.Minute, stepCopy: 20 * time.Minute,
		stepTests: 90 * time.Minute, stepFetch: 5 * time.Minute, stepOff: 5 * time.Minute,
	}
}

func (l limits) String() string { return "" }

// Set reads STEP=DURATION.
func (l limits) Set(text string) error {
	name, value, _ := strings.Cut(text, "=")
	if _, ok := l[name]; !ok {
		return fmt.Errorf("no step is called %q: they are %s", name, strings.Join(steps, ", "))
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is not STEP=DURATION, such as boot=10m", text)
	}
	l[name] = d
	return nil
}

const usage = `usage: ci/omnios/run [options] IMAGE [-- QEMU ARGUMENTS]

Boots the disk image IMAGE (qcow2 or raw), which isn't changed, runs this project's tests
on it, and writes results.txt, junit.xml, the guest's console and a log of each step.
The exit status is 0 if all tests passed, 1 if one failed, 2 for wrong usage, and 3 if
something else went wrong, such as a guest that hangs.

`

func parse(args []string, errs io.Writer) (*options, error) {
	o := &options{limits: defaults()}
	var as string
	f := flag.NewFlagSet("run", flag.ContinueOnError)
	f.SetOutput(errs)
	f.Usage = func() {
		fmt.Fprint(errs, usage)
		f.PrintDefaults()
	}
	f.StringVar(&o.source, "source", ".", "`directory` of the module")
	f.StringVar(&o.access, "access", bySeed, "how the first login is made possible: `seed` (a disk for cloud-init brings a key), console (log in on the serial console and install a key), or key (the image has the key of -key)")
	f.StringVar(&o.user, "login", "root", "`user` to log in as; must be root or become root without a password by sudo or pfexec")
	f.StringVar(&o.key, "key", "", "private key `file` for -access key")
	f.StringVar(&o.password, "password", "", "the `password` for -access console")
	f.StringVar(&o.bundle, "bundle", "", "`directory` that ci/omnios/bundle.sh made; made anew by default")
	f.StringVar(&o.out, "o", "omnios-results", "`directory` for results and logs")
	f.StringVar(&o.format, "format", "", "format of the image, by default what its first bytes say: `qcow2` or raw")
	f.StringVar(&o.program, "qemu", qemuProgram, "the `program` QEMU")
	f.StringVar(&o.accel, "accel", "auto", "`kvm`, tcg, or auto, which takes KVM where it works")
	f.IntVar(&o.memory, "memory", 4096, "memory of the guest in `MiB`")
	f.IntVar(&o.cpus, "cpus", 2, "processors of the guest")
	f.BoolVar(&o.network, "network", false, "let the guest reach the network; it only gets ssh from here otherwise")
	f.StringVar(&as, "as", "root,user", "who runs the tests on the guest: `root`, user, or both")
	f.Var(o.limits, "limit", "`STEP=DURATION`, the time limit of a step; may be repeated. Steps: "+strings.Join(steps, ", "))
	// Arguments for QEMU may look like ours, so they are cut off first.
	if i := slices.Index(args, "--"); i >= 0 {
		args, o.qemu = args[:i], args[i+1:]
	}
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() != 1 {
		return nil, fmt.Errorf("one IMAGE is needed, not %d; -h explains", f.NArg())
	}
	o.image = f.Arg(0)
	o.as = strings.Split(as, ",")
	return o, o.check()
}

// check refuses values before anything is started.
func (o *options) check() error {
	for _, who := range o.as {
		if who != "root" && who != "user" {
			return fmt.Errorf("-as %s: tests run as root or user", who)
		}
	}
	for _, c := range []struct {
		flag, value string
		allowed     []string
	}{
		{"access", o.access, []string{bySeed, byConsole, byKey}},
		{"format", o.format, []string{"", "raw", "qcow2"}},
		{"accel", o.accel, []string{"auto", "kvm", "tcg"}},
	} {
		if !slices.Contains(c.allowed, c.value) {
			return fmt.Errorf("-%s %s: not one of %q", c.flag, c.value, c.allowed)
		}
	}
	switch {
	case o.access == byKey && o.key == "":
		return errors.New("-access key needs -key FILE, the private key that the image lets in")
	case o.access != byKey && o.key != "":
		return fmt.Errorf("-key FILE is for -access key: with %s a new key is made", o.access)
	case o.access != byConsole && o.password != "":
		return errors.New("-password is for -access console")
	case o.memory <= 0 || o.cpus <= 0:
		return errors.New("-memory and -cpus must be above 0")
	}
	if o.format == "" {
		var err error
		o.format, err = imageFormat(o.image)
		return err
	}
	_, err := os.Stat(o.image)
	return err
}

// imageFormat tells the format by the first bytes of an image.
func imageFormat(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	start := make([]byte, 6)
	if n, err := io.ReadFull(file, start); err != nil {
		return "", fmt.Errorf("%s: only %d bytes: not a disk image", path, n)
	}
	switch {
	case string(start[:4]) == "QFI\xfb":
		return "qcow2", nil
	case string(start) == "\xfd7zXZ\x00", string(start[:3]) == "BZh", string(start[:2]) == "\x1f\x8b", string(start[:4]) == "\x28\xb5\x2f\xfd":
		return "", fmt.Errorf("%s is compressed: decompress it first", path)
	}
	return "raw", nil
}
