package zlogin

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/gozones/zones/sys/zone"
)

// account is a user of the zone.
type account struct {
	name        string
	uid, gid    uint32
	groups      []uint32
	home, shell string
}

// root is the account that is there even where the zone describes none.
func rootAccount() *account { return &account{name: "root", home: "/", shell: "/bin/sh"} }

// accountFrom reads a line of passwd(5).
func accountFrom(line string) (*account, bool) {
	f := strings.Split(line, ":")
	if len(f) < 7 || f[0] == "" {
		return nil, false
	}
	uid, err1 := strconv.ParseUint(f[2], 10, 32)
	gid, err2 := strconv.ParseUint(f[3], 10, 32)
	if err1 != nil || err2 != nil {
		return nil, false
	}
	a := &account{name: f[0], uid: uint32(uid), gid: uint32(gid), home: f[5], shell: f[6]}
	if a.shell == "" {
		a.shell = "/bin/sh"
	}
	if a.home == "" {
		a.home = "/"
	}
	return a, true
}

var errNoUser = errors.New("no such user in the zone")

// accountIn looks a user up in the zone's own files below its root directory.
// Whatever the zone has made of those, nothing outside the root is opened.
func accountIn(root, name string) (*account, error) {
	var found *account
	err := eachLine(root, "etc/passwd", func(line string) bool {
		a, ok := accountFrom(line)
		if ok && a.name == name {
			found = a
		}
		return found == nil
	})
	if found == nil {
		if name == "root" {
			return rootAccount(), nil
		}
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w", name, errNoUser)
	}
	err = eachLine(root, "etc/group", func(line string) bool {
		f := strings.Split(line, ":")
		if len(f) < 4 {
			return true
		}
		for _, member := range strings.Split(f[3], ",") {
			gid, err := strconv.ParseUint(f[2], 10, 32)
			if member == name && err == nil {
				found.groups = append(found.groups, uint32(gid))
			}
		}
		return true
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return found, nil
}

// mostOfAFile bounds what is read of a file that a zone has written.
const mostOfAFile = 16 << 20

// eachLine calls f with the lines of a file below a root directory while it
// returns true.
func eachLine(root, path string, f func(line string) bool) error {
	r, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer r.Close()
	// A pipe in the file's place must not block.
	file, err := r.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", filepath.Join(root, path))
	}
	lines := bufio.NewScanner(io.LimitReader(file, mostOfAFile))
	for lines.Scan() {
		if !f(lines.Text()) {
			return nil
		}
	}
	return lines.Err()
}

// asked runs the brand's user command in the zone, which prints a user's line of
// passwd(5). It returns false when it doesn't.
func asked(k zone.Executor, id zone.ID, command string) (*account, bool) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, false
	}
	defer r.Close()
	p, err := k.Start(id, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", command}, Env: []string{"PATH=" + systemPath}, Stdout: w})
	w.Close()
	if err != nil {
		return nil, false
	}
	defer p.Close()
	var out bytes.Buffer
	io.Copy(&out, io.LimitReader(r, 4096))
	r.Close()
	status, err := p.Wait()
	line, _, _ := strings.Cut(out.String(), "\n")
	if err != nil || status != (zone.ExitStatus{}) {
		return nil, false
	}
	return accountFrom(line)
}
