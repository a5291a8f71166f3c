package zlogin

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/pty"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

type keys []string

func (k *keys) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*k = keys{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(k))
}

func TestEscapeCases(t *testing.T) {
	t.Parallel()
	type escapeCase struct {
		ID string
		Do struct {
			Options []string
			Keys    keys
		}
		Expect struct {
			ToZone       string `json:"to_zone"`
			LocalEcho    string `json:"local_echo"`
			Disconnected bool
		}
	}
	for _, c := range spectest.Cases[escapeCase](t, "cases-zlogin.json", "zlogin-escape") {
		o, err := ParseOptions(append(c.Do.Options, "z1"))
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		s := Scanner{Escape: o.Escape, Keys: pty.Keys{Interrupt: 3, Kill: 0x15, Suspend: 0x1a, EOF: 4}}
		var toZone, echo string
		left := false
		for _, piece := range c.Do.Keys {
			var out []byte
			out, echo, left = s.Scan([]byte(piece))
			toZone += string(out)
		}
		if toZone != c.Expect.ToZone || echo != c.Expect.LocalEcho || left != c.Expect.Disconnected {
			t.Errorf("%s: to the zone %q, shown %q, left %v", c.ID, toZone, echo, left)
		}
	}
}

// FuzzScan: the zone gets the same bytes however the input is cut into pieces.
func FuzzScan(f *testing.F) {
	f.Add([]byte("ls\r~~.\r~."), uint8(2), byte('~'))
	f.Add([]byte("~\x00~.x"), uint8(1), byte(0))
	f.Fuzz(func(t *testing.T, typed []byte, cut uint8, char byte) {
		k := pty.Keys{Interrupt: 3, Kill: 0x15, Suspend: 0x1a, EOF: 4}
		whole := Scanner{Escape: Escape{Char: char}, Keys: k}
		want, wantEcho, wantLeft := whole.Scan(typed)
		pieces := Scanner{Escape: Escape{Char: char}, Keys: k}
		var got []byte
		var echo string
		left := false
		for rest := typed; len(rest) > 0 && !left; {
			n := min(int(cut)+1, len(rest))
			var out []byte
			out, echo, left = pieces.Scan(rest[:n])
			got, rest = append(got, out...), rest[n:]
		}
		if !bytes.Equal(got, want) || left != wantLeft || left && echo != wantEcho {
			t.Errorf("%q whole: %q %q %v; in pieces: %q %q %v", typed, want, wantEcho, wantLeft, got, echo, left)
		}
	})
}

// recorder is a kernel in memory that records what it is asked to run.
type recorder struct {
	zone.System
	cmds []zone.Cmd
	err  error // what Start returns
}

func (r *recorder) Start(_ zone.ID, cmd *zone.Cmd) (zone.Process, error) {
	r.cmds = append(r.cmds, *cmd)
	return nil, r.err
}

// world is a machine with a zone z1 whose brand has these commands.
type world struct {
	*Login
	kernel *recorder
	dir    string
	out    *os.File
	errs   *os.File
}

const nativeBrand = `<brand name="native"><initname>/sbin/init</initname><login_cmd>/usr/bin/login -z %%Z %%u</login_cmd>` +
	`<forcedlogin_cmd>%s</forcedlogin_cmd><user_cmd>/usr/bin/getent passwd %%u</user_cmd></brand>`

