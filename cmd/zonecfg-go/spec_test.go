package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/zonecfg"
)

// TestMain lets the test's program be the command, for what needs a process of its
// own: terminals.
func TestMain(m *testing.M) {
	if os.Getenv("ZONECFG_TEST_MAIN") != "" {
		main()
	}
	os.Exit(m.Run())
}

// system is a machine with an /etc/zones of its own.
type system struct {
	t    testing.TB
	root string
	run  string
	env  []string // of what runs on a terminal, besides the usual
	raw  *string  // gets all that the terminal was sent; may be nil
}

const template = `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="%s" zonepath="" autoboot="false" brand="ipkg"/>
`

// newSystem makes a machine with the templates of illumos.
func newSystem(t testing.TB) *system {
	s := &system{t: t, root: testenv.MemoryDir(t), run: t.TempDir()}
	s.write("/etc/zones/index", "global:installed:/\n")
	for _, name := range []string{zonecfg.TemplateDefault, zonecfg.TemplateBlank} {
		s.write("/etc/zones/"+name+".xml", fmt.Sprintf(template, name))
	}
	return s
}

func (s *system) write(path, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.root+path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.root+path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *system) read(path string) string {
	s.t.Helper()
	text, err := os.ReadFile(s.root + path)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *system) exists(path string) bool {
	_, err := os.Lstat(s.root + path)
	return !errors.Is(err, fs.ErrNotExist)
}

// zone runs the command in this process, with nothing on its standard input.
func (s *system) zonecfg(args ...string) (stdout, stderr string, status int) {
	s.t.Helper()
	return s.feed("", args...)
}

// feed runs the command with a standard input.
func (s *system) feed(input string, args ...string) (stdout, stderr string, status int) {
	s.t.Helper()
	in, err := os.CreateTemp(s.t.TempDir(), "stdin")
	if err != nil {
		s.t.Fatal(err)
	}
	defer in.Close()
	if _, err := in.WriteString(input); err != nil {
		s.t.Fatal(err)
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		s.t.Fatal(err)
	}
	var out, errs bytes.Buffer
	status = run(args, process{in: in, out: &out, err: &errs, root: s.root, runDir: s.run})
	return out.String(), errs.String(), status
}

// must runs commands that go well.
func (s *system) must(zone, script string) {
	s.t.Helper()
	if out, errs, status := s.zonecfg("-z", zone, script); status != 0 || errs != "" {
		s.t.Fatalf("%s: status %d\n%s%s", script, status, out, errs)
	}
}

// onTerminal runs the command on a terminal: what is typed goes there a line at a
// time, each after the next prompt or question. It returns what is on the screen at the
// end, or all that was printed if no line was edited.
func (s *system) onTerminal(args []string, lines ...string) (screen string, status int) {
	s.t.Helper()
	// The terminal has more rows than the command knows, so that nothing scrolls away.
	const columns, rows, all = 200, 50, 400
	c, tty := s.startOnTerminal(columns, rows, args...)
	sees := newEmulator(columns, all)
	var seen strings.Builder
	last := -1 // row of the prompt that was answered last
	buffer := make([]byte, 4096)
	for {
		n, err := tty.Read(buffer)
		seen.Write(buffer[:n])
		sees.write(buffer[:n])
		if len(lines) > 0 && sees.y > last && waiting(sees.before()) {
			if _, err := tty.WriteString(lines[0] + "\r"); err != nil {
				s.t.Fatal(err)
			}
			lines, last = lines[1:], sees.y
		}
		if err != nil {
			break
		}
	}
	c.Wait()
	if s.raw != nil {
		*s.raw = seen.String()
	}
	if len(lines) > 0 {
		s.t.Errorf("nobody wanted %q on\n%s", lines, sees)
	}
	if !strings.Contains(seen.String(), "\x1b") { // no line was edited
		return strings.ReplaceAll(seen.String(), "\r", ""), c.ProcessState.ExitCode()
	}
	return sees.String(), c.ProcessState.ExitCode()
}

// startOnTerminal starts the command on a terminal of a size.
func (s *system) startOnTerminal(columns, rows uint16, args ...string) (*exec.Cmd, *os.File) {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), "ZONECFG_TEST_MAIN=1", "ZONES_ROOT="+s.root, "ZONES_RUN="+s.run, "XDG_STATE_HOME="+s.run, "TERM=xterm", "PAGER=cat", "INPUTRC=/dev/null")
	c.Env = append(c.Env, s.env...)
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		s.t.Fatal(err)
	}
	expire := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	s.t.Cleanup(func() {
		expire.Stop()
		tty.Close()
	})
	return c, tty
}

