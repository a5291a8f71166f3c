package zonecfg

import (
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/sys/zone"
)

// Rctls returns the resource controls that zone_create is given: those that the
// dictionary of this package's system has, with max-lwps and max-processes following
// from each other where only one of them is configured. unknown are the names of
// those that it hasn't got, which are passed over. The error has zoneadmd's text.
func (z *Zone) Rctls() (set rctl.Set, unknown []string, err error) {
	return rctl.ZoneSet(z.RctlEntries(), rctl.Controls())
}

// Privileges returns the privileges of the zone's processes, by the lists of its
// brand. The error is a *[priv.LimitError].
func (z *Zone) Privileges(brand *priv.Lists) (priv.Set, error) {
	t := SharedIP
	if z.Exclusive() {
		t = ExclusiveIP
	}
	return brand.Limit(z.LimitPriv, string(t))
}

// Datasets returns the list of ZFS datasets that zone_create is given: those of the
// configuration, and what the query hook of the brand said, which may be nothing.
func (z *Zone) Datasets(implicit string) string {
	var names []string
	for _, d := range z.Dataset {
		names = append(names, d.Name)
	}
	if implicit != "" {
		names = append(names, implicit)
	}
	return strings.Join(names, ",")
}

// CreateFlags returns the flags that zone_create is given.
func (z *Zone) CreateFlags() int32 {
	if z.Exclusive() {
		return zone.CreateNetExcl
	}
	return 0
}

// KernelHostID returns the zone's hostid; set is false for a zone that has the
// machine's. The error is an *[Invalid] with zoneadmd's text.
func (z *Zone) KernelHostID() (id uint32, set bool, err error) {
	if z.HostID == "" {
		return 0, false, nil
	}
	if len(z.HostID) > hostIDMax {
		return 0, false, &Invalid{ErrTooBig, "hostid", "hostid property value is too large."}
	}
	id, err = parseHostID(z.HostID)
	if err != nil {
		return 0, false, &Invalid{ErrInvalidProperty, "hostid", `hostid property value "` + z.HostID + `" is not valid`}
	}
	return id, true, nil
}

const (
	usualFS   = "hsfs,smbfs,nfs,nfs3,nfs4,nfsdyn" // DFLT_FS_ALLOWED
	fsMax     = 1024                              // ZONE_FS_ALLOWED_MAX
	fsWithout = "-,"                              // begins a list that the usual ones aren't added to
)

// KernelFSAllowed returns the list of file system types that may be mounted in the
// zone; set is false when the kernel is told none. The error is an *[Invalid] with
// zoneadmd's text.
func (z *Zone) KernelFSAllowed() (list string, set bool, err error) {
	if len(z.FSAllowed) >= fsMax {
		return "", false, &Invalid{ErrTooBig, "fs-allowed", "fs-allowed property value is too large."}
	}
	if !validFSAllowed(z.FSAllowed) {
		return "", false, &Invalid{ErrInvalidProperty, "fs-allowed", `fs-allowed property value "` + z.FSAllowed + `" is not valid`}
	}
	if z.FSAllowed == "" {
		return usualFS, true, nil
	}
	if rest, without := strings.CutPrefix(z.FSAllowed, fsWithout); without {
		return rest, true, nil
	}
	if z.FSAllowed[0] == '-' {
		return "", false, nil
	}
	return z.FSAllowed + "," + usualFS, true, nil
}

// SecFlags returns the four sets of security flags that the zone is given. usual is
// the brand's own list, for a zone that configures none. The error has zoneadmd's
// text.
func (z *Zone) SecFlags(usual string) (secflags.Sets, error) {
	if z.SecurityFlags == nil {
		return secflags.Config{Default: usual}.Sets()
	}
	return secflags.Config(*z.SecurityFlags).Sets()
}

// MemoryCap returns the cap on the physical memory of the zone in bytes; set is false
// without one.
func (z *Zone) MemoryCap() (bytes uint64, set bool, err error) {
	if z.CappedMemory == nil {
		return 0, false, nil
	}
	bytes, err = rctl.ParseCount(z.CappedMemory.Physical)
	if err != nil {
		return 0, false, &Invalid{ErrInvalid, "physical", "physical memory cap " + strconv.Quote(z.CappedMemory.Physical) + " is not a number of bytes"}
	}
	return bytes, true, nil
}

// CPUs are the processors that a zone has of its own.
type CPUs struct {
	Min, Max   uint64
	Importance uint64 // of its pool
}

// CPUs returns the dedicated-cpu of the zone, with importance 1 unless another is
// configured; nil without one.
func (z *Zone) CPUs() (*CPUs, error) {
	if z.DedicatedCPU == nil {
		return nil, nil
	}
	c, err := ParseNCPUs(z.DedicatedCPU.Min + "-" + z.DedicatedCPU.Max)
	if err != nil {
		return nil, err
	}
	out := &CPUs{Importance: 1}
	out.Min, _ = parseCount(c.Min)
	out.Max, _ = parseCount(c.Max)
	if i := z.DedicatedCPU.Importance; i != "" {
		if err := CheckImportance(i); err != nil {
			return nil, err
		}
		out.Importance, _ = parseCount(i)
	}
	return out, nil
}
