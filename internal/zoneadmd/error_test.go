package zoneadmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestErrors: an error of the kernel arrives unchanged at the door and is logged.
func TestErrors(t *testing.T) {
	openTree := &zone.Error{Op: "open_tree", Name: "/z/z1/root", Errno: errno.EACCES}
	for _, test := range []struct {
		name, at string // the kernel call that fails
		elements string
		injected *zone.Error
		text     string // of the error
		lines    string
		is       error
	}{
		{
			"zone_create", "zone_create", "",
			&zone.Error{Op: "zone_create", Name: "z1", Errno: errno.EACCES, Cause: openTree},
			"zone_create failed", "zone_create failed: Permission denied\n", errno.EACCES,
		},
		{
			"chrooted", "zone_create", "",
			&zone.Error{Op: "zone_create", Name: "z1", Errno: errno.ENOTSUP, Ext: zone.ExtChrooted},
			"zone_create: cannot create a zone from a chrooted environment",
			"zone_create: cannot create a zone from a chrooted environment\n", errno.ENOTSUP,
		},
		{
			"mount", "/data", `<filesystem special="/x" directory="/data" type="lofs"/>`,
			&zone.Error{Op: "mount", ID: 1, Name: "/data", Errno: errno.ENOSPC, Cause: &zone.Error{Op: "mkdir", Name: "/data", Errno: errno.ENOSPC, Text: "the disk is full"}},
			"cannot mount /x on ROOT/data", "cannot mount /x on ROOT/data: No space left on device\n", errno.ENOSPC,
		},
		{
			"mount point", "/data", `<filesystem special="/x" directory="/data" type="lofs"/>`,
			&zone.Error{Op: zone.OpMountPoint, Name: "/data", Errno: errno.ENOTDIR},
			"ROOT/data is not a valid mount point", "ROOT/data is not a directory\nROOT/data is not a valid mount point\n", errno.ENOTDIR,
		},
		{
			"local mount", "/proc", "",
			&zone.Error{Op: "mount", Name: "/proc", Errno: errno.EPERM, Cause: &zone.Error{Op: "mount", Name: "proc", Errno: errno.EPERM}},
			"unable to mount filesystems", "mount of /proc failed: Not owner\nunable to mount filesystems\n", errno.EPERM,
		},
		{
			"zone_boot", "zone_boot", "",
			&zone.Error{Op: "zone_boot", ID: 1, Errno: errno.ENOEXEC, Cause: &zone.Error{Op: "execve", Name: "/sbin/init", Errno: errno.ENOEXEC}},
			"unable to boot zone", "unable to boot zone: Exec format error\n", errno.ENOEXEC,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", "", test.elements)
			s.failing[test.at] = test.injected
			s.start()
			s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
			reply := s.requestWhole(zone.CommandRequest{Command: zone.CommandBoot})
			root := s.root + "/z/z1/root"
			want := &zone.Error{Op: "boot", Name: "z1", Text: strings.ReplaceAll(test.text, "ROOT", root), Cause: test.injected}
			if !reflect.DeepEqual(reply.Err, want) {
				t.Errorf("%v\nwant %v", reply.Err, want)
			}
			if lines := strings.ReplaceAll(test.lines, "ROOT", root); reply.Text != lines {
				t.Errorf("%q, want %q", reply.Text, lines)
			}
			var e *zone.Error
			if !errors.Is(reply.Err, test.is) || !errors.As(error(reply.Err), &e) || e.Op != "boot" {
				t.Errorf("%#v", reply.Err)
			}
			if line := "[zone 'z1'] " + want.Error(); !s.hasLogged(line) {
				t.Errorf("the log is %q, without %q", s.log, line)
			}
		})
	}
}

// hasLogged reports whether the log has a line.
func (s *stage) hasLogged(line string) bool {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return slices.Contains(s.log, line)
}

// TestHookError: the error of a failed hook has its standard error and exit status.
func TestHookError(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
	for _, test := range []struct{ fail, op, args, text string }{
		{"pre-0", "prestatechange", "pre z1 ZONEPATH 2 0", ""},
		{"boot-", "boot", "boot z1 ZONEPATH -", "HOOK boot z1 ZONEPATH - failed"},
	} {
		fail := s.root + "/fail-" + test.fail
		s.write(fail, "", 0o644)
		reply := s.requestWhole(zone.CommandRequest{Command: zone.CommandBoot})
		os.Remove(fail)
		in := strings.NewReplacer("HOOK", "/bin/sh "+s.root+"/hook", "ZONEPATH", s.root+"/z/z1")
		want := &zone.Error{Op: "boot", Name: "z1", Text: in.Replace(test.text), Cause: &zone.Error{
			Op: test.op, Name: in.Replace("HOOK " + test.args), Text: "exit status 3: logged by the hook"}}
		if !reflect.DeepEqual(reply.Err, want) || !s.hasLogged("[zone 'z1'] "+want.Error()) {
			t.Errorf("%v\nwant %v; log %q", reply.Err, want, s.log)
		}
	}
}

