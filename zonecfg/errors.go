package zonecfg

import "strconv"

// Code is an error of the configuration library by its number (libzonecfg Z_*),
// which some commands exit with.
type Code int

// The errors that this package gives.
const (
	ErrEmptyDocument   Code = 1  // Z_EMPTY_DOCUMENT
	ErrWrongDocType    Code = 2  // Z_WRONG_DOC_TYPE
	ErrBadProperty     Code = 3  // Z_BAD_PROPERTY
	ErrTempFile        Code = 4  // Z_TEMP_FILE
	ErrSavingFile      Code = 5  // Z_SAVING_FILE
	ErrNoEntry         Code = 6  // Z_NO_ENTRY
	ErrBogusName       Code = 7  // Z_BOGUS_ZONE_NAME
	ErrNeedResource    Code = 8  // Z_REQD_RESOURCE_MISSING
	ErrNeedProperty    Code = 9  // Z_REQD_PROPERTY_MISSING
	ErrBadHandle       Code = 10 // Z_BAD_HANDLE
	ErrInvalid         Code = 12 // Z_INVAL
	ErrAccess          Code = 13 // Z_ACCES
	ErrTooBig          Code = 14 // Z_TOO_BIG
	ErrMiscFS          Code = 15 // Z_MISC_FS
	ErrNoZone          Code = 16 // Z_NO_ZONE
	ErrNoResourceType  Code = 17 // Z_NO_RESOURCE_TYPE
	ErrNoResource      Code = 18 // Z_NO_RESOURCE_ID
	ErrNoProperty      Code = 19 // Z_NO_PROPERTY_TYPE
	ErrNoPropertyID    Code = 20 // Z_NO_PROPERTY_ID
	ErrBadState        Code = 21 // Z_BAD_ZONE_STATE
	ErrInvalidDoc      Code = 22 // Z_INVALID_DOCUMENT
	ErrNameInUse       Code = 23 // Z_NAME_IN_USE
	ErrUpdatingIndex   Code = 25 // Z_UPDATING_INDEX
	ErrLockingIndex    Code = 26 // Z_LOCKING_FILE
	ErrUnlockingIndex  Code = 27 // Z_UNLOCKING_FILE
	ErrInsufficient    Code = 29 // Z_INSUFFICIENT_SPEC
	ErrIPv6Prefix      Code = 35 // Z_IPV6_ADDR_PREFIX_LEN
	ErrBogusAddress    Code = 36 // Z_BOGUS_ADDRESS
	ErrPrivProhibited  Code = 37 // Z_PRIV_PROHIBITED
	ErrPrivMissing     Code = 38 // Z_PRIV_REQUIRED
	ErrPrivUnknown     Code = 39 // Z_PRIV_UNKNOWN
	ErrBrand           Code = 40 // Z_BRAND_ERROR
	ErrIncompatible    Code = 41 // Z_INCOMPATIBLE
	ErrAliasDisallowed Code = 42 // Z_ALIAS_DISALLOW
	ErrClearDisallowed Code = 43 // Z_CLEAR_DISALLOW
	ErrPoolsNotActive  Code = 45 // Z_POOLS_NOT_ACTIVE
	ErrPoolsEnable     Code = 46 // Z_POOL_ENABLE
	ErrPoolCreate      Code = 48 // Z_POOL_CREATE
	ErrInvalidProperty Code = 50 // Z_INVALID_PROPERTY
)

// codeTexts are the texts by number, "" for a number that isn't used.
var codeTexts = [...]string{
	0: "OK", 1: "Empty document", 2: "Wrong document type", 3: "Bad document property", 4: "Problem creating temporary file",
	5: "Problem saving file", 6: "No such entry", 7: "Bogus zone name", 8: "Required resource missing", 9: "Required property missing",
	10: "Bad handle", 11: "Out of memory", 12: "Invalid argument", 13: "Permission denied", 14: "Argument list too long",
	15: "Miscellaneous file system error", 16: "No such zone configured", 17: "No such resource type", 18: "No such resource with that id",
	19: "No such property type", 20: "No such property with that id", 21: "Zone state is invalid for the requested operation",
	22: "Invalid document", 23: "Zone name already in use", 24: "No such zone ID", 25: "Problem updating index file",
	26: "Locking index file", 27: "Unlocking index file", 29: "Insufficient specification", 34: "Resolved path mismatch",
	35: "IPv6 address missing required prefix length", 36: "Neither an IPv4 nor an IPv6 address nor a host name",
	37: "Specified privilege is prohibited", 38: "Required privilege is missing", 39: "Specified privilege is unknown",
	40: "Brand-specific error", 41: "Incompatible settings", 42: "An incompatible rctl already exists for this property",
	43: "Clearing this property is not allowed", 44: "libpool(3LIB) error", 45: "Pools facility not active; zone will not be bound to pool",
	46: "Could not enable pools facility", 47: "Pool not found; using default pool", 48: "Could not create a temporary pool",
	49: "Could not bind zone to pool", 50: "Specified property is invalid",
}

// Error returns the text that the system's tools print for it.
func (c Code) Error() string {
	if c < 0 || int(c) >= len(codeTexts) || codeTexts[c] == "" {
		return "Unknown error"
	}
	return codeTexts[c]
}

// Error is a failure with what is known of it beside its number.
type Error struct {
	Code   Code
	File   string
	Line   int // 0: none
	Detail string
}

// Error begins with the system's text.
func (e *Error) Error() string {
	text := e.Code.Error()
	if e.File != "" {
		text += ": " + e.File
		if e.Line > 0 {
			text += ":" + strconv.Itoa(e.Line)
		}
	} else if e.Line > 0 {
		text += ": line " + strconv.Itoa(e.Line)
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap returns the number.
func (e *Error) Unwrap() error { return e.Code }

// Invalid is why a value can't be that of a property: what zonecfg(8) says of it,
// without an end of line.
type Invalid struct {
	Code     Code
	Property string
	Text     string
}

// Error returns zonecfg's text.
func (e *Invalid) Error() string { return e.Text }

// Unwrap returns the number.
func (e *Invalid) Unwrap() error { return e.Code }
