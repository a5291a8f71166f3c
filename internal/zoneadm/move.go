package zoneadm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/zonecfg"
)

func (t *Tool) move(args []string) int {
	if t.otherRoot("move") {
		return ExitFailed
	}
	_, operands, status, ok := t.simple("move", args, "")
	if !ok {
		return status
	}
	if len(operands) != 1 {
		t.usageOf("move")
		return ExitUsage
	}
	if !t.gate("move", mustNot, false) || !t.verified("move", nil) {
		return ExitFailed
	}
	z, b, ok := t.load("move")
	if !ok {
		return ExitFailed
	}
	to, err := zonecfg.CleanZonepath(operands[0])
	if err != nil {
		t.say("%v", err)
		return ExitFailed
	}
	to = t.Store.InRoot(to)
	_, err = os.Lstat(to)
	made := errors.Is(err, os.ErrNotExist)
	moved := z.Clone()
	moved.Zonepath = to
	if !t.zonepath("move", moved, b) {
		return ExitFailed
	}
	undo := func() {
		if made {
			os.Remove(to)
		}
	}
	if entries, err := os.ReadDir(to); err != nil || len(entries) > 0 {
		t.raw("could not move zone to %s: directory not empty", to)
		return ExitFailed
	}
	if !t.unmounted(z.Zonepath) {
		undo()
		return ExitFailed
	}
	unlock, ok := t.lock()
	if !ok {
		undo()
		return ExitFailed
	}
	defer unlock()
	if err := t.moveFiles(z, to); err != nil {
		t.say("%v", err)
		undo()
		return ExitFailed
	}
	return ExitOK
}

// moveFiles moves the files and then the configuration; when that can't be saved,
// the files go back.
func (t *Tool) moveFiles(z *zonecfg.Zone, to string) error {
	from := z.Zonepath
	copied := false
	// The new directory is empty, so renaming puts the zone in its place. os.Rename
	// would refuse.
	err := unix.Rename(from, to)
	if errors.Is(err, syscall.EXDEV) {
		fmt.Fprintf(t.Out, "Moving across file systems; copying zonepath %s...", from)
		err = copyTree(from, to)
		fmt.Fprintln(t.Out)
		copied = true
	}
	if err == nil {
		changed := z.Clone()
		changed.Zonepath = to
		if err = t.Store.Save(changed); err == nil {
			path := strings.TrimPrefix(to, t.Store.Root())
			if err = t.Store.Modify(t.target, zonecfg.Change{Zonepath: &path}); err != nil {
				err = errors.Join(err, t.Store.Save(z))
			}
		}
	}
	switch {
	case err == nil && copied:
		fmt.Fprintf(t.Out, "Cleaning up zonepath %s...", from)
		err = os.RemoveAll(from)
		fmt.Fprintln(t.Out)
		return err
	case err == nil:
		return nil
	case copied:
		return errors.Join(err, emptyOf(to))
	}
	if _, missing := os.Lstat(from); missing != nil {
		err = errors.Join(err, os.Rename(to, from), os.Mkdir(to, zonepathMode))
	}
	return err
}

// emptyOf removes what is in a directory.
func emptyOf(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}
