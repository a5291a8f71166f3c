package lang

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/zonecfg"
)

// begin makes a session on a store, and what it prints.
func begin(store *zonecfg.Store) (*Session, *bytes.Buffer) {
	var out bytes.Buffer
	return New("z1", Options{Store: store, Machine: testMachine(&out), Out: &out, Err: &out}), &out
}

// Rights that were given with the system's own tools are in the zone when it is
// loaded, and on disk when the session ends.
func TestAdminsFollowUserAttr(t *testing.T) {
	t.Parallel()
	store := testStore(t)
	s, out := begin(store)
	if status := s.RunWords([]string{"create; set zonepath=/zones/z1; add admin; set user=ops; set auths=login; end"}); status != 0 {
		t.Fatal(out)
	}
	path := store.Root() + "/etc/user_attr"
	if err := os.WriteFile(path, []byte("root::::auths=solaris.zone.manage/z1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	s, out = begin(store)
	want := "The administrative rights were updated to match the current RBAC configuration.\nUse \"info admin\" and \"revert\" to compare with the previous settings.\n" +
		"admin:\n\tuser: root\n\tauths: manage\n"
	if status := s.RunWords([]string{"info admin"}); status != 0 || out.String() != want {
		t.Errorf("status %d\n%s", status, out)
	}
	z, err := store.Load("z1")
	if err != nil || len(z.Admin) != 1 || z.Admin[0].User != "root" {
		t.Errorf("%+v, %v", z.Admin, err)
	}
	// Who may not write is shown what is there, and told nothing.
	s, out = begin(store)
	s.ReadOnly = true
	if status := s.RunWords([]string{"info admin"}); status != 0 || out.String() != "admin:\n\tuser: root\n\tauths: manage\n" {
		t.Errorf("status %d\n%s", status, out)
	}
}

// Texts of a resource are cut to the room that the system's tools have for them, which a
// person is told; properties of the zone are kept.
func TestCut(t *testing.T) {
	t.Parallel()
	const script = "create; set zonepath=/zones/z1; set pool=LONG; add fs; set dir=/a; set special=/b; set type=xxxxxxxxxxxxxxxxxxxx; set options=LONG; end;" +
		" add admin; set user=LONG; cancel; add dataset; set name=LONG; end"
	long := strings.Repeat("x", 300)
	for _, hints := range []bool{false, true} {
		store := testStore(t)
		s, out := begin(store)
		s.Hints = hints
		if status := s.RunWords([]string{strings.ReplaceAll(script, "LONG", long)}); status != 0 {
			t.Fatalf("%s: %d", out, status)
		}
		want := "Note: pool is longer than 255 bytes: the system's own tools won't read it\nNote: type is cut to 15 bytes\n" +
			"Note: user is cut to 31 bytes\nNote: name is cut to 255 bytes\n"
		if !hints {
			want = ""
		}
		if out.String() != want {
			t.Errorf("%s", out)
		}
		z, err := store.Load("z1")
		if err != nil || z.FS[0].Type != long[:15] || z.FS[0].Options[0] != long || z.Dataset[0].Name != long[:255] || z.Pool != long {
			t.Errorf("%+v, %v", z, err)
		}
	}
}

// What a command had read of its values before a syntax error isn't in the next one.
func TestValuesOfMistakes(t *testing.T) {
	t.Parallel()
	const begin1 = "create; set zonepath=/zones/z1; set bootargs=old; add fs; set dir=/a; set special=/b; set type=lofs; "
	for name, c := range map[string]struct{ mistake, set string }{
		"a list":         {"set type=[ro,rw,]", "set options=[nosuid]; end"},
		"an empty value": {"info admin auths=login,manage auths=", "set options=nosuid; end"},
		"a second pair":  {"remove fs dir=/c type=", "set options=nosuid; end"},
		"a limit":        {"add value (priv=privileged,limit=)", "set options=[nosuid]; end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := testStore(t)
			s, out := begin(store)
			if status := s.RunWords([]string{begin1 + c.mistake + "; " + c.set}); status != 1 || !strings.Contains(out.String(), "syntax error at ") {
				t.Fatalf("%d: %s", status, out)
			}
			z, err := store.Load("z1")
			if err != nil || z.BootArgs != "old" || len(z.FS) != 1 || fmt.Sprint(z.FS[0].Options) != "[nosuid]" {
				t.Errorf("%+v, %v", z, err)
			}
		})
	}
}

// typist types lines at the prompt, and remembers the prompts.
type typist struct {
	lines   []any // strings, and errors for what isn't a line
	prompts []string
	answers
}

func (p *typist) Line(prompt string) (string, error) {
	p.prompts = append(p.prompts, prompt)
	if len(p.lines) == 0 {
		return "", io.EOF
	}
	next := p.lines[0]
	p.lines = p.lines[1:]
	if err, ok := next.(error); ok {
		return "", err
	}
	return next.(string), nil
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		lines   []any
		answers []string
		prompts string
		status  int
		pool    string
	}{
		{"exit", []any{"set pool=p", "exit"}, nil, "zonecfg:z1> |zonecfg:z1> ", 0, "p"},
		{"the end of input", []any{"set pool=p"}, nil, "zonecfg:z1> |zonecfg:z1> ", 0, "p"},
		{"a dropped line", []any{"set pool=p", ErrInterrupted, "exit"}, nil, "zonecfg:z1> |zonecfg:z1> |zonecfg:z1> ", 0, "p"},
		{"the rest of the line after exit", []any{"exit; set pool=p", "set pool=q"}, nil, "zonecfg:z1> ", 0, "p"},
		{"a word that is too long", []any{"set pool=p; set bootargs=" + strings.Repeat("b", wordMax) + "; set pool=q", "exit"}, nil, "zonecfg:z1> |zonecfg:z1> ", 1, "p"},
		{"a resource", []any{"add dedicated-cpu", "cancel", "exit"}, nil, "zonecfg:z1> |zonecfg:z1:dedicated-cpu> |zonecfg:z1> ", 0, ""},
		{"another name", []any{"set zonename=z2", "set zonename=z1", "exit"}, nil, "zonecfg:z1> |zonecfg:z2> |zonecfg:z1> ", 0, ""},
		{"a mistake", []any{"set autoboot=x", "set pool=p", "exit"}, nil, "zonecfg:z1> |zonecfg:z1> |zonecfg:z1> ", 1, "p"},
		{"leaving a resource, and not", []any{"add attr", "exit", "cancel", "set pool=p", "exit"}, []string{"n"}, "zonecfg:z1> |zonecfg:z1:attr> |zonecfg:z1:attr> |zonecfg:z1> |zonecfg:z1> ", 0, "p"},
		{"leaving a resource", []any{"set pool=p", "add attr", "exit"}, []string{"y", "y"}, "zonecfg:z1> |zonecfg:z1> |zonecfg:z1:attr> ", 1, ""},
		{"what can't be saved, and is put right", []any{"set limitpriv=bogus", "exit", "clear limitpriv", "set pool=p", "exit"}, []string{"n"}, "zonecfg:z1> |zonecfg:z1> |zonecfg:z1> |zonecfg:z1> |zonecfg:z1> ", 0, "p"},
		{"what can't be saved", []any{"set limitpriv=bogus", "exit"}, []string{"y"}, "zonecfg:z1> |zonecfg:z1> ", 1, ""},
		{"the end of input in a resource, and not", []any{"add attr", io.EOF, "cancel", "exit"}, []string{"n"}, "zonecfg:z1> |zonecfg:z1:attr> |zonecfg:z1:attr> |zonecfg:z1> ", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store := testStore(t)
			s, out := begin(store)
			if status := s.RunWords([]string{"create; set zonepath=/zones/z1"}); status != 0 {
				t.Fatal(out)
			}
			p := &typist{lines: c.lines, answers: answers{c.answers, new(bytes.Buffer)}}
			s, out = begin(store)
			s = New("z1", Options{Store: store, Machine: s.Machine, Out: out, Err: out, Terminal: p})
			if status := s.RunTerminal(false); status != c.status {
				t.Errorf("status %d, want %d\n%s", status, c.status, out)
			}
			if got := strings.Join(p.prompts, "|"); got != c.prompts {
				t.Errorf("prompts %s", got)
			}
			if len(p.list) > 0 {
				t.Errorf("nobody asked for %q", p.list)
			}
			if z, err := store.Load("z1"); err != nil || z.Pool != c.pool {
				t.Errorf("pool %q, %v", z.Pool, err)
			}
		})
	}
}

