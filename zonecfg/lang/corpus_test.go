package lang

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/zonecfg"
)

var update = flag.Bool("update", false, "write what the corpus expects anew")

// corpusCase is a file of testdata. Its comment says what it shows, then:
//
//	mode: file      how the script is run: file (the usual), words, input
//	zone: z1        the zone, z1 if it isn't said
//	state: installed, running, ...
//	answers: y n    of the person at the terminal; without it nobody is there
//	readonly, fullpaths, lossy: what is exported isn't the same zone
//
// "before" is a script that has been run and committed; files whose names begin with
// etc/ are there too. The sections out, err and exit say what the script does; info,
// export and xml what zone is there afterwards. A section that isn't there is empty,
// an exit status 0.
type corpusCase struct {
	name    string
	archive *txtar.Archive
	mode    string
	zone    string
	state   string
	answers []string
	flags   map[string]bool
}

func readCase(t testing.TB, path string) *corpusCase {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &corpusCase{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), archive: archive, mode: "file", zone: "z1", flags: map[string]bool{}}
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case !ok && slices.Contains([]string{"readonly", "fullpaths", "lossy"}, key):
			c.flags[key] = true
		case key == "mode":
			c.mode = value
		case key == "zone":
			c.zone = value
		case key == "state":
			c.state = value
		case key == "answers":
			c.answers = strings.Split(value, " ")
		}
	}
	return c
}

func (c *corpusCase) section(name string) string {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// put sets a section; an empty one goes.
func (c *corpusCase) put(name, text string) {
	c.archive.Files = slices.DeleteFunc(c.archive.Files, func(f txtar.File) bool { return f.Name == name })
	if text != "" {
		c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: []byte(text)})
	}
}

// answers is a person who says what is on the list.
type answers struct {
	list []string
	out  *bytes.Buffer
}

func (a *answers) Line(string) (string, error) { return "", errors.New("this person only answers") }

func (a *answers) Ask(question string) (string, error) {
	if len(a.list) == 0 {
		return "", errors.New("no more answers")
	}
	answer := strings.ReplaceAll(a.list[0], "-", "")
	a.list = a.list[1:]
	fmt.Fprintf(a.out, "%s%s\n", question, answer)
	return answer, nil
}

// testMachine has the brands ipkg, which may have what it likes, and shared, which
// has no exclusive IP and a hook that wants no attr "bad"; users and authorizations.
func testMachine(errs *bytes.Buffer) zonecfg.Machine {
	lists := priv.Lists{
		Default:    []priv.Entry{{Name: "sys_mount"}, {Name: "file_chown"}, {Name: "sys_ip_config", IPType: "exclusive"}},
		Prohibited: []priv.Entry{{Name: "dtrace_kernel"}},
		Required:   []priv.Entry{{Name: "proc_exec"}, {Name: "proc_fork"}, {Name: "sys_mount"}},
	}
	return zonecfg.Machine{
		Brand: func(name string) (*zonecfg.BrandRules, error) {
			switch name {
			case "ipkg", "sparse", "native", "lx":
				return &zonecfg.BrandRules{Privileges: lists, ExclusiveIP: true}, nil
			case "shared":
				return &zonecfg.BrandRules{Privileges: lists, Verify: func(z *zonecfg.Zone) error {
					if len(z.Attr) > 0 && z.Attr[0].Name == "bad" {
						fmt.Fprintln(errs, "shared: attr bad is not for this brand")
						return errors.New("refused")
					}
					return nil
				}}, nil
			}
			return nil, zonecfg.ErrBrandUnknown
		},
		User: func(name string) bool { return name == "ops" || name == "root" },
		Authorization: func(name string) bool {
			return slices.Contains([]string{"solaris.zone.login", "solaris.zone.manage", "solaris.zone.clonefrom"}, name)
		},
	}
}

