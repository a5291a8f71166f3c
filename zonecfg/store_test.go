package zonecfg

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/posix"
)

const oneZone = "global:installed:/\nweb:installed:/zones/web:12345678-1234-1234-1234-123456789abc\n"

// writeZone puts the file of a zone into a store, as another tool would.
func writeZone(t *testing.T, s *Store, file string, z *Zone) {
	t.Helper()
	if err := os.WriteFile(s.xmlPath(file), z.XML(ForUse), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Files that are no files are refused, and nobody waits for them.
func TestNotRegular(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"index", "web.xml"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, oneZone)
			writeZone(t, s, "web", &Zone{Name: "web", Zonepath: "/zones/web", Brand: "sparse"})
			path := filepath.Join(s.dir(), file)
			if err := errors.Join(os.Remove(path), posix.Mkfifo(path, 0o644)); err != nil {
				t.Fatal(err)
			}
			if file != "index" {
				_, err := s.Load("web")
				if err == nil || !strings.Contains(err.Error(), path+": ") || !strings.Contains(err.Error(), "not a regular file") {
					t.Errorf("load: %v", err)
				}
				return
			}
			if _, err := s.Entries(); err == nil || !strings.Contains(err.Error(), "not a regular file") {
				t.Errorf("entries: %v", err)
			}
			if err := s.SetState("web", Configured); err == nil || !strings.Contains(err.Error(), "not a regular file") {
				t.Errorf("set the state: %v", err)
			}
		})
	}
}

// Lines of the index that can't be read are told, and a zone is listed once.
func TestIndexProblems(t *testing.T) {
	t.Parallel()
	s := newStore(t, oneZone+"# a comment\n\nweb:configured:/other:\nbad:halfway:/zones/bad:\n:configured:/x:\n"+
		strings.Repeat("n", 64)+":configured:/x:\nlong:configured:/"+strings.Repeat("p", 2000)+":\npath:configured:/"+strings.Repeat("p", 1023)+":\nnoend:configured:/x:")
	var warned []string
	s.Warn = func(p IndexProblem) {
		warned = append(warned, strings.TrimPrefix(p.String(), s.indexPath()+":"))
	}
	entries, err := s.Entries()
	if err != nil || len(entries) != 2 || entries[1].Zonepath != "/zones/web" {
		t.Errorf("%+v, %v", entries, err)
	}
	want := []string{
		`5: line 2 is zone web already: "web:configured:/other:" is`,
		`6: there is no state "halfway": "bad:halfway:/zones/bad:" is`,
		`7: there is no name: ":configured:/x:" is`,
		`8: the name is too long: "nnn`,
		`9: the line is too long: "long:`,
		`10: the zonepath is too long: "path:`,
		`11: the line has no end: "noend:configured:/x:" is`,
	}
	if len(warned) != len(want) {
		t.Fatalf("%q", warned)
	}
	for i := range want {
		if !strings.HasPrefix(warned[i], want[i]) || !strings.HasSuffix(warned[i], "is ignored") {
			t.Errorf("%s, want %s", warned[i], want[i])
		}
	}
}

// A file that is the configuration of another zone isn't the zone's.
func TestOtherName(t *testing.T) {
	t.Parallel()
	s := newStore(t, oneZone)
	writeZone(t, s, "web", &Zone{Name: "mail", Zonepath: "/zones/web", Brand: "sparse"})
	_, err := s.Load("web")
	if !errors.Is(err, ErrInvalidDoc) || !strings.Contains(err.Error(), s.xmlPath("web")+`: it is the configuration of a zone "mail"`) {
		t.Errorf("%v", err)
	}
	writeZone(t, s, TemplateDefault, &Zone{Name: "default", Brand: "sparse"})
	if z, err := s.New("mail", TemplateDefault); err != nil || z.Name != "mail" {
		t.Errorf("templates have names of their own: %v, %v", z, err)
	}
}

// A zonepath can't lead out of the alternate root, whoever wrote it.
func TestZonepathStaysInside(t *testing.T) {
	t.Parallel()
	s := newStore(t, "global:installed:/\nweb:configured:/zones/../../../x:\n")
	writeZone(t, s, "web", &Zone{Name: "web", Zonepath: "/zones/../../../x", Brand: "sparse"})
	z, err := s.Load("web")
	if err != nil || z.Zonepath != s.root+"/x" {
		t.Errorf("%+v, %v", z, err)
	}
	if e, err := s.Entry("web"); err != nil || e.Zonepath != "/x" {
		t.Errorf("%+v, %v", e, err)
	}
	for path, want := range map[string]string{"/x": "/x", "/a/../x": "/a/../x", "/../x": "/x", "/a/../../b/../x": "/x", s.root + "/../x": "/x"} {
		if got := s.InRoot(path); got != s.root+want {
			t.Errorf("%s: %s", path, got)
		}
	}
	z.Zonepath = s.root + "/a/../../y"
	if err := s.Save(z); err != nil {
		t.Fatal(err)
	}
	if e, err := s.Entry("web"); err != nil || e.Zonepath != "/y" {
		t.Errorf("%+v, %v", e, err)
	}
	if whole := Open("", "/run"); whole.InRoot("/../x") != "/../x" {
		t.Error("the system's own root has nothing above it to lead to")
	}
}

// The line of an installed zone moves only with its zonepath.
func TestIndexFollowsZonepath(t *testing.T) {
	t.Parallel()
	s := newStore(t, oneZone)
	z := &Zone{Name: "web", Zonepath: "/elsewhere/web", Brand: "sparse"}
	writeZone(t, s, "web", z)
	z, err := s.Load("web")
	if err != nil {
		t.Fatal(err)
	}
	z.Autoboot = true
	if err := s.Save(z); err != nil {
		t.Fatal(err)
	}
	if e, err := s.Entry("web"); err != nil || e.Zonepath != "/zones/web" || e.State != Installed {
		t.Errorf("an unrelated change: %+v, %v", e, err)
	}
	if again, err := s.Load("web"); err != nil || !again.Autoboot || again.Zonepath != s.root+"/elsewhere/web" {
		t.Errorf("%+v, %v", again, err)
	}
	z.Zonepath = s.root + "/new/web"
	if err := s.Save(z); err != nil {
		t.Fatal(err)
	}
	if e, err := s.Entry("web"); err != nil || e.Zonepath != "/new/web" {
		t.Errorf("another zonepath: %+v, %v", e, err)
	}
}