// What is shown in interactive mode goes through the pager; diagnostics don't.
func TestPager(t *testing.T) {
	t.Parallel()
	store := testStore(t)
	var paged bytes.Buffer
	s, out := begin(store)
	s.Pager = func(show func(io.Writer)) error {
		show(&paged)
		return nil
	}
	s.RunInput(strings.NewReader("create\nset zonepath=/zones/z1\ninfo zonename\nhelp usage\ninfo nothing\n"), false)
	if want := "zonename: z1\nusage:\tzonecfg help\n"; !strings.HasPrefix(paged.String(), want) {
		t.Errorf("paged:\n%s", &paged)
	}
	if strings.Contains(out.String(), "zonename: ") || !strings.Contains(out.String(), "usage:\ninfo ") {
		t.Errorf("not paged:\n%s", out)
	}
	// A pager that can't be started isn't needed.
	s, out = begin(store)
	s.Pager = func(func(io.Writer)) error { return errors.New("no pager") }
	s.RunInput(strings.NewReader("info zonename\n"), false)
	if out.String() != "zonename: z1\n" {
		t.Errorf("%s", out)
	}
}

// An error while saving is said with its reason, and the changes stay.
func TestSaveFails(t *testing.T) {
	t.Parallel()
	s, out := begin(testStore(t))
	failing := true
	s.disk.save = func(*Session) error {
		if failing {
			return &zonecfg.Error{Code: zonecfg.ErrUpdatingIndex, File: "/etc/zones/index", Detail: "no space left on device"}
		}
		return nil
	}
	s.all(strings.NewReader("create\nset zonepath=/zones/z1\ncommit\n"), func() bool { return false })
	if want := "z1: Problem updating index file: /etc/zones/index: no space left on device\n"; out.String() != want || !s.unsaved {
		t.Errorf("%s", out)
	}
	failing = false
	s.all(strings.NewReader("commit\n"), func() bool { return false })
	if s.unsaved || s.created {
		t.Error("it isn't saved after all")
	}
}

// A script may be of any length.
func TestLongScript(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	script.WriteString("create; set zonepath=/zones/z1\n")
	const devices = 200
	for i := range devices {
		fmt.Fprintf(&script, "add device; set match=/dev/%d; end\n", i)
	}
	s, out := begin(testStore(t))
	if status := s.RunInput(strings.NewReader(script.String()), false); status != 0 {
		t.Fatal(out)
	}
	if n := len(s.Zone().Device); n != devices {
		t.Errorf("%d devices", n)
	}
}
