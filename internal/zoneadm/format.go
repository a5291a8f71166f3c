package zoneadm

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gozones/zones/zonecfg"
)

// id is how lists show the zone's number.
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

// ipType is how lists show whether the zone has a network stack of its own.
func (z *Zone) ipType() string {
	if z.IPType == zonecfg.ExclusiveIP {
		return "excl"
	}
	return "shared"
}

// Parsable is the zone's line for programs: seven fields between colons, of which
// only the path has its colons marked with a backslash. More fields may follow in
// later versions.
func (z *Zone) Parsable() string {
	path := strings.ReplaceAll(z.Path, ":", `\:`)
	return strings.Join([]string{z.id(), z.Name, z.State.String(), path, z.uuid(), z.Brand, z.ipType()}, ":")
}

// columns never cuts a value: a long one moves the rest to the right.
const columns = "%4s %-16s %-10s %-30s %-8s %-6s"

// VerboseHeader stands above the lines of Verbose.
const VerboseHeader = "  ID NAME             STATUS     PATH                           BRAND    IP    "

// Verbose is the zone's line for people.
func (z *Zone) Verbose() string {
	return fmt.Sprintf(columns, z.id(), z.Name, z.State, z.Path, z.Brand, z.ipType())
}

// MarshalJSON has the fields under the names that the system's documentation gives
// them; id is null for a zone that the kernel hasn't got.
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
