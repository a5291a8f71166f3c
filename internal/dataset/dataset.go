// Package dataset reads and changes ZFS datasets through the program zones-zfs. Only
// that links the library go-zfs, which is thus loaded only for zones that have
// datasets.
package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/gozones/zones/internal/locate"
)

// Program is the name of the program.
const Program = "zones-zfs"

// Dataset has the properties of a dataset that this project uses.
type Dataset struct {
	Type       string `json:"type"` // "filesystem", "volume", "snapshot"
	Mountpoint string `json:"mountpoint"`
	// Inherited reports whether the mount point is inherited.
	Inherited bool   `json:"inherited,omitempty"`
	Mounted   bool   `json:"mounted,omitempty"`
	Zoned     string `json:"zoned,omitempty"`  // "on", "off", or empty if unknown
	Origin    string `json:"origin,omitempty"` // of a clone: the snapshot it was made from
}

// Dependents is what goes with a file system when it is destroyed, or keeps it from that.
type Dependents struct {
	Snapshots []string `json:"snapshots"` // of the file system itself, the oldest first
	Children  []string `json:"children"`  // file systems and volumes below it
	Clones    []Clone  `json:"clones"`    // of its snapshots
}

// Clone is a dataset made from a snapshot.
type Clone struct {
	Name   string `json:"name"`
	Origin string `json:"origin"`
}

// Filesystem is the type of datasets that can be mounted.
const Filesystem = "filesystem"

// ErrNoZFS is returned on a host without ZFS.
var ErrNoZFS = errors.New("there is no program zfs in PATH")

// Get looks up a dataset. The error is [ErrNoZFS] on a host without ZFS; others have
// the text of the zfs program.
func Get(name string) (*Dataset, error) {
	d := new(Dataset)
	return d, ask(d, "get", name)
}

// DependentsOf returns the dependents of a file system.
func DependentsOf(name string) (*Dependents, error) {
	d := new(Dependents)
	return d, ask(d, "dependents", name)
}

// Set sets a property of a dataset.
func Set(name, property, value string) error { return change("set", name, property, value) }

// Inherit gives a property the value of the dataset above.
func Inherit(name, property string) error { return change("inherit", name, property) }

// Create creates a file system, which is mounted and not shared.
func Create(name string) error { return change("create", name) }

// Snapshot takes a snapshot, whose name is FILESYSTEM@NAME.
func Snapshot(name string) error { return change("snapshot", name) }

// MakeClone makes a file system from a snapshot. It is mounted and not shared.
func MakeClone(snapshot, name string) error { return change("clone", snapshot, name) }

// Rename renames a dataset. A file system that inherits its mount point is mounted there.
func Rename(from, to string) error { return change("rename", from, to) }

// Promote makes a clone independent of the file system it was made from, which becomes a
// clone itself.
func Promote(name string) error { return change("promote", name) }

// Mount and Unmount mount a file system on its mount point, and take it away.
func Mount(name string) error   { return change("mount", name) }
func Unmount(name string) error { return change("unmount", name) }

// Destroy destroys a dataset without dependents.
func Destroy(name string) error { return change("destroy", name) }

// Reason returns the reason in an error of the zfs program, which names the dataset before
// it: "cannot open 'tank/web': dataset does not exist".
func Reason(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, "': "); ok {
		return after
	}
	return text
}

func ask(answer any, args ...string) error {
	out, err := run(args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("%s: %w", Program, err)
	}
	return nil
}

func change(args ...string) error {
	_, err := run(args...)
	return err
}

func run(args ...string) ([]byte, error) {
	if _, err := exec.LookPath("zfs"); err != nil {
		return nil, ErrNoZFS
	}
	program, err := locate.Find(Program, "ZONES_ZFS")
	if err != nil {
		return nil, err
	}
	command := exec.Command(program, args...)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	err = command.Run()
	if text := strings.TrimSpace(said.String()); err != nil && text != "" {
		return nil, errors.New(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	return out.Bytes(), nil
}
