package packaging

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
)

const (
	release = "v0.0.1-test"
	epoch   = 1_000_000_000
	prefix  = "usr/local/" // of entries
)

// tree makes a copy of the module's source, with its own times and modes of files.
func tree(t *testing.T, dir string, umask int, when time.Time) {
	t.Helper()
	script := fmt.Sprintf(`umask %03o && mkdir %[2]s && tar cf - --exclude=./bin --exclude=./.git . | tar xf - --no-same-permissions -C %[2]s`, umask, dir)
	if out, err := command(testenv.Top(), "sh", "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		return os.Chtimes(path, when, when)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func command(dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	return c
}

// pack runs make package in a tree, under a umask, and returns the directory of the result.
func pack(t *testing.T, dir string, umask int, args ...string) string {
	t.Helper()
	out := dir + "-packages"
	words := append([]string{"-c", fmt.Sprintf(`umask %03o; exec make "$@"`, umask), "sh", "package", "VERSION=" + release, "PACKAGES=" + out}, args...)
	c := command(dir, "sh", words...)
	c.Env = append(os.Environ(), fmt.Sprint("SOURCE_DATE_EPOCH=", epoch), "MAKEFLAGS=")
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return out
}

// name returns the name of the tarball for a system of architecture amd64.
func name(system string) string { return "zones-" + release + "-" + system + "-amd64.tar.gz" }

// entry is a file of a tarball.
type entry struct {
	tar.Header
	text []byte
}

// entries reads a tarball.
func entries(t *testing.T, path string) (list []entry) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if z.Name != "" || !z.ModTime.IsZero() {
		t.Errorf("%s: gzip has kept the name %q and the time %v", path, z.Name, z.ModTime)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry{*h, text})
	}
}

