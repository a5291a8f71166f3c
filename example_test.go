package zones_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gozones/zones"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/zonecfg"
)

// The examples run on a kernel in this process, see ExampleNew: inMemory does what
// that shows; installed and booted make a zone on it.

var ctx = context.Background()

// Zones to test a program with: in this process, without privileges.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "zones")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	k, err := kernel.New(kernel.Config{Host: sim.New()})
	if err != nil {
		log.Fatal(err)
	}
	defer k.Close()
	m := zones.New(zones.Config{
		Kernel: k.Global().Local(),
		Store:  zonecfg.Open(dir, "/run"), // configurations and zonepaths are below dir
		RunDir: filepath.Join(dir, "run"),
	})
	defer m.Close()

	web, err := m.Create(ctx, &zonecfg.Zone{Name: "web", Zonepath: "/zones/web", Brand: "sparse"})
	if err != nil {
		log.Fatal(err)
	}
	if err := web.Install(ctx, zones.InstallOptions{}); err != nil {
		log.Fatal(err)
	}
	if err := web.Boot(ctx, zones.BootOptions{}); err != nil {
		log.Fatal(err)
	}
	err = web.Refresh()
	fmt.Println(web.State, err)
	// Output: running <nil>
}

func ExampleMachine_Create() {
	m, _, done := inMemory()
	defer done()
	web, err := m.Create(ctx, &zonecfg.Zone{
		Name: "web", Zonepath: "/zones/web", Brand: "sparse",
		Rctl: []zonecfg.Rctl{{Name: "zone.max-processes", Values: []zonecfg.RctlValue{{Priv: "privileged", Limit: "200", Action: "deny"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(web.Name, web.State)
	_, err = m.Create(ctx, &zonecfg.Zone{Name: "db", Brand: "sparse"})
	fmt.Println(errors.Is(err, zones.ErrVerify), err)
	// Output:
	// web configured
	// true zone db: create: zonepath cannot be empty
}

func ExampleMachine_Zones() {
	m, _, done := inMemory()
	defer done()
	booted(m, "web")
	installed(m, "db")
	all, err := m.Zones()
	if err != nil {
		log.Print(err) // about zones that can't be described; the others are in all
	}
	for _, z := range all {
		fmt.Println(z.Name, z.State, z.Active)
	}
	// Output:
	// global running true
	// web running true
	// db installed false
}

func ExampleMachine_Watch() {
	m, _, done := inMemory()
	defer done()
	web := installed(m, "web")
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	events, err := m.Watch(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := web.Boot(ctx, zones.BootOptions{}); err != nil {
		log.Fatal(err)
	}
	for e := range events {
		if e.New == "running" {
			fmt.Println(e.Name, "runs")
			break
		}
	}
	// Output: web runs
}

func ExampleMachine_Zone() {
	m, _, done := inMemory()
	defer done()
	_, err := m.Zone("nosuch")
	fmt.Println(errors.Is(err, zones.ErrNotConfigured))
	// Output: true
}

func ExampleZone_Install() {
	m, _, done := inMemory()
	defer done()
	web, err := m.Create(ctx, sparse("web"))
	if err != nil {
		log.Fatal(err)
	}
	err = web.Install(ctx, zones.InstallOptions{Observer: zones.Observer{
		Warn: func(text string) { log.Print(text) },
		Progress: func(p zones.Progress) {
			if p.Ended {
				fmt.Println(p.Zone, p.Step, "done")
			}
		},
	}})
	fmt.Println(err)
	err = web.Install(ctx, zones.InstallOptions{})
	fmt.Println(errors.Is(err, zones.ErrState), err)
	// Output:
	// web verify done
	// web install done
	// <nil>
	// true zone web: install: is already installed
}

func ExampleZone_Clone() {
	m, _, done := inMemory()
	defer done()
	installed(m, "golden")
	web, err := m.Create(ctx, sparse("web"))
	if err != nil {
		log.Fatal(err)
	}
	if err := web.Clone(ctx, "golden", zones.CloneOptions{}); err != nil {
		log.Fatal(err)
	}
	err = web.Refresh()
	fmt.Println(web.State, err)
	// Output: installed <nil>
}

func ExampleZone_Move() {
	m, dir, done := inMemory()
	defer done()
	web := installed(m, "web")
	if err := web.Move(ctx, "/zones/www", zones.MoveOptions{}); err != nil {
		log.Fatal(err)
	}
	err := web.Refresh()
	fmt.Println(strings.TrimPrefix(web.Path, dir), err)
	// Output: /zones/www <nil>
}

func ExampleZone_Detach() {
	m, _, done := inMemory()
	defer done()
	web := installed(m, "web")
	if err := web.Detach(ctx, zones.DetachOptions{}); err != nil {
		log.Fatal(err)
	}
	// The files could be moved to another host here.
	err := web.Attach(ctx, zones.AttachOptions{})
	fmt.Println(err, web.Refresh(), web.State)
	// Output: <nil> <nil> installed
}

func ExampleZone_Mark() {
	m, _, done := inMemory()
	defer done()
	web := installed(m, "web")
	if err := web.Mark(ctx, zonecfg.Incomplete); err != nil {
		log.Fatal(err)
	}
	err := web.Boot(ctx, zones.BootOptions{})
	fmt.Println(errors.Is(err, zones.ErrState), err)
	// Output: true zone web: boot: must be installed before boot
}

func ExampleZone_SetConfig() {
	m, _, done := inMemory()
	defer done()
	web := installed(m, "web")
	config, err := web.Config()
	if err != nil {
		log.Fatal(err)
	}
	config.Autoboot = true
	fmt.Println(web.SetConfig(ctx, config))
	config.Brand = "tar"
	fmt.Println(web.SetConfig(ctx, config) != nil) // not for an installed zone
	// Output:
	// <nil>
	// true
}

func ExampleZone_Kstats() {
	m, _, done := inMemory()
	defer done()
	web := booted(m, "web")
	stats, err := web.Kstats()
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range stats {
		if s.Module == "caps" {
			_, counted := s.Uint64("usage")
			fmt.Println(s.Name, counted)
		}
	}
	// Output:
	// lockedmem_zone_1 true
	// nprocs_zone_1 true
	// swapresv_zone_1 true
}

func ExampleZone_Boot() {
	m, _, done := inMemory()
	defer done()
	web := installed(m, "web")
	fmt.Println(web.Ready(ctx, zones.ReadyOptions{}))
	fmt.Println(web.Boot(ctx, zones.BootOptions{Args: []string{"-m", "verbose"}}))
	fmt.Println(web.Reboot(ctx, zones.RebootOptions{}))
	fmt.Println(web.Halt(ctx, zones.HaltOptions{}))
	err := web.Refresh()
	fmt.Println(web.State, err)
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// <nil>
	// installed <nil>
}

func ExampleZone_Mount() {
	m, _, done := inMemory()
	defer done()
	web := booted(m, "web")
	if err := web.Halt(ctx, zones.HaltOptions{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(web.Mount(ctx, zones.MountOptions{}))
	fmt.Println(web.Refresh(), web.State)
	fmt.Println(web.Boot(ctx, zones.BootOptions{}) != nil)
	fmt.Println(web.Unmount(ctx, zones.UnmountOptions{}))
	fmt.Println(web.Refresh(), web.State)
	// Output:
	// <nil>
	// <nil> mounted
	// true
	// <nil>
	// <nil> installed
}

func ExampleZone_Uninstall() {
	m, _, done := inMemory()
	defer done()
	web := booted(m, "web")
	err := web.Uninstall(ctx, zones.UninstallOptions{})
	fmt.Println(errors.Is(err, zones.ErrState), err)
	if err := web.Halt(ctx, zones.HaltOptions{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(web.Uninstall(ctx, zones.UninstallOptions{}))
	fmt.Println(web.Delete(ctx, zones.DeleteOptions{}))
	// Output:
	// true zone web: uninstall: uninstall operation is invalid for running zones
	// <nil>
	// <nil>
}

func ExampleZone_Command() {
	m, _, done := inMemory()
	defer done()
	web := booted(m, "web")
	out, err := web.Command(ctx, "echo", "hello").Output()
	fmt.Printf("%s%v\n", out, err)

	err = web.Command(ctx, "sh", "-c", "exit 3").Run()
	var failed *zones.ExitError
	if errors.As(err, &failed) {
		fmt.Println(failed, failed.ExitCode())
	}
	err = web.Command(ctx, "no-such-program").Run()
	fmt.Println(errors.Is(err, exec.ErrNotFound))
	// Output:
	// hello
	// <nil>
	// exit status 3 3
	// true
}

func ExampleZone_Command_context() {
	m, _, done := inMemory()
	defer done()
	web := booted(m, "web")
	ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	err := web.Command(ctx, "sleep", "60").Run()
	fmt.Println(errors.Is(err, context.DeadlineExceeded)) // it was killed
	// Output: true
}

func ExampleCmd_StdoutPipe() {
	m, _, done := inMemory()
	defer done()
	web := booted(m, "web")
	cmd := web.Command(ctx, "sort", "-r")
	in, err := cmd.StdinPipe()
	if err != nil {
		log.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	io.WriteString(in, "a\nb\nc\n")
	in.Close()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Println(lines.Text())
	}
	fmt.Println(cmd.Wait())
	// Output:
	// c
	// b
	// a
	// <nil>
}
