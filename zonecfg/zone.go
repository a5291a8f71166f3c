package zonecfg

import (
	"reflect"
	"slices"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/zonecfg/internal/markup"
)

// Zone is the configuration of one zone: all that its XML file holds.
//
// The fields are the texts of the file. What the system's tools accept in a file is
// accepted here and comes out as it went in; [Zone.Verify] says what is wrong with
// it, and methods such as [Zone.Rctls] say what it means. A property that isn't set
// is the empty string, as the system's tools see it.
//
// A Zone also remembers how its file is laid out: the order of its elements and
// attributes, its comments. Fields may be changed at will: what stays the same keeps
// its place when the zone is written. [Zone.Set], [Zone.Append], [Zone.Replace] and
// the like change the layout too, as zonecfg(8) does. A copy made by assignment
// shares only the lists; [Zone.Clone] shares nothing.
type Zone struct {
	Name       string
	Zonepath   string // with the alternate root in front
	Brand      string // "": that of the template SUNWdefault
	Autoboot   bool
	BootArgs   string
	Pool       string
	LimitPriv  string
	SchedClass string
	IPType     IPType // "" is SharedIP
	HostID     string
	FSAllowed  string

	FS            []FS
	Net           []Net
	Device        []Device
	Rctl          []Rctl // with all that aliases stand for
	Attr          []Attr
	Dataset       []Dataset
	DedicatedCPU  *DedicatedCPU
	CappedMemory  *CappedMemory
	Admin         []Admin
	SecurityFlags *SecurityFlags

	// Of old configurations, kept and not acted on.
	InheritedPkgDir []InheritedPkgDir
	DeletedDevice   []DeletedDevice

	// Of the manifests of detached zones.
	Package []Package
	Patch   []Patch
	DevPerm []DevPerm

	layout *markup.Document // nil: not from a file
}

// IPType says whether a zone has a network stack of its own.
type IPType string

// The IP types.
const (
	SharedIP    IPType = "shared"
	ExclusiveIP IPType = "exclusive"
)

// Resource is one of the elements of a zone's file: a pointer or a value of the
// types below.
type Resource interface {
	element() *markup.Element
}

// FS is a file system of a zone.
type FS struct {
	Dir     string   `json:"dir"`
	Special string   `json:"special"`
	Raw     string   `json:"raw,omitempty"`
	Type    string   `json:"type"`
	Options []string `json:"options,omitempty"`
}

// Net is a network interface: an address on a link of the machine, or a link of
// the zone's own.
type Net struct {
	Address        string `json:"address,omitempty"`
	AllowedAddress string `json:"allowed-address,omitempty"`
	Physical       string `json:"physical"`
	Defrouter      string `json:"defrouter,omitempty"`
}

// Device is a pattern of devices of the machine that the zone has too.
type Device struct {
	Match string `json:"match"`
}

// Rctl is a resource control with its values.
type Rctl struct {
	Name   string      `json:"name"`
	Values []RctlValue `json:"value"`
}

// RctlValue is a value as it is written; see sys/rctl for what it means.
type RctlValue = rctl.TextValue

// Attr is a generic attribute. Its type is boolean, int, string or uint.
type Attr struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Dataset is a ZFS dataset that the zone administers.
type Dataset struct {
	Name string `json:"name"`
}

// DedicatedCPU is a range of processors of the zone's own, as decimal numbers, with
// the importance of its pool, "" for none.
type DedicatedCPU struct {
	Min, Max, Importance string
}

// CappedMemory is the cap on physical memory, bytes as a decimal number. The caps on
// swap and locked memory, which zonecfg shows beside it, are resource controls.
type CappedMemory struct {
	Physical string
}

// Admin is a user who may do things to the zone: a list of login, manage and
// clonefrom with commas between.
type Admin struct {
	User  string `json:"user"`
	Auths string `json:"auths"`
}

// SecurityFlags are lists of flags as they are written.
type SecurityFlags secflags.Config

// InheritedPkgDir is a directory of the machine that the zone shared.
type InheritedPkgDir struct {
	Dir string `json:"dir"`
}

// DeletedDevice is a device that was taken from the zone.
type DeletedDevice struct {
	Match string `json:"match"`
}

// Package is a package that a detached zone has.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Patch is a patch that a detached zone has, with the ids of those that it
// replaces and those that it can't be with.
type Patch struct {
	ID           string   `json:"id"`
	Obsoletes    []string `json:"obsoletes,omitempty"`
	Incompatible []string `json:"incompatible,omitempty"`
}

// DevPerm are the permissions of a device of a detached zone.
type DevPerm struct {
	Name string `json:"name"`
	UID  string `json:"uid"`
	GID  string `json:"gid"`
	Mode string `json:"mode"`
	ACL  string `json:"acl"`
}

// Exclusive tells whether the zone has a network stack of its own.
func (z *Zone) Exclusive() bool { return z.IPType == ExclusiveIP }

// Clone returns a copy that shares nothing with z.
func (z *Zone) Clone() *Zone {
	c := *z
	c.FS = slices.Clone(z.FS)
	for i := range c.FS {
		c.FS[i].Options = slices.Clone(c.FS[i].Options)
	}
	c.Net, c.Device, c.Attr, c.Dataset, c.Admin = slices.Clone(z.Net), slices.Clone(z.Device), slices.Clone(z.Attr), slices.Clone(z.Dataset), slices.Clone(z.Admin)
	c.Rctl = slices.Clone(z.Rctl)
	for i := range c.Rctl {
		c.Rctl[i].Values = slices.Clone(c.Rctl[i].Values)
	}
	c.DedicatedCPU, c.CappedMemory, c.SecurityFlags = clone(z.DedicatedCPU), clone(z.CappedMemory), clone(z.SecurityFlags)
	c.InheritedPkgDir, c.DeletedDevice, c.Package, c.DevPerm = slices.Clone(z.InheritedPkgDir), slices.Clone(z.DeletedDevice), slices.Clone(z.Package), slices.Clone(z.DevPerm)
	c.Patch = slices.Clone(z.Patch)
	for i := range c.Patch {
		c.Patch[i].Obsoletes, c.Patch[i].Incompatible = slices.Clone(c.Patch[i].Obsoletes), slices.Clone(c.Patch[i].Incompatible)
	}
	return &c
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// Equal tells whether two configurations say the same, however their files are laid
// out. The order within a kind of resource counts, that between kinds doesn't.
func (z *Zone) Equal(o *Zone) bool { return reflect.DeepEqual(z.plain(), o.plain()) }

// plain returns the zone without its layout and with one form of what can be said in
// two ways.
func (z *Zone) plain() *Zone {
	c := z.Clone()
	c.layout = nil
	if c.IPType == "" {
		c.IPType = SharedIP
	}
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Len() == 0 {
			f.SetZero()
		}
	}
	for i := range c.FS {
		c.FS[i].Options = some(c.FS[i].Options)
	}
	for i := range c.Rctl {
		c.Rctl[i].Values = some(c.Rctl[i].Values)
	}
	for i := range c.Patch {
		c.Patch[i].Obsoletes, c.Patch[i].Incompatible = some(c.Patch[i].Obsoletes), some(c.Patch[i].Incompatible)
	}
	return c
}

// some returns a list, nil for an empty one.
func some[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
