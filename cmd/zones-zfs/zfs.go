package main

import (
	"bytes"
	"errors"
	"os/exec"
	"runtime"
	"strings"

	"github.com/mistifyio/go-zfs/v4"

	"github.com/gozones/zones/internal/dataset"
)

// Datasets are changed through the library go-zfs. They are read here, since the library
// returns neither the source of a property nor whether a file system is mounted, and can't
// read at all on illumos: see [changed].

// get runs zfs once for all properties. What a type of datasets doesn't have is "-".
func get(name string) (*dataset.Dataset, error) {
	lines, err := table("get", "-H", "-o", "property,value,source", "type,mountpoint,mounted,zoned,origin", name)
	if err != nil {
		return nil, err
	}
	d := new(dataset.Dataset)
	for _, line := range lines {
		if len(line) != 3 || line[1] == "-" {
			continue
		}
		switch value := line[1]; line[0] {
		case "type":
			d.Type = value
		case "mountpoint":
			d.Mountpoint, d.Inherited = value, strings.HasPrefix(line[2], "inherited")
		case "mounted":
			d.Mounted = value == "yes"
		case "zoned":
			d.Zoned = value
		case "origin":
			d.Origin = value
		}
	}
	return d, nil
}

// dependents looks for clones in the whole pool, since they may be anywhere in it and old
// versions of ZFS don't list those of a snapshot.
func dependents(name string) (*dataset.Dependents, error) {
	snapshots, err := table("list", "-H", "-r", "-t", "snapshot", "-s", "creation", "-o", "name", name)
	if err != nil {
		return nil, err
	}
	pool, _, _ := strings.Cut(name, "/")
	all, err := table("list", "-H", "-r", "-t", "filesystem,volume", "-o", "name,origin", pool)
	if err != nil {
		return nil, err
	}
	d := &dataset.Dependents{Snapshots: []string{}, Children: []string{}, Clones: []dataset.Clone{}}
	for _, line := range snapshots {
		if strings.HasPrefix(line[0], name+"@") {
			d.Snapshots = append(d.Snapshots, line[0])
		}
	}
	for _, line := range all {
		if strings.HasPrefix(line[0], name+"/") {
			d.Children = append(d.Children, line[0])
		}
		if len(line) == 2 && strings.HasPrefix(line[1], name+"@") {
			d.Clones = append(d.Clones, dataset.Clone{Name: line[0], Origin: line[1]})
		}
	}
	return d, nil
}

// unshared are the properties of new file systems: what a zone has in its files isn't to be
// offered on the network because the dataset above is.
var unshared = map[string]string{"sharenfs": "off", "sharesmb": "off"}

func set(args []string) error {
	d := &zfs.Dataset{Name: args[0]}
	return plain(d.SetProperty(args[1], args[2]))
}

func create(args []string) error {
	return changed(func() (*zfs.Dataset, error) { return zfs.CreateFilesystem(args[0], unshared) })
}

func snapshot(args []string) error {
	name, short, ok := strings.Cut(args[0], "@")
	if !ok {
		return errors.New("cannot take '" + args[0] + "': it is not a snapshot's name")
	}
	d := &zfs.Dataset{Name: name}
	return changed(func() (*zfs.Dataset, error) { return d.Snapshot(short, false) })
}

func clone(args []string) error {
	d := &zfs.Dataset{Name: args[0], Type: zfs.DatasetSnapshot}
	return changed(func() (*zfs.Dataset, error) { return d.Clone(args[1], unshared) })
}

func rename(args []string) error {
	d := &zfs.Dataset{Name: args[0]}
	return changed(func() (*zfs.Dataset, error) { return d.Rename(args[1], false, false) })
}

// destroy never has an option by which more than the named dataset goes.
func destroy(args []string) error {
	d := &zfs.Dataset{Name: args[0]}
	return plain(d.Destroy(zfs.DestroyDefault))
}

// inherit and what [plainly] runs are verbs of zfs that the library lacks, or (mount and
// unmount) refuses for want of a lookup.
func inherit(args []string) error {
	_, err := table("inherit", args[1], args[0])
	return err
}

func plainly(verb string) func(args []string) error {
	return func(args []string) error {
		_, err := table(verb, args[0])
		return err
	}
}

// changed calls a function of the library that changes something and then looks up the
// result, which isn't needed. On illumos version 4.0.0 of the library panics there, because
// it asks for the 10 properties of its build for Solaris and then reads 13: the change is
// made by then.
func changed(call func() (*zfs.Dataset, error)) (err error) {
	defer func() {
		problem := recover()
		if _, ok := problem.(runtime.Error); problem != nil && (!ok || runtime.GOOS != "illumos") {
			panic(problem)
		}
	}()
	_, err = call()
	return plain(err)
}

// table runs zfs and returns the fields of the lines it prints.
func table(args ...string) ([][]string, error) {
	var out, said bytes.Buffer
	command := exec.Command("zfs", args...)
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		return nil, plain(&zfs.Error{Err: err, Stderr: said.String()})
	}
	var lines [][]string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return lines, nil
}

// plain returns the zfs program's message, without the command that the library adds: its
// first line, or the one that says what can't be done if another program's is before that.
func plain(err error) error {
	var failed *zfs.Error
	if !errors.As(err, &failed) {
		return err
	}
	text, _, _ := strings.Cut(failed.Stderr, "\n")
	for line := range strings.Lines(failed.Stderr) {
		if strings.HasPrefix(line, "cannot ") {
			text = strings.TrimSuffix(line, "\n")
			break
		}
	}
	if text == "" {
		return failed.Err
	}
	return errors.New(text)
}
