package zonecfg

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/rctl"
)

// document of docs/zone.schema.json: a configuration as JSON, under the names that
// zonecfg(8) has for its properties and resources.
type jsonZone struct {
	Schema     string   `json:"$schema,omitempty"`
	Name       string   `json:"zonename"`
	Zonepath   string   `json:"zonepath"`
	Brand      string   `json:"brand,omitempty"`
	Autoboot   bool     `json:"autoboot"`
	BootArgs   string   `json:"bootargs,omitempty"`
	Pool       string   `json:"pool,omitempty"`
	LimitPriv  string   `json:"limitpriv,omitempty"`
	SchedClass string   `json:"scheduling-class,omitempty"`
	IPType     IPType   `json:"ip-type"`
	HostID     string   `json:"hostid,omitempty"`
	FSAllowed  string   `json:"fs-allowed,omitempty"`
	FS         []FS     `json:"fs,omitempty"`
	Net        []Net    `json:"net,omitempty"`
	Device     []Device `json:"device,omitempty"`
	// Aliases of resource controls are read and not written.
	MaxLWPs      number     `json:"max-lwps,omitempty"`
	MaxProcesses number     `json:"max-processes,omitempty"`
	MaxShmMemory number     `json:"max-shm-memory,omitempty"`
	MaxShmIDs    number     `json:"max-shm-ids,omitempty"`
	MaxMsgIDs    number     `json:"max-msg-ids,omitempty"`
	MaxSemIDs    number     `json:"max-sem-ids,omitempty"`
	CPUShares    number     `json:"cpu-shares,omitempty"`
	Rctl         []jsonRctl `json:"rctl,omitempty"`
	DedicatedCPU *jsonCPU   `json:"dedicated-cpu,omitempty"`
	CappedCPU    *struct {
		NCPUs number `json:"ncpus"` // read and not written
	} `json:"capped-cpu,omitempty"`
	CappedMemory    *jsonMemory       `json:"capped-memory,omitempty"`
	Attr            []Attr            `json:"attr,omitempty"`
	Dataset         []Dataset         `json:"dataset,omitempty"`
	Admin           []Admin           `json:"admin,omitempty"`
	SecurityFlags   *SecurityFlags    `json:"security-flags,omitempty"`
	InheritedPkgDir []InheritedPkgDir `json:"inherited-pkg-dir,omitempty"`
	DeletedDevice   []DeletedDevice   `json:"deleted-device,omitempty"`
	Package         []Package         `json:"package,omitempty"`
	Patch           []Patch           `json:"patch,omitempty"`
	DevPerm         []DevPerm         `json:"dev-perm,omitempty"`
}

// jsonCPU has min and max, as they are in the file, only where they are no range.
type jsonCPU struct {
	NCPUs      number  `json:"ncpus,omitempty"`
	Min        *string `json:"ncpu_min,omitempty"`
	Max        *string `json:"ncpu_max,omitempty"`
	Importance number  `json:"importance,omitempty"`
}

// jsonMemory has physcap, as it is in the file, only where it is no number. Swap and
// locked are read and not written.
type jsonMemory struct {
	Physical number  `json:"physical,omitempty"`
	Swap     number  `json:"swap,omitempty"`
	Locked   number  `json:"locked,omitempty"`
	Physcap  *string `json:"physcap,omitempty"`
}

type jsonRctl struct {
	Name  string      `json:"name"`
	Value []jsonValue `json:"value"`
}

type jsonValue struct {
	Priv   string `json:"priv"`
	Limit  number `json:"limit"`
	Action string `json:"action"`
}

// number is a text that is written as a JSON number where that loses nothing, and
// read from a number or a string.
type number string

// exact is the largest number that every reader of JSON holds exactly.
const exact = 1<<53 - 1

func (n number) MarshalJSON() ([]byte, error) {
	i, err := strconv.ParseUint(string(n), 10, 64)
	if err == nil && i <= exact && strconv.FormatUint(i, 10) == string(n) {
		return []byte(n), nil
	}
	return json.Marshal(string(n))
}

func (n *number) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, (*string)(n))
	}
	if strings.Trim(string(text), "0123456789.") != "" {
		return fmt.Errorf("%s is neither a number nor a string", text)
	}
	*n = number(text)
	return nil
}