func waiting(line string) bool { return strings.HasSuffix(line, "> ") || strings.HasSuffix(line, "? ") }

// specCase is a case of testdata/spec/cases-zonecfg.json.
type specCase struct {
	ID, Area, Given string
	Do              struct {
		Run  []string
		File string `json:"FILE"`
		TTY  bool
		Type string
	}
	Expect struct {
		Stdout           *string
		StdoutLinesAfter string   `json:"stdout_lines_after"`
		Lines            []string // after that line
		StdoutTail       string   `json:"stdout_tail"`
		StdoutContains   string   `json:"stdout_contains"`
		Stderr           *string
		StderrLines      []string          `json:"stderr_lines"`
		StderrContains   string            `json:"stderr_contains"`
		StderrFirstLine  string            `json:"stderr_first_line"`
		Exit             *int              // nil: nothing is said of it
		Committed        *bool             // whether the file is there, or was written
		CommittedPool    *string           `json:"committed_pool"`
		ZoneTag          string            `json:"zone_tag"`
		Body             string            // lines in the zone element
		File             string            // the whole file
		Mode             string            // of the file
		IndexLine        string            `json:"index_line"`
		ZoneAttr         map[string]string `json:"xml_zone_attr"`
		RctlOrder        []string          `json:"rctl_order"`
		Limits           map[string]string
		DeviceOrder      []string `json:"device_order"`
		FilesPresent     []string `json:"files_present"`
		FilesAbsent      []string `json:"files_absent"`
		FilePresent      string   `json:"file_present"`
		FileAbsent       string   `json:"file_absent"`
		ConfigUnchanged  bool     `json:"config_unchanged"`
		Prompts          []string
		Why              string
	}
}

// given makes what a case begins with. answer is what the person at the terminal
// says; nil when nobody is there.
func (s *system) given(given string) (answer *string) {
	s.t.Helper()
	const z1 = "create; set zonepath=/zones/z1"
	if _, made, ok := strings.Cut(given, "made by: "); ok {
		made, _, _ = strings.Cut(made, "; stdin")
		s.must("z1", made)
	}
	switch {
	case strings.HasPrefix(given, "z1 in state installed"):
		s.must("z1", z1)
		if err := zonecfg.Open(s.root, s.run).SetState("z1", zonecfg.Installed); err != nil {
			s.t.Fatal(err)
		}
	case strings.Contains(given, `extra attribute foo="1" on zone`):
		s.must("z1", z1)
		s.write("/etc/zones/z1.xml", strings.Replace(s.read("/etc/zones/z1.xml"), "<zone ", `<zone foo="1" `, 1))
	case strings.Contains(given, "no DOCTYPE"):
		s.must("z1", z1)
		s.write("/etc/zones/z1.xml", regexp.MustCompile(`<!DOCTYPE.*\n`).ReplaceAllString(s.read("/etc/zones/z1.xml"), ""))
	}
	if _, says, ok := strings.Cut(given, "user answers "); ok {
		if says == "empty line" {
			says = ""
		}
		answer = &says
	}
	return answer
}

func TestSpec(t *testing.T) {
	t.Parallel()
	for _, c := range spectest.Cases[specCase](t, "cases-zonecfg.json", "lex", "info", "export", "xml", "alias", "validate", "exit", "prompt") {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			answer := s.given(c.Given)
			before := ""
			if s.exists("/etc/zones/z1.xml") {
				before = s.read("/etc/zones/z1.xml")
			}
			args := slices.Clone(c.Do.Run[1:])
			file := ""
			if i := slices.Index(args, "FILE"); i >= 0 {
				file = filepath.Join(t.TempDir(), "FILE")
				args[i] = file
				if err := os.WriteFile(file, []byte(c.Do.File), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var out, errs string
			var status int
			switch {
			case c.Do.TTY:
				out, status = s.onTerminal(args, strings.Split(strings.TrimSuffix(c.Do.Type, "\n"), "\n")...)
			case answer != nil:
				out, status = s.onTerminal(args, *answer)
				errs = out // of one terminal both
				if c.Expect.Stdout != nil {
					out = strings.TrimRight(out, "\n")
				} else {
					_, errs, _ = strings.Cut(out, *answer+"\n")
				}
			default:
				out, errs, status = s.zonecfg(args...)
			}
			if file != "" {
				errs = strings.ReplaceAll(errs, file, "FILE")
			}
			c.check(t, s, out, errs, status, before)
		})
	}
}