// TestPackage makes tarballs of one commit in two places.
func TestPackage(t *testing.T) {
	testenv.Need(t, testenv.Long, testenv.Source, testenv.Tool("make"), testenv.Tool("mandoc")) // builds programs
	top := t.TempDir()
	one, two := filepath.Join(top, "one"), filepath.Join(top, "another", "two")
	tree(t, one, 0o022, time.Now())
	if err := os.Mkdir(filepath.Dir(two), 0o700); err != nil {
		t.Fatal(err)
	}
	tree(t, two, 0o077, time.Unix(1_500_000_000, 0))
	first := pack(t, one, 0o022, "TARGETS=linux/amd64 illumos/amd64")
	// The programs of this machine, which only print their completions, are the first's.
	second := pack(t, two, 0o077, "TARGETS=illumos/amd64", "-o", "completing", "BIN="+filepath.Join(one, "bin"))

	t.Run("the same bytes", func(t *testing.T) {
		a, err := os.ReadFile(filepath.Join(first, name("illumos")))
		b, err2 := os.ReadFile(filepath.Join(second, name("illumos")))
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(a, b) {
			return
		}
		other := entries(t, filepath.Join(second, name("illumos")))
		for i, e := range entries(t, filepath.Join(first, name("illumos"))) {
			if i >= len(other) || !bytes.Equal(e.text, other[i].text) || e.Mode != other[i].Mode || e.Name != other[i].Name {
				t.Errorf("%s differs", e.Name)
			}
		}
		t.Error("the tarballs differ")
	})
	t.Run("checksums", func(t *testing.T) {
		sums, err := os.ReadFile(filepath.Join(first, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		var want string
		for _, system := range []string{"illumos", "linux"} {
			text, err := os.ReadFile(filepath.Join(first, name(system)))
			if err != nil {
				t.Fatal(err)
			}
			want += fmt.Sprintf("%x  %s\n", sha256.Sum256(text), name(system))
		}
		if string(sums) != want {
			t.Errorf("%s, want\n%s", sums, want)
		}
	})
	for _, system := range []string{"linux", "illumos"} {
		t.Run("contents for "+system, func(t *testing.T) {
			list := entries(t, filepath.Join(first, name(system)))
			contents(t, one, system, list)
			for _, e := range list {
				if bytes.Contains(e.text, []byte(top)) {
					t.Errorf("%s names the directory where it was built", e.Name)
				}
			}
		})
	}
	t.Run("unpacked", func(t *testing.T) { unpacked(t, first) })
}

// contents checks the entries of a tarball.
func contents(t *testing.T, source, system string, list []entry) {
	t.Helper()
	out, err := command(source, "make", "-s", "print-files", "TARGETS="+system+"/amd64").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, file := range strings.Fields(string(out)) {
		want = append(want, prefix+file)
	}
	slices.Sort(want)
	for _, e := range list {
		got = append(got, e.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	must, never := []string{"bin/zoneadm-go", "libexec/zones/zoneadmd-go", "share/man/man8/zoneadm-go.8", "share/zsh/site-functions/_zlogin-go"}, "lib/svc"
	if system == "illumos" {
		must, never = append(must, "lib/svc/manifest/zones-go.xml", "lib/svc/method/zones-go"), "systemd"
	} else {
		must = append(must, "libexec/zones/zones-kernel", "lib/systemd/system/zones-go.service", "lib/systemd/user/zones-go.service")
	}
	for _, file := range must {
		if !slices.Contains(got, prefix+file) {
			t.Errorf("no %s", file)
		}
	}
	all := strings.Join(got, "\n")
	if strings.Contains(all, never) {
		t.Errorf("a file of %s", never)
	}
	mentioned := 0
	for _, e := range list {
		header(t, e)
		switch kind := strings.Split(strings.TrimPrefix(e.Name, prefix), "/")[0]; {
		case len(e.text) == 0:
			t.Errorf("%s is empty", e.Name)
		case kind == "bin" || kind == "libexec":
			program(t, system, e)
			continue
		case strings.HasPrefix(e.Name, prefix+"share/man/"):
			manual(t, e)
		}
		if strings.Contains(string(e.text), "@PREFIX@") {
			t.Errorf("%s has a path that was not filled in", e.Name)
		}
		if strings.HasPrefix(e.Name, prefix+"share/doc/") { // which are about all systems
			documentLinks(t, e, got)
			continue
		}
		// Paths of this installation lead to files of it.
		for _, at := range regexp.MustCompile(`/usr/local/[A-Za-z0-9/._-]*[A-Za-z0-9]`).FindAllString(string(e.text), -1) {
			mentioned++
			if at = at[1:]; !slices.Contains(got, at) && !strings.Contains("\n"+all, "\n"+at+"/") {
				t.Errorf("%s names /%s, which isn't here", e.Name, at)
			}
		}
	}
	if mentioned < 8 {
		t.Errorf("only %d paths", mentioned)
	}
}

// documentLinks: the links of a document lead to others that are installed.
func documentLinks(t *testing.T, e entry, names []string) {
	t.Helper()
	if !strings.HasSuffix(e.Name, ".md") {
		return
	}
	for _, m := range regexp.MustCompile(`\]\(([^)#]+)`).FindAllStringSubmatch(string(e.text), -1) {
		if to := path.Join(path.Dir(e.Name), m[1]); !strings.Contains(m[1], "://") && !slices.Contains(names, to) {
			t.Errorf("%s links to %s, which isn't installed", e.Name, m[1])
		}
	}
}

// header checks what isn't the file's text.
func header(t *testing.T, e entry) {
	t.Helper()
	mode := int64(0o644)
	if bytes.HasPrefix(e.text, []byte("\x7fELF")) || bytes.HasPrefix(e.text, []byte("#!")) {
		mode = 0o755
	}
	if e.Typeflag != tar.TypeReg || e.Mode != mode || e.Uid != 0 || e.Gid != 0 || e.Uname != "root" || e.Gname != "root" || e.ModTime.Unix() != epoch {
		t.Errorf("%s: %c %o %d:%d %s:%s %v", e.Name, e.Typeflag, e.Mode, e.Uid, e.Gid, e.Uname, e.Gname, e.ModTime)
	}
}

// program checks that a program is one for the system.
func program(t *testing.T, system string, e entry) {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(e.text))
	if err != nil {
		t.Errorf("%s: %v", e.Name, err)
		return
	}
	interpreter := ""
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			text, err := io.ReadAll(p.Open())
			if err != nil {
				t.Error(err)
			}
			interpreter = strings.TrimRight(string(text), "\x00")
		}
	}
	want := map[string]string{"illumos": "/lib/amd64/ld.so.1"}[system] // those for Linux are static
	if file.Class != elf.ELFCLASS64 || file.Machine != elf.EM_X86_64 || interpreter != want {
		t.Errorf("%s is %v %v with interpreter %q, want %q", e.Name, file.Class, file.Machine, interpreter, want)
	}
	info, err := buildinfo.Read(bytes.NewReader(e.text))
	if err != nil {
		t.Errorf("%s: %v", e.Name, err)
		return
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["GOOS"] != system || settings["GOARCH"] != "amd64" || settings["CGO_ENABLED"] != "0" || settings["-trimpath"] != "true" || settings["vcs"] != "" {
		t.Errorf("%s: %v", e.Name, settings)
	}
}

// manual checks that man can show a page, under its own name.
func manual(t *testing.T, e entry) {
	t.Helper()
	c := exec.Command("mandoc", "-T", "utf8", "-W", "error")
	c.Stdin = bytes.NewReader(e.text)
	shown, err := c.CombinedOutput()
	text := regexp.MustCompile(".\b").ReplaceAllString(string(shown), "") // without what makes it bold
	title := strings.TrimSuffix(path.Base(e.Name), path.Ext(e.Name))
	if section := path.Ext(e.Name)[1:]; err != nil || !strings.HasPrefix(text, fmt.Sprintf("%s(%s)", title, section)) ||
		!strings.Contains(text, "\nNAME\n     "+title+" ") && !strings.Contains(text, "\nNAME\n       "+title+" ") {
		t.Errorf("%s: %v\n%.200s", e.Name, err, text)
	}
}

// unpack unpacks a tarball below a directory other than /.
func unpack(t *testing.T, packages, system string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "some", "where")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := command(dir, "tar", "xzf", filepath.Join(packages, name(system))).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, prefix)
}