// MarshalJSON writes the configuration as docs/zone.schema.json has it. What the
// file looks like isn't in it.
func (z *Zone) MarshalJSON() ([]byte, error) {
	j := jsonZone{
		Name: z.Name, Zonepath: z.Zonepath, Brand: z.Brand, Autoboot: z.Autoboot, BootArgs: z.BootArgs, Pool: z.Pool,
		LimitPriv: z.LimitPriv, SchedClass: z.SchedClass, IPType: z.IPType, HostID: z.HostID, FSAllowed: z.FSAllowed,
		FS: z.FS, Net: z.Net, Device: z.Device, Attr: z.Attr, Dataset: z.Dataset, Admin: z.Admin, SecurityFlags: z.SecurityFlags,
		InheritedPkgDir: z.InheritedPkgDir, DeletedDevice: z.DeletedDevice, Package: z.Package, Patch: z.Patch, DevPerm: z.DevPerm,
	}
	if j.IPType == "" {
		j.IPType = SharedIP
	}
	for _, r := range z.Rctl {
		jr := jsonRctl{Name: r.Name, Value: []jsonValue{}}
		for _, v := range r.Values {
			jr.Value = append(jr.Value, jsonValue{v.Priv, number(v.Limit), v.Action})
		}
		j.Rctl = append(j.Rctl, jr)
	}
	if c := z.DedicatedCPU; c != nil {
		j.DedicatedCPU = &jsonCPU{NCPUs: number(c.NCPUs()), Importance: number(c.Importance)}
		if low, high := cutRange(c.NCPUs()); low != c.Min || high != c.Max || low == "" {
			j.DedicatedCPU.NCPUs, j.DedicatedCPU.Min, j.DedicatedCPU.Max = "", &c.Min, &c.Max
		}
	}
	if m := z.CappedMemory; m != nil {
		j.CappedMemory = &jsonMemory{Physical: number(m.Physical)}
		if _, err := rctl.ParseCount(m.Physical); err != nil {
			j.CappedMemory = &jsonMemory{Physcap: &m.Physical}
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(j); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func cutRange(text string) (low, high string) {
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	return low, high
}

// UnmarshalJSON reads a configuration: all of docs/zone.schema.json and nothing
// else. Sizes may have their units, and the aliases of resource controls may be used
// beside controls that they don't stand for.
func (z *Zone) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	j := jsonZone{IPType: SharedIP}
	if err := decoder.Decode(&j); err != nil {
		return err
	}
	n := Zone{
		Name: j.Name, Zonepath: j.Zonepath, Brand: j.Brand, Autoboot: j.Autoboot, BootArgs: j.BootArgs, Pool: j.Pool,
		LimitPriv: j.LimitPriv, SchedClass: j.SchedClass, IPType: j.IPType, HostID: j.HostID, FSAllowed: j.FSAllowed,
		FS: j.FS, Net: j.Net, Device: j.Device, Attr: j.Attr, Dataset: j.Dataset, Admin: j.Admin, SecurityFlags: j.SecurityFlags,
		InheritedPkgDir: j.InheritedPkgDir, DeletedDevice: j.DeletedDevice, Package: j.Package, Patch: j.Patch, DevPerm: j.DevPerm,
	}
	if n.IPType != SharedIP && n.IPType != ExclusiveIP {
		return &Invalid{ErrInvalid, "ip-type", "ip-type value must be 'shared' or 'exclusive'."}
	}
	for _, jr := range j.Rctl {
		r := Rctl{Name: jr.Name}
		for _, v := range jr.Value {
			r.Values = append(r.Values, RctlValue{Priv: v.Priv, Limit: string(v.Limit), Action: v.Action})
		}
		n.Rctl = append(n.Rctl, r)
	}
	if d := j.DedicatedCPU; d != nil {
		low, high := cutRange(string(d.NCPUs))
		n.DedicatedCPU = &DedicatedCPU{Min: low, Max: high, Importance: string(d.Importance)}
		if d.Min != nil && d.Max != nil {
			n.DedicatedCPU.Min, n.DedicatedCPU.Max = *d.Min, *d.Max
		}
	}
	if err := n.capMemory(&j); err != nil {
		return err
	}
	if err := n.setAliases(&j); err != nil {
		return err
	}
	*z = n
	return nil
}

func (z *Zone) capMemory(j *jsonZone) error {
	switch {
	case j.CappedMemory == nil:
		return nil
	case j.CappedMemory.Physcap != nil:
		z.CappedMemory = &CappedMemory{*j.CappedMemory.Physcap}
		return nil
	case j.CappedMemory.Physical == "":
		return nil
	}
	text := string(j.CappedMemory.Physical)
	if _, err := rctl.ParseCount(text); err != nil {
		m, err := ParsePhysical(text)
		if err != nil {
			return err
		}
		text = m.Physical
	}
	z.CappedMemory = &CappedMemory{text}
	return nil
}

// setAliases sets the controls that aliases stand for.
func (z *Zone) setAliases(j *jsonZone) error {
	given := map[string]number{
		"max-lwps": j.MaxLWPs, "max-processes": j.MaxProcesses, "max-shm-memory": j.MaxShmMemory, "max-shm-ids": j.MaxShmIDs,
		"max-msg-ids": j.MaxMsgIDs, "max-sem-ids": j.MaxSemIDs, "cpu-shares": j.CPUShares,
	}
	if j.CappedMemory != nil {
		given["swap"], given["locked"] = j.CappedMemory.Swap, j.CappedMemory.Locked
	}
	if j.CappedCPU != nil {
		given["ncpus"] = j.CappedCPU.NCPUs
	}
	for _, a := range rctl.Aliases() {
		text := string(given[a.Name])
		if text == "" {
			continue
		}
		for _, r := range z.Rctl {
			if r.Name == a.Control {
				return &Invalid{ErrAliasDisallowed, a.Name, a.Name + ": the rctl " + a.Control + ", which it stands for, is given too"}
			}
		}
		limit, err := z.ParseAlias(a, text)
		if err != nil {
			return err
		}
		e := a.Entry(limit)
		z.Rctl = append(z.Rctl, Rctl{Name: e.Name, Values: e.Values})
	}
	return nil
}

// ReadJSON reads one configuration and tells in which line one is wrong.
func ReadJSON(text []byte) (*Zone, error) {
	z := new(Zone)
	err := json.Unmarshal(text, z)
	if err == nil {
		return z, nil
	}
	e := &Error{Code: ErrInvalidDoc, Detail: err.Error()}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(text))
	}
	if offset >= 0 {
		e.Line = 1 + bytes.Count(text[:min(offset, int64(len(text)))], []byte("\n"))
	}
	return nil, e
}