func newWorld(t *testing.T, running bool, forced string) *world {
	t.Helper()
	dir := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("etc/zones/index", "global:installed:/:\nz1:installed:/zones/z1:\nraw:configured:/zones/raw:\n")
	write("etc/zones/z1.xml", `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="z1" zonepath="/zones/z1" autoboot="false" brand="native"></zone>`)
	write("brands/native/config.xml", fmt.Sprintf(nativeBrand, forced))
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	w := &world{dir: dir, kernel: &recorder{System: k.Global(), err: errno.ENOENT}}
	if running {
		id, err := k.Global().Create(&zone.Def{Name: "z1", Root: "/zones/z1/root"})
		if err == nil {
			err = k.Global().Boot(id)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []**os.File{&w.out, &w.errs} {
		if *f, err = os.CreateTemp(dir, "out"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { (*f).Close() })
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	w.Login = &Login{Kernel: w.kernel, Store: zonecfg.Open(dir, dir), Brands: filepath.Join(dir, "brands"), RunDir: dir,
		Prog: "zlogin", Caller: Caller{Name: "root"}, In: null, Out: w.out, Err: w.errs}
	return w
}

func (w *world) said(t *testing.T, f *os.File) string {
	t.Helper()
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const forcedLogin = "/usr/bin/login -z %Z -f %u"

func TestCommandLineCases(t *testing.T) {
	t.Parallel()
	type runCase struct {
		ID, Given string
		Do        struct{ Run []string }
		Expect    struct {
			Stderr    *string
			First     *string `json:"stderr_first_line"`
			Contains  *string `json:"stderr_contains"`
			Argv, Env []string
			Exit      int
		}
	}
	ran := 0
	for _, c := range spectest.Cases[runCase](t, "cases-zlogin.json", "zlogin-args", "zlogin-state", "zlogin-exec", "zlogin-exit") {
		if len(c.Do.Run) == 0 {
			continue
		}
		forced := forcedLogin
		if strings.Contains(c.Given, "two blanks") {
			forced = "/usr/bin/login  -f %u"
		}
		w := newWorld(t, !strings.Contains(c.Given, "z1 installed"), forced)
		if c.Expect.Argv != nil {
			o, err := ParseOptions(c.Do.Run[1:])
			if err != nil {
				t.Errorf("%s: %v", c.ID, err)
				continue
			}
			p, err := w.Program(o)
			if err != nil || !slices.Equal(p.Cmd.Args, c.Expect.Argv) || p.Cmd.Path != c.Expect.Argv[0] {
				t.Errorf("%s: %+v, %v", c.ID, p, err)
				continue
			}
			if want := slices.DeleteFunc(slices.Clone(c.Expect.Env), func(e string) bool { return strings.HasPrefix(e, "TERM") }); len(want) > 0 && !slices.Equal(p.Cmd.Env, want) {
				t.Errorf("%s: environment %q", c.ID, p.Cmd.Env)
			}
			ran++
			continue
		}
		if c.Expect.Stderr == nil && c.Expect.First == nil && c.Expect.Contains == nil || slices.Contains(c.Do.Run, "-Q") {
			continue // about real programs: see the scripts
		}
		status := w.Main(c.Do.Run[1:])
		said := w.said(t, w.errs)
		first, _, _ := strings.Cut(said, "\n")
		switch e := c.Expect; {
		case status != e.Exit,
			e.Stderr != nil && said != *e.Stderr,
			e.First != nil && first != *e.First,
			e.Contains != nil && !strings.Contains(said, *e.Contains):
			t.Errorf("%s: status %d, %q", c.ID, status, said)
		}
		ran++
	}
	if ran < 12 {
		t.Errorf("only %d cases were run", ran)
	}
}

// TestChecks covers the checks that the cases don't, in their order.
func TestChecks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args   string
		status int
		first  string
	}{
		{"", 2, usageLine},
		{"-x z1", 2, usageLine},
		{"-l", 2, usageLine},
		{"-CS z1", 2, "zlogin: -S may not be specified for console login"},
		{"-C -n -S z1", 2, "zlogin: -n may not be specified for console login"},
		{"-C -l '' z1", 2, "zlogin: -l may not be specified for console login"},
		{"-CR/ z1", 2, "zlogin: -R may not be specified for console login"},
		{"-R rel z1", 2, "zlogin: root path must be absolute."},
		{"-R /etc/passwd z1", 2, "zlogin: root path must be a directory."},
		{"-n z1", 2, "zlogin: -n may not be specified for interactive login"},
		{"-C z1 id", 2, "zlogin: Commands may not be specified for console login."},
		{`-e \400 z1`, 2, `zlogin: Octal escape character '\400' too large`},
		{"--exec z1", 2, "zlogin: --exec needs a command"},
		{"raw id", 1, "zlogin: cannot login to a zone which is 'configured'"},
		{"-R / nosuch id", 1, "zlogin: zone 'nosuch' unknown"},
	} {
		w := newWorld(t, false, forcedLogin)
		args := strings.Fields(c.args)
		for i := range args {
			args[i] = strings.Trim(args[i], "'")
		}
		status := w.Main(args)
		if first, _, _ := strings.Cut(w.said(t, w.errs), "\n"); status != c.status || first != c.first {
			t.Errorf("%s: status %d, %q", c.args, status, first)
		}
	}
}

func TestAuthorizations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ granted, args, want string }{
		{"", "z1 id", "bob is not authorized for  failsafe or non-interactive login to  z1 zone."},
		{"solaris.zone.login/z1", "z1 id", "bob is not authorized for  failsafe or non-interactive login to  z1 zone."},
		{"solaris.zone.manage/z2", "-C z1", "bob is not authorized for console access to  z1 zone."},
		{"solaris.zone.manage", "z1 id", "login allowed only to running zones (z1 is 'installed')."},
		{"solaris.zone.*", "z1 id", "login allowed only to running zones (z1 is 'installed')."},
		{"solaris.zone.manage/z1", "z1 id", "login allowed only to running zones (z1 is 'installed')."},
	} {
		w := newWorld(t, false, forcedLogin)
		w.Caller = Caller{Name: "bob", Authorized: func(a string) bool { return authorized(strings.Fields(c.granted), a) }}
		status := w.Main(strings.Fields(c.args))
		if said := w.said(t, w.errs); status != 1 || said != "zlogin: "+c.want+"\n" {
			t.Errorf("%s, %s: %d %q", c.granted, c.args, status, said)
		}
	}
}