// unpacked runs what was unpacked.
func unpacked(t *testing.T, packages string) {
	dir := unpack(t, packages, "linux")
	programs, err := filepath.Glob(filepath.Join(dir, "*bin*/*"))
	inner, err2 := filepath.Glob(filepath.Join(dir, "libexec/zones/*"))
	if err := errors.Join(err, err2); err != nil || len(programs) < 4 || len(inner) < 4 {
		t.Fatal(programs, inner, err)
	}
	versions := func(t *testing.T, system string, programs []string, runner ...string) {
		for _, program := range programs {
			words := append(slices.Clone(runner), program, "--version")
			c := exec.Command(words[0], words[1:]...)
			out, err := c.CombinedOutput()
			want := fmt.Sprintf("%s %s (%s, %s/amd64)\n", filepath.Base(program), release, runtime.Version(), system)
			if err != nil || string(out) != want {
				t.Errorf("%q: %v, %q, want %q", words, err, out, want)
			}
		}
	}
	t.Run("versions", func(t *testing.T) { versions(t, "linux", append(programs, inner...)) })
	t.Run("versions on illumos", func(t *testing.T) {
		testenv.Need(t, testenv.Runner)
		at := unpack(t, packages, "illumos")
		versions(t, "illumos", []string{at + "/bin/zoneadm-go", at + "/bin/zonename-go", at + "/libexec/zones/zoneadmd-go"}, testenv.RunnerPath())
	})
	t.Run("a zone by the methods of SMF", func(t *testing.T) { methods(t, dir, unpack(t, packages, "illumos")) })
}

// methods starts and stops zones by the methods of the service for illumos, with the
// programs for this machine.
func methods(t *testing.T, linux, illumos string) {
	method, err := os.ReadFile(filepath.Join(illumos, "lib/svc/method/zones-go"))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "zones"), 0o755); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(root, "run")
	t.Cleanup(func() {
		if err := stopKernel(run); err != nil {
			t.Error(err)
		}
	})
	placed := strings.ReplaceAll(string(method), "/usr/local/bin", filepath.Join(linux, "bin"))
	environment := []string{"ZONES_ROOT=" + root, "ZONES_RUN=" + run, "HOME=" + root, "SMF_FMRI=svc:/system/zones-go:default", "SMF_METHOD=start"}
	do := func(script string, args ...string) string {
		t.Helper()
		c := exec.Command("sh", append([]string{"-c", script, "zones-go"}, args...)...)
		c.Env = append(environment, "PATH="+filepath.Join(linux, "bin")+":/usr/bin:/bin")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", script[:min(len(script), 60)], args, err, out)
		}
		return string(out)
	}
	do(`set -e
		for zone in web idle broken; do
			auto=true; [ $zone != idle ] || auto=false
			zonecfg-go -z $zone "create; set zonepath=/zones/$zone; set autoboot=$auto"
			zoneadm-go -z $zone install
		done
		rm -r "$ZONES_ROOT/zones/broken/root"`)
	if out := do(placed, "start"); !strings.Contains(out, "web: boot: done") || !strings.Contains(out, "broken: boot: failed") {
		t.Errorf("start: %s", out)
	}
	if out := do("zoneadm-go list"); out != "global\nweb\n" {
		t.Errorf("after start: %s", out)
	}
	if out := do(placed, "stop"); !strings.Contains(out, "web: shutdown: done") {
		t.Errorf("stop: %s", out)
	}
	if out := do("zoneadm-go list"); out != "global\n" {
		t.Errorf("after stop: %s", out)
	}
}

// stopKernel stops the kernel process of a run directory, and waits until it has cleaned up.
func stopKernel(run string) error {
	text, err := os.ReadFile(filepath.Join(run, "kernel.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return fmt.Errorf("kernel.pid holds %q", text)
	}
	// The lock is free when it has exited.
	turn, err := os.OpenFile(filepath.Join(run, "kernel.turn"), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer turn.Close()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && err != syscall.ESRCH {
		return err
	}
	return syscall.Flock(int(turn.Fd()), syscall.LOCK_EX)
}
