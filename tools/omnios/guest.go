package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// qemuProgram is the emulator by default. On Debian it is in the package qemu-system-x86.
const qemuProgram = "qemu-system-x86_64"

// guest is a running virtual machine.
type guest struct {
	qemu    *exec.Cmd
	console *console
	errs    *lockedText
	port    int           // of this machine's loopback, which leads to the guest's ssh
	exited  chan struct{} // closed when QEMU has exited
}

// start starts QEMU.
func start(o *options, accel, seed string, port int, c *console) (*guest, error) {
	forward := fmt.Sprintf("user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:%d-:22", port)
	if !o.network {
		forward += ",restrict=on"
	}
	args := []string{
		"-accel", accel, "-machine", "pc", "-m", strconv.Itoa(o.memory), "-smp", strconv.Itoa(o.cpus),
		"-nodefaults", "-display", "none", "-no-reboot",
		// Without signal=off, QEMU would take over our terminal's signals.
		"-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
		// The image stays as it is: what the guest writes goes to a temporary file.
		"-drive", "if=virtio,snapshot=on,format=" + o.format + ",file=" + commas(o.image),
		"-nic", forward,
	}
	if accel == "kvm" {
		args = append(args, "-cpu", "host")
	}
	if seed != "" {
		args = append(args, "-drive", "if=ide,media=cdrom,readonly=on,format=raw,file="+commas(seed))
	}
	g := &guest{qemu: orphanless(o.program, append(args, o.qemu...)...), console: c, errs: new(lockedText), port: port, exited: make(chan struct{})}
	keys, err := g.qemu.StdinPipe()
	if err != nil {
		return nil, err
	}
	c.keys = keys
	g.qemu.Stdout, g.qemu.Stderr = c, g.errs
	if err := g.qemu.Start(); err != nil {
		return nil, fmt.Errorf("%w: install QEMU, on Debian the package qemu-system-x86", err)
	}
	go func() {
		_ = g.qemu.Wait() // QEMU's own messages are in errs
		close(g.exited)
	}()
	return g, nil
}

// commas doubles the commas of a path: QEMU's options have them as separators.
func commas(path string) string { return strings.ReplaceAll(path, ",", ",,") }

// orphanless is a command that also ends when this process is killed, on systems with
// util-linux. Without it a SIGKILL of the harness would leave the machine running.
func orphanless(name string, args ...string) *exec.Cmd {
	if path, err := exec.LookPath("setpriv"); err == nil {
		return exec.Command(path, append([]string{"--pdeathsig", "KILL", "--", name}, args...)...)
	}
	return exec.Command(name, args...)
}

// stop ends QEMU; it may have ended already.
func (g *guest) stop() {
	g.qemu.Process.Kill()
	<-g.exited
	g.console.file.Close()
}

// bootGuest starts the guest and waits until ssh lets us in.
func (r *run) bootGuest(ctx context.Context, log io.Writer) error {
	if _, err := exec.LookPath(r.program); err != nil {
		return fmt.Errorf("%w: install QEMU, on Debian the package qemu-system-x86", err)
	}
	accel := r.accel
	if accel == "auto" {
		if accel = "kvm"; !r.kvmWorks(ctx, log) {
			accel = "tcg"
		}
	}
	fmt.Fprintf(log, "the processor is %s's\n", accel)
	key := r.key
	var public string
	if r.access != byKey {
		var err error
		if key, public, err = makeKey(ctx, r.dir); err != nil {
			return err
		}
	}
	seed := ""
	if r.access == bySeed {
		seed = filepath.Join(r.dir, "seed.iso")
		if err := writeSeed(seed, "cidata", seedFiles(r.user, public)); err != nil {
			return err
		}
	}
	for {
		err := r.startGuest(accel, seed)
		if err != nil {
			return err
		}
		r.ssh = &session{key: key, user: r.user, port: r.guest.port}
		if r.access == byConsole {
			if err = r.guest.console.logIn(ctx, r.user, r.password, public, r.guest.exited); err != nil && !r.portTaken() {
				return errors.Join(err, r.guest.died())
			}
		}
		if err == nil {
			err = r.ssh.wait(ctx, r.guest.exited, log)
		}
		if !r.portTaken() {
			return errors.Join(err, r.guest.died())
		}
		// Between our choice of a port and QEMU's listening another program took it.
		fmt.Fprintf(log, "port %d was taken by another program: another one\n", r.guest.port)
		r.guest.stop()
	}
}

func (r *run) startGuest(accel, seed string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	c, err := newConsole(filepath.Join(r.out, "console.log"))
	if err != nil {
		return err
	}
	g, err := start(r.options, accel, seed, port, c)
	if err != nil {
		c.file.Close()
		return err
	}
	r.guest = g
	return nil
}

// portTaken reports whether QEMU has ended because it couldn't listen.
func (r *run) portTaken() bool {
	select {
	case <-r.guest.exited:
		return strings.Contains(r.guest.errs.String(), "host forwarding")
	default:
		return false
	}
}

// died returns why QEMU has ended, nil if it hasn't.
func (g *guest) died() error {
	select {
	case <-g.exited:
		return fmt.Errorf("QEMU: %v: %s", g.qemu.ProcessState, strings.TrimSpace(g.errs.String()))
	default:
		return nil
	}
}

// freePort returns a port of the loopback address that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// kvmWorks boots a program of a few bytes with KVM. That KVM can be opened isn't enough: in
// some virtual machines guests make no progress with it.
func (r *run) kvmWorks(ctx context.Context, log io.Writer) bool {
	file, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		fmt.Fprintf(log, "no KVM: %v\n", err)
		return false
	}
	file.Close()
	disk := make([]byte, 512)
	copy(disk, []byte{0xba, 0x01, 0x05, 0xb0, 0x10, 0xee, 0xf4}) // mov dx, 0x501; mov al, 0x10; out dx, al; hlt
	copy(disk[510:], "\x55\xaa")
	path := filepath.Join(r.dir, "kvm.raw")
	if err := os.WriteFile(path, disk, 0o600); err != nil {
		fmt.Fprintf(log, "no KVM: %v\n", err)
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	probe := exec.CommandContext(ctx, r.program, "-accel", "kvm", "-cpu", "host", "-machine", "pc", "-m", "16", "-nodefaults", "-display", "none",
		"-drive", "if=ide,format=raw,file="+commas(path), "-device", "isa-debug-exit,iobase=0x501,iosize=1")
	out, err := probe.CombinedOutput()
	const written = 0x10<<1 | 1 // isa-debug-exit makes this status of the byte
	if probe.ProcessState != nil && probe.ProcessState.ExitCode() == written {
		return true
	}
	fmt.Fprintf(log, "KVM is there but runs no guest: %v %s\n", err, out)
	return false
}
