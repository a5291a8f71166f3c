package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// recording is what the system's own zonecfg answered to one call.
type recording struct {
	ID     string
	Start  string
	Argv   []string
	Stdin  *string
	File   *string // the text of /tmp/script.cfg
	Expect answer
}

// answer is what a call prints and leaves behind.
type answer struct {
	Exit   int               `json:"exit"`
	Stdout string            `json:"stdout"`
	Stderr string            `json:"stderr"`
	XML    fileSet           `json:"xml"` // the files of /etc/zones but index and templates
	Index  string            `json:"index"`
	Files  map[string]string `json:"files"` // written to /tmp
}

// unchanged stands for files that are as at the start.
const unchanged = "as at the start"

// fileSet is a set of files by name; nil means that they are as at the start.
type fileSet map[string]string

func (f *fileSet) UnmarshalJSON(text []byte) error {
	if string(text) == `"`+unchanged+`"` {
		*f = nil
		return nil
	}
	return json.Unmarshal(text, (*map[string]string)(f))
}

// startState is what /etc/zones holds before a call.
type startState struct {
	Index string
	XML   map[string]string
}

// node is an element of a brand's or a template's file.
type node struct {
	Element    string
	Attributes map[string]string
	Children   [][]json.RawMessage // name, attributes, text
}

const recordingsDir = "../../zonecfg/testdata/recordings"

