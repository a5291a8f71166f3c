// Package zonetest makes up configurations for property tests.
package zonetest

import (
	"fmt"
	"strconv"

	"pgregory.net/rapid"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/zonecfg"
)

// Text makes any text that an XML attribute can hold.
func Text() *rapid.Generator[string] {
	return rapid.StringOf(rapid.OneOf(
		rapid.RuneFrom([]rune(`abz09 <>&"'=,;()[]{}#\/-_.:`+"\t\n\rüß→🦊")),
		rapid.Map(rapid.IntRange(0x20, 0xd7ff), func(i int) rune { return rune(i) }),
	))
}

// Word makes a text of one word that the language of zonecfg takes without quotes.
func Word() *rapid.Generator[string] { return rapid.StringMatching(`[a-z0-9][a-z0-9.:/_-]{0,12}`) }

// Zones makes valid configurations; what may be any text comes from text.
func Zones(text *rapid.Generator[string]) *rapid.Generator[*zonecfg.Zone] {
	return rapid.Custom(func(t *rapid.T) *zonecfg.Zone {
		m := maker{t, text}
		z := &zonecfg.Zone{
			Name:      rapid.StringMatching(`[a-z0-9][A-Za-z0-9._-]{0,20}`).Filter(func(s string) bool { return s != "global" }).Draw(t, "name"),
			Zonepath:  m.path("zonepath"),
			Brand:     rapid.SampledFrom([]string{"", "sparse", "native", "lx"}).Draw(t, "brand"),
			Autoboot:  rapid.Bool().Draw(t, "autoboot"),
			BootArgs:  m.text("bootargs"),
			LimitPriv: rapid.SampledFrom([]string{"", "default", "default,dtrace_proc", "basic,proc_fork,proc_exec,sys_mount"}).Draw(t, "limitpriv"),
			IPType:    rapid.SampledFrom([]zonecfg.IPType{zonecfg.SharedIP, zonecfg.ExclusiveIP}).Draw(t, "ip-type"),
			HostID:    rapid.SampledFrom([]string{"", "0", "1f", "0x1234abcd", "FFFFFFFE"}).Draw(t, "hostid"),
			FSAllowed: rapid.SampledFrom([]string{"", "ufs", "ufs,pcfs", "-", "a-b,c"}).Draw(t, "fs-allowed"),
		}
		m.resources(z)
		m.cpus(z)
		m.rctls(z)
		return z
	})
}

type maker struct {
	t     *rapid.T
	words *rapid.Generator[string]
}

func (m maker) text(label string) string { return m.words.Draw(m.t, label) }

// some makes a text that isn't empty.
func (m maker) some(label string) string {
	return m.words.Filter(func(s string) bool { return s != "" }).Draw(m.t, label)
}

func (m maker) path(label string) string {
	return rapid.StringMatching(`(/[A-Za-z0-9._:-]{1,8}){1,3}`).Draw(m.t, label)
}

func (m maker) count(label string, most int) int { return rapid.IntRange(0, most).Draw(m.t, label) }

