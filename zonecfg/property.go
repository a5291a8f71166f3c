package zonecfg

import (
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// reserved begins the names that belong to the system.
const reserved = "SUNW"

// ReservedName tells that a zone's name is the system's: such zones are read-only.
func ReservedName(name string) bool { return strings.HasPrefix(name, reserved) }

// checkProperty checks a value and returns it as it is kept.
func (z *Zone) checkProperty(property, value string) (string, error) {
	fail := func(code Code, text string) (string, error) { return "", &Invalid{code, property, text} }
	switch property {
	case "zonename":
		if ValidName(value) != nil || ReservedName(value) {
			return fail(ErrBogusName, value+": "+ErrBogusName.Error())
		}
	case "zonepath":
		return CleanZonepath(value)
	case "autoboot":
		if value != "true" && value != "false" {
			return fail(ErrInvalid, "autoboot value must be 'true' or 'false'.")
		}
	case "pool":
		if ReservedName(value) {
			return fail(ErrInvalid, "pool names starting with SUNW are reserved.")
		}
		if z.DedicatedCPU != nil {
			return fail(ErrIncompatible, "The dedicated-cpu resource already exists.  A persistent pool is incompatible\nwith the dedicated-cpu resource.")
		}
	case "ip-type":
		if value != string(SharedIP) && value != string(ExclusiveIP) {
			return fail(ErrInvalid, "ip-type value must be 'shared' or 'exclusive'.")
		}
	case "hostid":
		if len(value) > hostIDMax {
			return fail(ErrTooBig, "hostid string is too large: "+value)
		}
		if _, ok := parseHostID(value); !ok {
			return fail(ErrInvalidProperty, "hostid: "+ErrInvalidProperty.Error())
		}
	case "fs-allowed":
		if !validFSAllowed(value) {
			return fail(ErrInvalidProperty, z.Name+": "+ErrInvalidProperty.Error())
		}
	}
	return value, nil
}

// CleanZonepath checks a zonepath and returns it as it is stored: without repeated
// slashes and one at the end. The error is an *[Invalid].
func CleanZonepath(path string) (string, error) {
	fail := func(text string) (string, error) { return "", &Invalid{ErrInvalid, "zonepath", text} }
	if !strings.HasPrefix(path, "/") {
		return fail(path + " is not an absolute path.")
	}
	var out strings.Builder
	for i := range len(path) {
		if c := path[i]; c != '/' || i == 0 || path[i-1] != '/' {
			out.WriteByte(c)
		}
	}
	clean := strings.TrimSuffix(out.String(), "/")
	if clean == "" {
		return fail("/ is not allowed as a zonepath.")
	}
	return clean, nil
}

const (
	hostIDMax     = 10         // HW_HOSTID_LEN without the NUL
	invalidHostID = 0xffffffff // HW_INVALID_HOSTID
)

// parseHostID reads a hostid: up to 32 bits in hexadecimal.
func parseHostID(text string) (uint32, bool) {
	digits := text
	if len(text) > 2 && (text[:2] == "0x" || text[:2] == "0X") {
		digits = text[2:]
	}
	if strings.ContainsAny(digits, "_+-") {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	return uint32(n), err == nil && n != invalidHostID
}

// validFSAllowed checks a list of file system types: letters, digits and hyphens,
// commas between.
func validFSAllowed(list string) bool {
	if list == "" {
		return true
	}
	for _, item := range strings.Split(list, ",") {
		for i := range len(item) {
			if !alnum(item[i]) && item[i] != '-' {
				return false
			}
		}
		if item == "" {
			return false
		}
	}
	return true
}

const (
	minPhysical = 1 << 20 // the smallest cap on physical memory that zonecfg takes
	positive    = "A positive number with a required scale suffix (K, M, G or T) was expected here."
	notNegative = "A non-negative number with a required scale suffix (K, M, G or T) was expected\nhere."
)

// ParseAlias reads what an alias is set to. The error is an *[Invalid].
func (z *Zone) ParseAlias(a rctl.Alias, text string) (uint64, error) {
	fail := func(text string) (uint64, error) { return 0, &Invalid{ErrInvalid, a.Name, text} }
	if a.Scale != rctl.Bytes {
		n, err := a.Parse(text)
		if err != nil || strings.HasSuffix(text, "%") {
			return fail(a.Name + " property is out of range.")
		}
		return n, nil
	}
	least := a.Min
	if a.Name == "swap" && z.Name == zone.GlobalName {
		least = rctl.MinGlobalSwap
	}
	n, err := rctl.ParseSize(text)
	switch {
	case err != nil && a.Name == "swap":
		return fail(positive)
	case err != nil:
		return fail(notNegative)
	case n < least:
		return fail(tooSmall(a.Name, least))
	}
	return n, nil
}

func tooSmall(property string, least uint64) string {
	return property + " value is too small.  It must be at least " + rctl.FormatSize(least) + "."
}

// ParsePhysical reads a cap on physical memory. The error is an *[Invalid].
func ParsePhysical(text string) (CappedMemory, error) {
	n, err := rctl.ParseSize(text)
	if err != nil {
		return CappedMemory{}, &Invalid{ErrInvalid, "physical", positive}
	}
	if n < minPhysical {
		return CappedMemory{}, &Invalid{ErrInvalid, "physical", tooSmall("physical", minPhysical)}
	}
	return CappedMemory{strconv.FormatUint(n, 10)}, nil
}

// ParseNCPUs reads a number of processors or a range of them, "2-4", for a
// dedicated-cpu, of which the importance is empty. The error is an *[Invalid].
func ParseNCPUs(text string) (DedicatedCPU, error) {
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	least, err1 := strconv.ParseUint(low, 10, 31)
	most, err2 := strconv.ParseUint(high, 10, 31)
	if err1 != nil || err2 != nil || least < 1 || most < least || strings.Contains(text, "+") {
		return DedicatedCPU{}, &Invalid{ErrInvalid, "ncpus", "ncpus property is out of range."}
	}
	return DedicatedCPU{Min: strconv.FormatUint(least, 10), Max: strconv.FormatUint(most, 10)}, nil
}

// NCPUs returns the number of processors as zonecfg writes it: "2", "2-4".
func (c DedicatedCPU) NCPUs() string {
	if c.Min == c.Max {
		return c.Min
	}
	return c.Min + "-" + c.Max
}

// CheckImportance checks the importance of a dedicated-cpu. The error is an
// *[Invalid].
func CheckImportance(text string) error {
	if _, err := rctl.ParseCount(text); err != nil {
		return &Invalid{ErrInvalid, "importance", "importance property is out of range."}
	}
	return nil
}

// CheckFSType checks the type of a file system. The error is an *[Invalid].
func CheckFSType(t string) error {
	if t == "" || t == "." || t == ".." || strings.Contains(t, "/") {
		return &Invalid{ErrInvalid, "type", `"` + t + `" is not a valid type.`}
	}
	return nil
}

// CheckRctlName checks the name of a resource control. The error is an *[Invalid].
func CheckRctlName(name string) error {
	if !rctl.ValidName(name) {
		return &Invalid{ErrInvalid, "name", "'" + name + "' is not a valid zone rctl name."}
	}
	return nil
}

// CheckRctlValue checks a value of a resource control: privileged, none or deny, and
// a number. The error is an *[Invalid].
func CheckRctlValue(v RctlValue) error {
	value, err := v.Parse()
	if err != nil || value.CheckZone() != nil {
		return &Invalid{ErrInvalid, "value", "Invalid rctl value specification"}
	}
	return nil
}
