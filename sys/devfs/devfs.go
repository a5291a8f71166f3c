package devfs

import (
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
)

// Kind says what a [Rule] does.
type Kind string

// The kinds of rules, by the names that they have in the kernel's list.
const (
	Include Kind = "prof_include" // SDEV_NVNAME_INCLUDE: the zone has the devices that match
	Exclude Kind = "prof_exclude" // SDEV_NVNAME_EXCLUDE: the zone hasn't them, also not any more
	Symlink Kind = "prof_symlink" // SDEV_NVNAME_SYMLINK: a link with Name that leads to Target
	Map     Kind = "prof_map"     // SDEV_NVNAME_MAP: the zone has the device Name as Target
)

// mountPoint names the instance of the file system that a list is for. It comes first
// (SDEV_NVNAME_MOUNTPT).
const mountPoint = "prof_mountpt"

// Rule is an element of a [Profile]. Names are relative to /dev. In those of Include and
// Exclude *, ? and [] stand for others, as in a shell.
type Rule struct {
	Kind   Kind
	Name   string
	Target string // of Symlink and Map
}

// Profile is what a /dev has. A later rule takes precedence over an earlier one.
type Profile []Rule

// Mount mounts an instance of dev on a directory, with the attributes of its nodes (owner,
// mode) kept in the directory attrdir; "" keeps them in the mount point. The new /dev is
// empty: [Profile.Commit] fills it. It returns the options in effect, as [mount.Mount] does.
//
// EPERM without the privileges sys_mount and sys_devices; ENOENT when a directory doesn't
// exist; ENOTSUP on systems other than illumos.
//
// [mount.Mount]: https://pkg.go.dev/github.com/gozones/zones/sys/mount#Mount
func Mount(point, attrdir, options string) (string, error) {
	effective, err := mountDev(point, attrdir, options)
	if err != nil {
		return "", fmt.Errorf("mounting dev on %s with attributes in %s: %w", point, attrdir, err)
	}
	return effective, nil
}

// Commit adds the rules to the instance that is mounted on a directory (MODDEVNAME_PROFILE of
// modctl(2)), given as its mount entry has it. EINVAL when there is none, or for an unknown
// kind or a NUL; EPERM without the privilege sys_config; ENOTSUP on systems other than illumos.
func (p Profile) Commit(point string) error {
	packed, err := p.pack(point)
	if err == nil {
		err = commit(packed)
	}
	if err != nil {
		return fmt.Errorf("the profile of %s: %w", point, err)
	}
	return nil
}

// pack returns the list that the kernel reads. Names repeat in it.
func (p Profile) pack(point string) ([]byte, error) {
	list := nvlist.New(0)
	list.AddString(mountPoint, point)
	for _, r := range p {
		switch r.Kind {
		case Include, Exclude:
			list.AddString(string(r.Kind), r.Name)
		case Symlink, Map:
			list.AddStringArray(string(r.Kind), []string{r.Name, r.Target})
		default:
			return nil, fmt.Errorf("rule of kind %q: %w", r.Kind, errno.EINVAL)
		}
	}
	return list.Pack(nvlist.Native)
}

// String returns the rules as a list of lines, for messages.
func (p Profile) String() string {
	var b strings.Builder
	for _, r := range p {
		b.WriteString(strings.TrimSpace(strings.TrimPrefix(string(r.Kind), "prof_") + " " + r.Name + " " + r.Target))
		b.WriteByte('\n')
	}
	return b.String()
}
