package zonecfg

import (
	"strings"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/zonecfg/internal/cnum"
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
		switch _, err := parseHostID(value); err {
		case nil:
		case ErrTooBig:
			return fail(ErrTooBig, "hostid string is too large: "+value)
		default:
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

// parseHostID reads a hostid: up to 32 bits in hexadecimal, as strtoull(3C) takes it
// after a prefix. ErrTooBig when the number has more characters than the kernel keeps,
// ErrInvalidProperty for what else is none.
func parseHostID(text string) (uint32, error) {
	if text == "" || strings.ContainsAny(text, cnum.Blanks) {
		return 0, ErrInvalidProperty
	}
	digits := text
	if strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X") {
		digits = text[2:]
	}
	n, rest, _ := cnum.Uint(digits, 16)
	if len(text)-len(rest) > hostIDMax {
		return 0, ErrTooBig
	}
	if rest != "" || n >= invalidHostID {
		return 0, ErrInvalidProperty
	}
	return uint32(n), nil
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

// nameMax is the room that the system's tools have for most names, with the NUL
// behind (MAXNAMELEN).
const nameMax = 256

// CheckFSType checks the type of a file system. The error is an *[Invalid].
func CheckFSType(t string) error {
	if len(t) >= nameMax || t == "" || t == "." || t == ".." || strings.Contains(t, "/") {
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