// TestUsers7MissingPrivilege: a caller who lacks privileges is told which.
func TestUsers7MissingPrivilege(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true, forcedLogin)
	w.Caller.Missing = w.Caller.Missing.With("sys_admin")
	if status := w.Main([]string{"z1", "id"}); status != 1 || w.said(t, w.errs) != "zlogin: "+errPrivilege+"\nzlogin: missing privileges: sys_admin\n" {
		t.Errorf("%d, %q", status, w.said(t, w.errs))
	}
}

// TestUsers2DirectCommand: --exec passes words on unchanged, also in zones of the
// system's brands.
func TestUsers2DirectCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true, forcedLogin)
	words := []string{"svccfg", "delpropvalue", "config/address", "*", "", "a  b"}
	o, err := ParseOptions(append([]string{"--exec", "z1"}, words...))
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Program(o)
	if err != nil || !slices.Equal(p.Cmd.Args, words) || !slices.Equal(p.Paths, []string{"/usr/sbin/svccfg", "/usr/bin/svccfg"}) {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestIdentify: the request to the console's server, and its answers.
func TestIdentify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		disconnect   bool
		answer, sent string
		want         string
	}{
		{true, "OK\nhello", "IDENT 7 C 1\n", ""},
		{false, "OK\n", "IDENT 7 C 0\n", ""},
		{false, "4711\n", "IDENT 7 C 0\n", "Console is already in use by process ID 4711."},
		{false, "", "IDENT 7 C 0\n", "Console is already in use by process ID ."},
	} {
		client, server := net.Pipe()
		sent := make(chan string, 1)
		go func() {
			line, _ := bufio.NewReader(server).ReadString('\n')
			sent <- line
			server.Write([]byte(c.answer))
			server.Close()
		}()
		err := identify(client, 7, "C", c.disconnect)
		if line := <-sent; line != c.sent || err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%+v: sent %q, %v", c, line, err)
		}
		client.Close()
	}
}

// TestInside: files are read inside the zone only, whatever links it makes.
func TestInside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, d := range []string{"root/etc", "root/run"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	os.WriteFile(filepath.Join(dir, "secret"), []byte("bob:x:0:0::/:\n"), 0o644)
	os.WriteFile(filepath.Join(dir, "root/run/passwd"), []byte("bob:x:7:8::/home/bob:/bin/sh\n"), 0o644)
	os.WriteFile(filepath.Join(dir, "root/etc/group"), []byte("g:x:9:amy,bob\nh:x:10:bobby\n"), 0o644)
	root, err := os.OpenRoot(filepath.Join(dir, "root"))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	link := filepath.Join(dir, "root/etc/passwd")
	for target, want := range map[string]bool{"/run/passwd": true, "../../../../run/passwd": true, "../../secret": false, filepath.Join(dir, "secret"): false, "passwd": false} {
		os.Remove(link)
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		u, _ := userInside(root, "bob")
		if (u != nil) != want || u != nil && (u.UID != 7 || u.GID != 8 || !slices.Equal(u.Groups, []uint32{8, 9})) {
			t.Errorf("%s: %+v", target, u)
		}
	}
}
