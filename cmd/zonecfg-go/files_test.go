package main

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/posix"
)

// No command waits for the other end of a FIFO that lies where a configuration should.
func TestFIFO(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"/etc/zones/z1.xml", "/etc/zones/index"} {
		for _, script := range []string{"info", "info admin", "export", "set pool=p; commit", "create -F; set zonepath=/zones/z1; commit", "delete -F", "create -F -t z1"} {
			s := newSystem(t)
			s.must("z1", "create; set zonepath=/zones/z1")
			if err := errors.Join(os.Remove(s.root+file), posix.Mkfifo(s.root+file, 0o644)); err != nil {
				t.Fatal(err)
			}
			_, errs, status := s.zonecfg("-z", "z1", script)
			over := strings.HasSuffix(script, " -F") || strings.HasPrefix(script, "create")
			switch {
			case file == "/etc/zones/z1.xml" && over: // what was there doesn't matter any more
			case file == "/etc/zones/index" && !strings.Contains(script, "commit") && !strings.HasPrefix(script, "delete"): // isn't needed
			case status != 1 || !strings.Contains(errs, s.root+file) || !strings.Contains(errs, "not a regular file"):
				t.Errorf("%s, %s: status %d\n%s", file, script, status, errs)
			}
		}
	}
}

// A file that is another zone's by what it says is nobody's.
func TestOtherName(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	s.write("/etc/zones/z1.xml", strings.Replace(s.read("/etc/zones/z1.xml"), `name="z1"`, `name="y"`, 1))
	before := s.read("/etc/zones/z1.xml")
	for _, script := range []string{"info", "export", "set pool=p; commit"} {
		out, errs, status := s.zonecfg("-z", "z1", script)
		if status != 1 || out != "" || !strings.Contains(errs, s.root+`/etc/zones/z1.xml: it is the configuration of a zone "y"`) {
			t.Errorf("%s: status %d\n%s%s", script, status, out, errs)
		}
	}
	if s.read("/etc/zones/z1.xml") != before {
		t.Error("the file was changed")
	}
}

// Paths stay below the root, with and without it in front, and the line of an installed
// zone is changed by nothing that isn't about it.
func TestPathsBelowRoot(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/../../../x")
	if !strings.Contains(s.read("/etc/zones/z1.xml"), ` zonepath="/x"`) || !strings.Contains(s.read("/etc/zones/index"), "z1:configured:/x:\n") {
		t.Errorf("%s%s", s.read("/etc/zones/index"), s.read("/etc/zones/z1.xml"))
	}
	if out, _, _ := s.zonecfg("-z", "z1", "info zonepath"); out != "zonepath: /x\n" {
		t.Error(out)
	}

	s.write("/etc/zones/index", "global:installed:/\nz1:installed:/zones/z1:\n")
	s.must("z1", "set autoboot=true; commit")
	if !strings.Contains(s.read("/etc/zones/index"), "z1:installed:/zones/z1:") || !strings.Contains(s.read("/etc/zones/z1.xml"), ` autoboot="true"`) {
		t.Errorf("%s%s", s.read("/etc/zones/index"), s.read("/etc/zones/z1.xml"))
	}

	s.write("/moved/root/file", "")
	s.write("/moved/SUNWdetached.xml", s.read("/etc/zones/z1.xml"))
	for zone, path := range map[string]string{"z2": "/moved", "z3": s.root + "/moved"} {
		if out, errs, status := s.zonecfg("-z", zone, "create -a "+path+"; info zonepath"); out != "zonepath: /moved\n" || errs != "" || status != 0 {
			t.Errorf("create -a %s: status %d\n%s%s", path, status, out, errs)
		}
		if !strings.Contains(s.read("/etc/zones/index"), zone+":configured:/moved:\n") {
			t.Errorf("%s", s.read("/etc/zones/index"))
		}
	}
}