func readCompressed(t testing.TB, name string) io.Reader {
	t.Helper()
	file, err := os.Open(filepath.Join(recordingsDir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	if err := json.NewDecoder(readCompressed(t, name)).Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// readRecordings returns the recordings and the states that they start from. Others
// can be held against the command by $ZONECFG_RECORDINGS, a file of the same form.
func readRecordings(t testing.TB) ([]*recording, map[string]startState) {
	t.Helper()
	starts := map[string]startState{}
	readJSON(t, "starts.json.gz", &starts)
	in := readCompressed(t, "recordings.jsonl.gz")
	if path := os.Getenv("ZONECFG_RECORDINGS"); path != "" {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		in = io.MultiReader(in, file)
	}
	return decodeRecordings(t, in), starts
}

// readGenerated returns the answers to calls that were made from the grammar.
func readGenerated(t testing.TB) []*recording {
	t.Helper()
	return decodeRecordings(t, readCompressed(t, "generated.jsonl.gz"))
}

func decodeRecordings(t testing.TB, in io.Reader) (list []*recording) {
	t.Helper()
	d := json.NewDecoder(in)
	for d.More() {
		r := new(recording)
		if err := d.Decode(r); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// text writes the element with its document type.
func (n node) text(t testing.TB, doctype string) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "<?xml version=\"1.0\"?>\n%s\n", doctype)
	open := func(name string, attributes map[string]string) {
		fmt.Fprintf(&out, "<%s", name)
		for _, key := range slices.Sorted(maps.Keys(attributes)) {
			fmt.Fprintf(&out, " %s=\"", key)
			xml.EscapeText(&out, []byte(attributes[key]))
			out.WriteByte('"')
		}
	}
	// The order of a template's attributes is that of the zones made from it.
	if n.Element == "" {
		fmt.Fprintf(&out, "<zone name=%q zonepath=%q autoboot=%q brand=%q/>\n", n.Attributes["name"], n.Attributes["zonepath"], n.Attributes["autoboot"], n.Attributes["brand"])
		return out.String()
	}
	open(n.Element, n.Attributes)
	out.WriteString(">\n")
	for _, child := range n.Children {
		var name, content string
		var attributes map[string]string
		for i, into := range []any{&name, &attributes, &content} {
			if err := json.Unmarshal(child[i], into); err != nil {
				t.Fatal(err)
			}
		}
		open(name, attributes)
		out.WriteByte('>')
		xml.EscapeText(&out, []byte(content))
		fmt.Fprintf(&out, "</%s>\n", name)
	}
	fmt.Fprintf(&out, "</%s>\n", n.Element)
	return out.String()
}

const zoneDoctype = `<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">`

// recordedFiles returns the files of the machine that the recordings were made on: its
// templates, its brands, and its users.
func recordedFiles(t testing.TB) (templates, brands, users map[string]string) {
	t.Helper()
	var described struct {
		Brands    map[string]map[string]node
		Templates map[string]node
	}
	readJSON(t, "brands.json.gz", &described)
	templates, brands = map[string]string{}, map[string]string{}
	for name, n := range described.Templates {
		templates["/etc/zones/"+name+".xml"] = n.text(t, zoneDoctype)
	}
	for name, parts := range described.Brands {
		for part, n := range parts {
			brands["/usr/lib/brand/"+name+"/"+part+".xml"] = n.text(t, "")
		}
	}
	users = map[string]string{"/etc/passwd": "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"}
	return templates, brands, users
}

// recordedMachine is a directory with the files of the machine that the recordings
// were made on.
type recordedMachine struct {
	root      string
	brands    string   // directory of the brands, which isn't below the root if several share it
	templates []string // their files in /etc/zones
}

// write puts files below a directory.
func write(t testing.TB, root string, files map[string]string) {
	t.Helper()
	for path, text := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// machines are those that calls of this process run on. A machine is used again: making
// one costs more than most calls.
type machines struct {
	dir       string // holds them all, and the brands
	templates map[string]string
	free      chan *recordedMachine
}

func newMachines(t testing.TB) *machines {
	t.Helper()
	templates, brands, _ := recordedFiles(t)
	shared := testenv.MemoryDir(t)
	write(t, shared, brands)
	const atOnce = 64
	return &machines{dir: shared, templates: templates, free: make(chan *recordedMachine, atOnce)}
}

// take returns a machine in a state, for the time of a test.
func (p *machines) take(t testing.TB, start startState) *recordedMachine {
	t.Helper()
	var m *recordedMachine
	select {
	case m = <-p.free:
	default:
		root, err := os.MkdirTemp(p.dir, "machine")
		if err != nil {
			t.Fatal(err)
		}
		m = newRecordedMachine(t, root, p.dir+"/usr/lib/brand", p.templates)
	}
	t.Cleanup(func() {
		select {
		case p.free <- m:
		default:
		}
	})
	m.reset(t, start)
	return m
}

// newRecordedMachine makes a machine below root.
func newRecordedMachine(t testing.TB, root, brands string, files map[string]string) *recordedMachine {
	t.Helper()
	m := &recordedMachine{root: root, brands: brands}
	write(t, root, files)
	for path := range files {
		if filepath.Dir(path) == "/etc/zones" {
			m.templates = append(m.templates, filepath.Base(path))
		}
	}
	write(t, root, map[string]string{"/tmp/script.cfg": ""})
	return m
}

// reset puts the machine into a state.
func (m *recordedMachine) reset(t testing.TB, start startState) {
	t.Helper()
	want := map[string]string{"/tmp/script.cfg": "", "/etc/zones/index": start.Index}
	for name, text := range start.XML {
		want["/etc/zones/"+name] = text
	}
	for dir, without := range map[string][]string{"/etc/zones": m.templates, "/tmp": nil} {
		for name, text := range m.left(t, dir, without...) {
			path := dir + "/" + name
			if wanted, ok := want[path]; ok && wanted == text {
				delete(want, path)
			} else if err := os.Remove(m.root + path); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(t, m.root, want)
}

// left returns the files of a directory of the machine without those named.
func (m *recordedMachine) left(t testing.TB, dir string, without ...string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(m.root + dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if slices.Contains(without, e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(m.root, dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// after returns what a call has left behind.
func (m *recordedMachine) after(t testing.TB, start startState, got *answer) {
	t.Helper()
	index, err := os.ReadFile(m.root + "/etc/zones/index")
	if err != nil {
		t.Fatal(err)
	}
	got.Index = uuids.ReplaceAllString(string(index), "<uuid>")
	if got.Index == start.Index { // with UUIDs it never is: those of the recordings were folded before
		got.Index = unchanged
	}
	got.XML = m.left(t, "/etc/zones", append(m.templates, "index")...)
	if maps.Equal(got.XML, start.XML) {
		got.XML = nil
	}
	for name, text := range m.left(t, "/tmp", "script.cfg") {
		if got.Files == nil {
			got.Files = map[string]string{}
		}
		got.Files["/tmp/"+name] = text
	}
}

var subcommands = regexp.MustCompile(`^(add|cancel|clear|commit|create|delete|end|exit|export|help|info|remove|revert|select|set|verify)( |$)`)

// fold writes output as the recordings have it: the wording of usages is each
// program's own.
func fold(text string) string {
	var out []string
	usage := false
	for line := range strings.SplitSeq(uuids.ReplaceAllString(text, "<uuid>"), "\n") {
		if strings.HasPrefix(line, "PAGER ") {
			continue
		}
		if usage && (line == "" || strings.HasPrefix(line, "\t") || strings.HasPrefix(line, "<") || strings.HasPrefix(line, "For ") ||
			strings.HasPrefix(line, "zonecfg") || subcommands.MatchString(line)) {
			continue
		}
		if usage = line == "usage:"; usage {
			line = "<usage>"
		}
		if line == "" {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// run runs the call in this process.
func (r *recording) run(t testing.TB, m *recordedMachine, start startState) answer {
	t.Helper()
	inRoot := func(text string) string {
		return strings.ReplaceAll(text, "/tmp", m.root+"/tmp")
	}
	args := make([]string, len(r.Argv))
	for i, a := range r.Argv {
		args[i] = inRoot(a)
	}
	if r.File != nil {
		write(t, m.root, map[string]string{"/tmp/script.cfg": inRoot(*r.File)})
	}
	input := ""
	if r.Stdin != nil {
		input = inRoot(*r.Stdin)
	}
	write(t, m.root, map[string]string{"/stdin": input})
	in, err := os.Open(m.root + "/stdin")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out, errs bytes.Buffer
	std := process{in: in, out: &out, err: &errs, root: m.root, runDir: "/run", brands: m.brands,
		isUser: func(name string) bool { return slices.Contains([]string{"root", "alice", "bob"}, name) }}
	got := answer{Exit: run(args, std)}
	got.Stdout = fold(strings.ReplaceAll(out.String(), m.root, ""))
	got.Stderr = fold(strings.ReplaceAll(errs.String(), m.root, ""))
	m.after(t, start, &got)
	return got
}

// differences says where two answers differ.
func (want answer) differences(got answer) []string {
	var list []string
	differ := func(what string, same bool, got, want any) {
		if !same {
			list = append(list, fmt.Sprintf("%s:\n%v\nwant:\n%v", what, got, want))
		}
	}
	differ("exit", got.Exit == want.Exit, got.Exit, want.Exit)
	differ("stdout", got.Stdout == want.Stdout, got.Stdout, want.Stdout)
	differ("stderr", got.Stderr == want.Stderr, got.Stderr, want.Stderr)
	differ("xml", maps.Equal(got.XML, want.XML), got.XML, want.XML)
	differ("index", got.Index == want.Index, got.Index, want.Index)
	differ("files", maps.Equal(got.Files, want.Files), got.Files, want.Files)
	return list
}

// exceptions are recordings that are answered otherwise on purpose, each by the rule
// that says why.
var exceptions = map[string]exception{}

func init() {
	for _, id := range strings.Fields(`attr-5875a attr-5875l gv-zonepath-4254a gvc-zonepath-4252l opt4-5524a rv-device-match-5281a
		rv-device-match-5281l rv-fs-dir-5241l rv-fs-special-5253a rv-fs-special-5253l sf-6415a sf-6415l`) {
		exceptions[id] = exception{"the system's own ends at a word of 1,024 bytes without a word", func(want *answer, got answer) {
			if strings.HasPrefix(got.Stderr, "zonecfg: ") && strings.Count(got.Stderr, "\n") == 0 && strings.Contains(got.Stderr, "longer than the 1023") {
				want.Stderr = got.Stderr
			}
		}}
	}
	exceptions["opt4-5528a"] = exception{"an option with ; is exported in quotes: what follows the ; would be run as a command", func(want *answer, _ answer) {
		want.Stdout = strings.Replace(want.Stdout, "add options a;b", `add options "a;b"`, 1)
	}}
}

// exception changes what is wanted of a recording to what is answered on purpose.
type exception struct {
	why    string
	change func(want *answer, got answer)
}

const maxExceptions = 20

// sampled is 1 if every recorded call is made. With the race detector, which makes each ten
// times as slow, it is every tenth: these tests are about answers. make check-zonecfg makes
// all calls.
var sampled = 1

// TestRecordings holds every answer against that of the system's own zonecfg. Those
// with an alternate root need one of their own: see TestRecordingsProgram.
func TestRecordings(t *testing.T) {
	t.Parallel()
	list, starts := readRecordings(t)
	const atLeast = 4158
	if len(list) < atLeast || len(exceptions) > maxExceptions {
		t.Fatalf("%d recordings, want %d; %d exceptions, want %d at most", len(list), atLeast, len(exceptions), maxExceptions)
	}
	all := newMachines(t)
	for i, r := range list {
		if slices.Contains(r.Argv, "-R") || i%sampled != 0 || !testenv.Sample(i, 8) {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			start := starts[r.Start]
			r.hold(t, r.run(t, all.take(t, start), start))
		})
	}
}

// hold reports where an answer isn't the one that was recorded.
func (r *recording) hold(t *testing.T, got answer) {
	t.Helper()
	want := r.Expect
	if e, ok := exceptions[r.ID]; ok {
		if len(want.differences(got)) == 0 {
			t.Errorf("no exception any more: %s", e.why)
		}
		e.change(&want, got)
	}
	for _, d := range want.differences(got) {
		t.Error(d)
	}
	if t.Failed() {
		t.Logf("%s %q stdin %v file %v", r.Start, r.Argv, text(r.Stdin), text(r.File))
	}
}

func text(s *string) string {
	if s == nil {
		return "none"
	}
	return fmt.Sprintf("%q", *s)
}
