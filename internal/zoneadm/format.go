package zoneadm

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gozones/zones/zonecfg"
)

// id formats the zone's id.
func (z *Zone) id() string {
	if !z.Active {
		return "-"
	}
	return strconv.Itoa(int(z.ID))
}

func (z *Zone) uuid() string {
	if z.UUID == (zonecfg.UUID{}) {
		return ""
	}
	return z.UUID.String()
}

// ipType formats the zone's IP type.
func (z *Zone) ipType() string {
	if z.IPType == zonecfg.ExclusiveIP {
		return "excl"
	}
	return "shared"
}

// Parsable returns the line of list -p: seven fields separated by colons. Only in the path
// are colons escaped, with a backslash. Later versions may add fields.
func (z *Zone) Parsable() string {
	path := strings.ReplaceAll(z.Path, ":", `\:`)
	return strings.Join([]string{z.id(), z.Name, z.State.String(), path, z.uuid(), z.Brand, z.ipType()}, ":")
}

// columns is the format of list -v. A long value isn't cut, but shifts the others.
const columns = "%4s %-16s %-10s %-30s %-8s %-6s"

// VerboseHeader is the header line of list -v.
const VerboseHeader = "  ID NAME             STATUS     PATH                           BRAND    IP    "

// Verbose returns the line of list -v.
func (z *Zone) Verbose() string {
	return fmt.Sprintf(columns, z.id(), z.Name, z.State, z.Path, z.Brand, z.ipType())
}

// MarshalJSON uses the names of the system's documentation. id is null if the zone isn't
// active.
func (z *Zone) MarshalJSON() ([]byte, error) {
	var id *int32
	if z.Active {
		n := int32(z.ID)
		id = &n
	}
	return json.Marshal(struct {
		ID     *int32 `json:"id"`
		Name   string `json:"name"`
		State  string `json:"state"`
		Path   string `json:"zonepath"`
		UUID   string `json:"uuid,omitempty"`
		Brand  string `json:"brand"`
		IPType string `json:"ip-type"`
	}{id, z.Name, z.State.String(), z.Path, z.uuid(), z.Brand, string(z.IPType)})
}
