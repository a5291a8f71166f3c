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
	Zoned     string `json:"zoned,omitempty"` // "on", "off", or empty if unknown
}

// Filesystem is the type of datasets that can be mounted.
const Filesystem = "filesystem"

// ErrNoZFS is returned on a host without ZFS.
var ErrNoZFS = errors.New("this machine has no ZFS")

// Get looks up a dataset. The error is [ErrNoZFS] on a host without ZFS; others have
// the text of the zfs program.
func Get(name string) (*Dataset, error) {
	out, err := run("get", name)
	if err != nil {
		return nil, err
	}
	d := new(Dataset)
	if err := json.Unmarshal(out, d); err != nil {
		return nil, fmt.Errorf("%s: %w", Program, err)
	}
	return d, nil
}

// Set sets a property of a dataset.
func Set(name, property, value string) error {
	_, err := run("set", name, property, value)
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
