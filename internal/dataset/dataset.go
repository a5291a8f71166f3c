// Package dataset asks for ZFS datasets. The program zones-zfs does it, with the
// library go-zfs: so that is loaded for a zone that has datasets, and not whenever a
// command starts.
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

// Dataset is what the jobs want to know of one.
type Dataset struct {
	Type       string `json:"type"` // "filesystem", "volume", "snapshot"
	Mountpoint string `json:"mountpoint"`
	// Inherited tells that the mount point comes from a dataset above.
	Inherited bool   `json:"inherited,omitempty"`
	Zoned     string `json:"zoned,omitempty"` // "on", "off"; empty when it isn't known
}

// Filesystem is the type of datasets that can be mounted.
const Filesystem = "filesystem"

// ErrNoZFS is that of a machine without ZFS.
var ErrNoZFS = errors.New("this machine has no ZFS")

// Get looks a dataset up. [ErrNoZFS] where there is nobody to ask; the text of other
// errors is what the zfs program says.
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