// TestHookLog: a hook's output is logged in lines, however it is split into writes.
func TestHookLog(t *testing.T) {
	for _, test := range []struct {
		name   string
		pieces []string
		want   []string
		last   string
	}{
		{"nothing", nil, nil, ""},
		{"lines", []string{"one\ntwo\n"}, []string{"one", "two"}, "two"},
		{"in pieces", []string{"o", "ne\nt", "wo"}, []string{"one", "two"}, "two"},
		{"a blank last", []string{"why\n", "  \n"}, []string{"why", "  "}, "why"},
		{"no end", []string{strings.Repeat("x", hookLineMax+1)}, []string{strings.Repeat("x", hookLineMax), "x"}, "x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var lines []string
			l := &hookLog{say: func(_ string, args ...any) { lines = append(lines, args[0].(string)) }}
			for _, piece := range test.pieces {
				l.Write([]byte(piece))
			}
			l.end()
			if !slices.Equal(lines, test.want) || l.last != test.last {
				t.Errorf("%q, last %q", lines, l.last)
			}
		})
	}
}

// TestTrace: a caller that asks for a trace gets what the daemon did; others don't.
func TestTrace(t *testing.T) {
	s := newStage(t, "installed", "", "")
	s.start()
	s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
	reply := s.requestWhole(zone.CommandRequest{Command: zone.CommandBoot, Trace: true})
	var spans []trace.Span
	if err := json.Unmarshal([]byte(reply.Trace), &spans); err != nil || reply.Result != 0 {
		t.Fatalf("%+v, %v", reply, err)
	}
	var names []string
	for _, span := range spans {
		if span.Process != processName || span.Kind != trace.Step {
			t.Errorf("%+v", span)
		}
		names = append(names, span.Name)
	}
	for _, want := range []string{"read the configuration", "plan the zone", "hook boot", "plan init"} {
		if !slices.Contains(names, want) {
			t.Errorf("%q isn't among the steps %q", want, names)
		}
	}
	if reply := s.requestWhole(zone.CommandRequest{Command: zone.CommandHalt}); reply.Trace != "" || trace.Active() {
		t.Errorf("%+v", reply)
	}
}

// TestNewerAttributes boots zones of brands that need an attribute which the kernel lacks, as
// older illumos kernels do: the boot fails and says so.
func TestNewerAttributes(t *testing.T) {
	for element, want := range map[string]string{
		"restartinit0":      "could not set zone init-restart-on-exit-0",
		"restartinitreboot": "could not set zone reboot-on-init-exit",
	} {
		t.Run(element, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", "", "")
			path := s.root + brandFiles + "/config.xml"
			config, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s.write(path, strings.Replace(string(config), "<restartinit>false</restartinit>", "<"+element+">true</"+element+">", 1), 0o644)
			s.setattr = func(attr zone.Attr, _ []byte) error {
				if attr == zone.AttrInitRestart0 || attr == zone.AttrInitReboot {
					return &zone.Error{Op: "zone_setattr", Errno: errno.EINVAL}
				}
				return nil
			}
			s.start()
			s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
			reply := s.requestWhole(zone.CommandRequest{Command: zone.CommandBoot})
			if reply.Result == 0 || !strings.Contains(reply.Text, want) || !errors.Is(reply.Err, errno.ENOTSUP) || !strings.Contains(reply.Err.Error(), "this kernel has no attribute 2") {
				t.Errorf("%d, %q, %v", reply.Result, reply.Text, reply.Err)
			}
		})
	}
}

// TestBrandModule: the kernel is told the brand's name and the module that implements it, which
// it has to load.
func TestBrandModule(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	path := s.root + brandFiles + "/config.xml"
	config, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.write(path, strings.Replace(string(config), "<modname></modname>", "<modname>staged_brand</modname>", 1), 0o644)
	var set []byte
	s.setattr = func(attr zone.Attr, value []byte) error {
		if attr == zone.AttrBrand {
			set = value
		}
		return nil
	}
	s.start()
	s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
	s.ask(zone.CommandReady, "")
	const size, name = 1280, 256 // struct brand_attr and its ba_brandname
	if len(set) != size || !bytes.HasPrefix(set, []byte("staged\x00")) || !bytes.HasPrefix(set[name:], []byte("staged_brand\x00")) {
		t.Errorf("the attribute is %q", bytes.TrimRight(set, "\x00"))
	}
}