// resources makes what there may be several of. A number keeps them apart.
func (m maker) resources(z *zonecfg.Zone) {
	for i := range m.count("fs", 3) {
		f := zonecfg.FS{Dir: fmt.Sprintf("/%d%s", i, m.path("dir")), Special: m.some("special"), Type: rapid.StringMatching(`[a-z]{1,6}`).Draw(m.t, "type")}
		if rapid.Bool().Draw(m.t, "has raw") {
			f.Raw = m.path("raw")
		}
		for range m.count("options", 3) {
			f.Options = append(f.Options, m.some("option"))
		}
		z.FS = append(z.FS, f)
	}
	for i := range m.count("net", 3) {
		n := zonecfg.Net{Physical: fmt.Sprintf("net%d", i)}
		address := rapid.SampledFrom([]string{"10.0.0.1", "10.0.0.1/24", "2001:db8::1/64", "my-host.example"}).Draw(m.t, "address")
		if !z.Exclusive() {
			n.Address = address
		} else if rapid.Bool().Draw(m.t, "has allowed-address") {
			n.AllowedAddress = address
		}
		if (n.Address != "" || n.AllowedAddress != "") && rapid.Bool().Draw(m.t, "has defrouter") {
			n.Defrouter = "10.0.0.254"
		}
		z.Net = append(z.Net, n)
	}
	for i := range m.count("device", 3) {
		z.Device = append(z.Device, zonecfg.Device{Match: fmt.Sprintf("/dev/%d%s", i, m.text("match"))})
	}
	for i := range m.count("attr", 3) {
		a := zonecfg.Attr{Name: fmt.Sprintf("a%d%s", i, rapid.StringMatching(`[A-Za-z0-9.-]{0,5}`).Draw(m.t, "attr")), Type: "string"}
		switch m.count("attr type", 3) {
		case 0:
			a.Value = m.some("string")
		case 1:
			a.Type, a.Value = "boolean", strconv.FormatBool(rapid.Bool().Draw(m.t, "boolean"))
		case 2:
			a.Type, a.Value = "int", strconv.FormatInt(rapid.Int64().Draw(m.t, "int"), 10)
		case 3:
			a.Type, a.Value = "uint", strconv.FormatUint(rapid.Uint64().Draw(m.t, "uint"), 10)
		}
		z.Attr = append(z.Attr, a)
	}
	for i := range m.count("dataset", 2) {
		z.Dataset = append(z.Dataset, zonecfg.Dataset{Name: fmt.Sprintf("tank/d%d%s", i, rapid.StringMatching(`[A-Za-z0-9 ._:-]{0,6}`).Draw(m.t, "dataset"))})
	}
	for i := range m.count("admin", 2) {
		z.Admin = append(z.Admin, zonecfg.Admin{User: fmt.Sprintf("u%d", i), Auths: rapid.SampledFrom([]string{"login", "manage", "login,manage,clonefrom"}).Draw(m.t, "auths")})
	}
	if rapid.Bool().Draw(m.t, "security-flags") {
		z.SecurityFlags = rapid.SampledFrom([]*zonecfg.SecurityFlags{{}, {Default: "aslr"}, {Default: "aslr,noexecstack", Lower: "aslr", Upper: "all"}, {Lower: "none", Upper: "aslr"}}).Draw(m.t, "flags")
	}
}

// cpus makes a pool or processors of the zone's own.
func (m maker) cpus(z *zonecfg.Zone) {
	switch m.count("cpus", 2) {
	case 1:
		z.Pool = m.text("pool")
		if zonecfg.ReservedName(z.Pool) {
			z.Pool = ""
		}
	case 2:
		low := 1 + m.count("ncpus", 8)
		z.DedicatedCPU = &zonecfg.DedicatedCPU{Min: strconv.Itoa(low), Max: strconv.Itoa(low + m.count("more", 3))}
		if rapid.Bool().Draw(m.t, "has importance") {
			z.DedicatedCPU.Importance = strconv.FormatUint(rapid.Uint64().Draw(m.t, "importance"), 10)
		}
	}
}

// rctls makes controls, in the form of an alias and in others, and a memory cap.
func (m maker) rctls(z *zonecfg.Zone) {
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		"zone.max-lwps", "zone.max-processes", "zone.max-shm-memory", "zone.max-shm-ids", "zone.max-msg-ids", "zone.max-sem-ids",
		"zone.max-locked-memory", "zone.max-swap", "zone.max-lofi", "zone.cpu-shares", "zone.cpu-cap",
	}), 0, 4, rapid.ID).Draw(m.t, "rctls")
	for _, name := range names {
		if z.DedicatedCPU != nil && (name == "zone.cpu-shares" || name == "zone.cpu-cap") {
			continue
		}
		r := zonecfg.Rctl{Name: name}
		for range 1 + m.count("values", 2) {
			limit := rapid.OneOf(rapid.Just("0x10"), rapid.Just("0777"), rapid.Just("18446744073709551615"),
				rapid.Map(rapid.Uint64Range(0, 1<<40), func(n uint64) string { return strconv.FormatUint(n, 10) })).Draw(m.t, "limit")
			r.Values = append(r.Values, zonecfg.RctlValue{Priv: "privileged", Limit: limit, Action: rapid.SampledFrom([]string{"none", "deny"}).Draw(m.t, "action")})
		}
		z.Rctl = append(z.Rctl, r)
	}
	locked, _ := rctl.LookupAlias("locked")
	if least, _, _ := z.Alias(locked); least < 1<<40 && rapid.Bool().Draw(m.t, "capped-memory") {
		z.CappedMemory = &zonecfg.CappedMemory{Physical: strconv.FormatUint(max(least, 1<<20)+rapid.Uint64Range(0, 1<<44).Draw(m.t, "physical"), 10)}
	}
	if len(names) == 0 && rapid.Bool().Draw(m.t, "scheduling-class") {
		z.SchedClass = rapid.SampledFrom([]string{"FSS", "FX", "TS"}).Draw(m.t, "class")
	}
}