// testStore is an /etc/zones with the templates of illumos.
func testStore(t testing.TB) *zonecfg.Store {
	t.Helper()
	root := testenv.MemoryDir(t)
	if err := os.MkdirAll(root+"/etc/zones", 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(root+"/etc/zones/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("index", "global:installed:/:\n")
	for _, name := range []string{zonecfg.TemplateDefault, zonecfg.TemplateBlank} {
		z := &zonecfg.Zone{Name: name, Brand: "ipkg"}
		write(name+".xml", string(z.XML(zonecfg.ForUse)))
	}
	return zonecfg.Open(root, t.TempDir())
}

// runScript runs a script from a file whose name is "script".
func runScript(t testing.TB, s *Session, script string) int {
	t.Helper()
	dir := t.TempDir()
	path := dir + "/script"
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	return s.RunFile(path)
}

var states = map[string]zonecfg.State{"configured": zonecfg.Configured, "incomplete": zonecfg.Incomplete, "installed": zonecfg.Installed, "ready": zonecfg.Ready, "running": zonecfg.Running}

// prepare makes what the case begins with.
func (c *corpusCase) prepare(t testing.TB, store *zonecfg.Store) {
	t.Helper()
	for _, f := range c.archive.Files {
		if strings.HasPrefix(f.Name, "etc/") || strings.HasPrefix(f.Name, "zones/") {
			path := filepath.Join(store.Root(), f.Name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, f.Data, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if before := c.section("before"); before != "" {
		var out bytes.Buffer
		if status := runScript(t, New(c.zone, Options{Store: store, Machine: testMachine(&out), Out: &out, Err: &out}), before); status != 0 {
			t.Fatalf("before: status %d\n%s", status, out.String())
		}
	}
	if c.state == "" {
		return
	}
	state, ok := states[c.state]
	if !ok {
		t.Fatalf("state %s", c.state)
	}
	if err := store.SetState(c.zone, min(state, zonecfg.Installed)); err != nil {
		t.Fatal(err)
	}
	if state > zonecfg.Installed {
		store.Active = func(name string) (zonecfg.State, bool) { return state, name == c.zone }
	}
}

// run runs the case's script and returns the sections that say what it did.
func (c *corpusCase) run(t testing.TB, store *zonecfg.Store) map[string]string {
	var out, errs bytes.Buffer
	o := Options{Store: store, Machine: testMachine(&errs), Out: &out, Err: &errs, ReadOnly: c.flags["readonly"], FullPaths: c.flags["fullpaths"]}
	if c.answers != nil {
		o.Terminal = &answers{c.answers, &out}
	}
	s := New(c.zone, o)
	script := strings.ReplaceAll(c.section("script"), "$ROOT", store.Root())
	var status int
	switch c.mode {
	case "file":
		status = runScript(t, s, script)
	case "words":
		status = s.RunWords([]string{strings.TrimSuffix(script, "\n")})
	case "input":
		status = s.RunInput(strings.NewReader(script), false)
	case "numbered":
		status = s.RunInput(strings.NewReader(script), true)
	default:
		t.Fatalf("mode %s", c.mode)
	}
	got := map[string]string{"out": out.String(), "err": errs.String()}
	if status != 0 {
		got["exit"] = fmt.Sprintln(status)
	}
	name := s.committed
	text, err := os.ReadFile(store.Root() + "/etc/zones/" + name + ".xml")
	if errors.Is(err, fs.ErrNotExist) {
		return got
	}
	got["xml"] = string(text)
	index, err := os.ReadFile(store.Root() + "/etc/zones/index")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(index)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			fields := strings.Split(rest, ":")
			got["index"] = strings.Join(append([]string{name}, fields[:2]...), ":") + "\n"
		}
	}
	after := func(command string) string {
		var out bytes.Buffer
		New(name, Options{Store: store, Machine: testMachine(&out), Out: &out, Err: &out}).RunWords([]string{command})
		return out.String()
	}
	got["info"], got["export"] = after("info"), after("export")
	for section, text := range got {
		text = strings.ReplaceAll(text, store.Root(), "$ROOT")
		got[section] = strings.ReplaceAll(text, t.(interface{ TempDir() string }).TempDir(), "$TMP")
	}
	return got
}

var sections = []string{"out", "err", "exit", "index", "info", "export", "xml"}

func TestCorpus(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) < 150 {
		t.Fatalf("%d cases, %v; want 150 or more", len(paths), err)
	}
	for _, path := range paths {
		c := readCase(t, path)
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store := testStore(t)
			c.prepare(t, store)
			got := c.run(t, store)
			got["err"] = scriptPath(got["err"])
			if *update {
				for _, name := range sections {
					c.put(name, got[name])
				}
				if err := os.WriteFile(path, txtar.Format(c.archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range sections {
				if want := c.section(name); got[name] != want {
					t.Errorf("%s:\n%s\nwant:\n%s", name, got[name], want)
				}
			}
			if got["export"] != "" && !c.flags["lossy"] && c.zone != "global" {
				c.feedBack(t, store, got["export"])
			}
		})
	}
}

// scriptPath takes the directory off the name of the script.
func scriptPath(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if at := strings.Index(line, " of /"); at >= 0 && strings.Contains(line, "/script") {
			line = line[:at] + " of script" + line[strings.Index(line, "/script")+len("/script"):]
		}
		out.WriteString(line)
	}
	return out.String()
}

// feedBack runs what was exported on a machine without the zone: it must make the
// same one.
func (c *corpusCase) feedBack(t *testing.T, store *zonecfg.Store, export string) {
	name := strings.Split(c.section("index"), ":")[0]
	if name == "" {
		name = c.zone
	}
	want, err := store.Load(name)
	if err != nil {
		return // a file that can't be read
	}
	if Sayable(want) != nil {
		return
	}
	want.Zonepath = strings.TrimPrefix(want.Zonepath, store.Root())
	again := testStore(t)
	var out bytes.Buffer
	s := New(name, Options{Store: again, Machine: testMachine(&out), Out: &out, Err: &out})
	status := runScript(t, s, export)
	got, err := again.Load(name)
	if err != nil || status != 0 {
		t.Fatalf("the export fed back: status %d, %v\n%s", status, err, out.String())
	}
	got.Zonepath = strings.TrimPrefix(got.Zonepath, again.Root())
	if changes := Changes(want, got); len(changes) > 0 {
		var text bytes.Buffer
		WriteChanges(&text, changes)
		t.Errorf("the export fed back makes another zone:\n%s", text.String())
	}
}