func (c *specCase) check(t *testing.T, s *system, out, errs string, status int, before string) {
	e := c.Expect
	same := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
		}
	}
	contains := func(what, got, want string) {
		t.Helper()
		if !strings.Contains(got, want) {
			t.Errorf("%s:\n%s\nwithout:\n%s", what, got, want)
		}
	}
	xml := func() string { return s.read("/etc/zones/z1.xml") }
	load := func() *zonecfg.Zone {
		z, err := zonecfg.Open(s.root, s.run).Load("z1")
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	if e.Exit != nil && status != *e.Exit {
		t.Errorf("exit status %d, want %d\n%s%s", status, *e.Exit, out, errs)
	}
	if e.Stdout != nil {
		same("stdout", out, *e.Stdout)
	}
	if e.Lines != nil {
		_, after, _ := strings.Cut(out, e.StdoutLinesAfter+"\n")
		same("stdout", after, strings.Join(e.Lines, "\n")+"\n")
	}
	if !strings.HasSuffix(out, e.StdoutTail) {
		t.Errorf("stdout:\n%s\nends otherwise than:\n%s", out, e.StdoutTail)
	}
	contains("stdout", out, e.StdoutContains)
	contains("stderr", errs, e.StderrContains)
	if e.Stderr != nil {
		same("stderr", errs, *e.Stderr)
	}
	if e.StderrLines != nil {
		same("stderr", errs, strings.Join(e.StderrLines, "\n")+"\n")
	}
	if e.StderrFirstLine != "" {
		first, _, _ := strings.Cut(errs, "\n")
		same("first line of stderr", first, e.StderrFirstLine)
	}
	if e.Committed != nil {
		after := ""
		if s.exists("/etc/zones/z1.xml") {
			after = xml()
		}
		if (after != before) != *e.Committed {
			t.Errorf("committed: %t, want %t\n%s", after != before, *e.Committed, errs)
		}
	}
	if e.CommittedPool != nil {
		same("pool", load().Pool, *e.CommittedPool)
	}
	contains("file", "\n"+func() string {
		if e.ZoneTag+e.Body == "" {
			return ""
		}
		return xml()
	}(), e.ZoneTag)
	if e.Body != "" {
		_, body, _ := strings.Cut(xml(), "<zone")
		_, body, _ = strings.Cut(body, "\n")
		same("resources", strings.TrimSuffix(body, "</zone>\n"), e.Body)
	}
	if e.File != "" {
		same("file", xml(), e.File)
	}
	if e.Mode != "" {
		info, err := os.Stat(s.root + "/etc/zones/z1.xml")
		if err != nil {
			t.Fatal(err)
		}
		same("mode", fmt.Sprintf("%04o", info.Mode().Perm()), e.Mode)
	}
	if e.IndexLine != "" {
		contains("index", "\n"+s.read("/etc/zones/index"), "\n"+e.IndexLine+"\n")
	}
	for name, want := range e.ZoneAttr {
		contains("file", xml(), fmt.Sprintf(` %s="%s"`, name, want))
	}
	if e.RctlOrder != nil {
		var names []string
		for _, r := range load().Rctl {
			names = append(names, r.Name)
			same("limit of "+r.Name, r.Values[0].Limit, e.Limits[r.Name])
		}
		same("resource controls", strings.Join(names, " "), strings.Join(e.RctlOrder, " "))
	}
	if e.DeviceOrder != nil {
		var names []string
		for _, d := range load().Device {
			names = append(names, d.Match)
		}
		same("devices", strings.Join(names, " "), strings.Join(e.DeviceOrder, " "))
	}
	for _, path := range append(e.FilesPresent, e.FilePresent) {
		if path != "" && !s.exists(path) {
			t.Errorf("%s is gone", path)
		}
	}
	for _, path := range append(e.FilesAbsent, e.FileAbsent) {
		if path != "" && s.exists(path) {
			t.Errorf("%s is there", path)
		}
	}
	if e.ConfigUnchanged {
		same("file", xml(), before)
	}
	rest := out
	for _, prompt := range e.Prompts {
		_, after, ok := strings.Cut(rest, prompt)
		if !ok {
			t.Errorf("screen:\n%s\nhas no (further) prompt %q", out, prompt)
		}
		rest = after
	}
}
