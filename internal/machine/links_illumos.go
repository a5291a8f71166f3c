package machine

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/gozones/zones/sys/datalink"
	"github.com/gozones/zones/sys/zone"
)

// dladm administers data links, by the library that zoneadmd uses. Only through it a link
// really moves: zone_add_datalink(2) alone records that a zone has it. Tests replace the path.
var dladm = "/usr/sbin/dladm"

// runDladm runs dladm about a link and returns its output.
func runDladm(link string, args ...string) (string, error) {
	out, err := exec.Command(dladm, append(args, link)...).CombinedOutput()
	text := strings.Join(strings.Fields(string(out)), " ")
	if err == nil {
		return text, nil
	}
	if text == "" {
		text = err.Error()
	}
	return "", &zone.Error{Op: "dladm " + args[0], Name: link, Text: text, Cause: zone.AsError(errors.Unwrap(err))}
}

// setLink sets properties of a link until it is deleted or the system boots again.
func setLink(link, properties string) error {
	_, err := runDladm(link, "set-linkprop", "-t", "-p", properties)
	return err
}

// GiveLink gives a data link to a zone that has its own network stack; see [zone.Give].
func (k *kernel) GiveLink(id zone.ID, link string) error {
	name, err := zone.NameOf(k, id)
	if err != nil {
		return err
	}
	if _, err := k.LinkByName(link); err != nil {
		return err
	}
	return setLink(link, "zone="+name)
}

// protections are the properties of a link that limit which addresses are sent from it.
var protections = []string{"protection", "allowed-ips"}

// ProtectLink lets a link send only from the given addresses; see [zone.Give]. A protection
// that somebody else has set isn't replaced.
func (k *kernel) ProtectLink(link string, addresses []string) error {
	for _, p := range protections {
		value, err := runDladm(link, "show-linkprop", "-c", "-o", "value", "-p", p)
		if err != nil {
			return err
		}
		if value != "" && value != "--" {
			return &zone.Error{Op: "dladm set-linkprop", Name: link, Text: fmt.Sprintf("%s is already set, to %s", p, value)}
		}
	}
	if err := setLink(link, "protection=ip-nospoof"); err != nil {
		return err
	}
	return setLink(link, "allowed-ips="+strings.Join(addresses, ","))
}

// Unprotect undoes ProtectLink for all links of a zone. It comes before the zone is shut down,
// which takes the links away from it.
func (k *kernel) Unprotect(id zone.ID) error {
	names, err := k.linksOf(id)
	all := []error{err}
	for _, name := range names {
		_, err := runDladm(name, "reset-linkprop", "-t", "-p", strings.Join(protections, ","))
		all = append(all, err)
	}
	return errors.Join(all...)
}

// takeBack takes links back that a zone still has after it was shut down: dlmgmtd, which moves
// them, may not have run then.
func (k *kernel) takeBack(id zone.ID) error {
	names, err := k.linksOf(id)
	all := []error{err}
	for _, name := range names {
		all = append(all, setLink(name, "zone="+zone.GlobalName))
	}
	return errors.Join(all...)
}

// LoadLinks has dlmgmtd load the links that a zone with its own network stack keeps in its own
// configuration; others have none. UnloadLinks has it forget them.
func (k *kernel) LoadLinks(id zone.ID) error { return k.ofStack("load", id, k.links.BootZone) }

// UnloadLinks undoes LoadLinks, when the zone was shut down.
func (k *kernel) UnloadLinks(id zone.ID) error { return k.ofStack("unload", id, k.links.HaltZone) }

// ofStack makes a request about a zone with its own network stack.
func (k *kernel) ofStack(what string, id zone.ID, call func(int32) error) error {
	flags, err := zone.FlagsOf(k, id)
	if err != nil || flags&zone.FlagNetExcl == 0 {
		return err
	}
	if err := call(int32(id)); err != nil {
		return &zone.Error{Op: what + " the links of zone", ID: id, Errno: zone.ErrnoOf(err), Cause: zone.AsError(err)}
	}
	return nil
}

// PoolLinks puts the work for a zone's links on the processors of its pool, its own if pool is
// "". Links for which somebody has chosen processors stay there.
func (k *kernel) PoolLinks(id zone.ID, pool string) error {
	return k.eachPooled(id, pool, func(name, pool, cpus, now string) error {
		if cpus != "" || now != "" {
			return nil
		}
		return setLink(name, "pool="+pool)
	})
}

// UnpoolLinks undoes PoolLinks.
func (k *kernel) UnpoolLinks(id zone.ID, pool string) error {
	return k.eachPooled(id, pool, func(name, pool, _, now string) error {
		if now != pool {
			return nil
		}
		_, err := runDladm(name, "reset-linkprop", "-t", "-p", "pool")
		return err
	})
}

// eachPooled calls do for each link of a zone with its own network stack, with the name of the
// zone's pool, and the link's processors and pool.
func (k *kernel) eachPooled(id zone.ID, pool string, do func(name, pool, cpus, now string) error) error {
	own, err := zone.NameOf(k, id)
	if err != nil {
		return err
	}
	if pool == "" {
		pool = ownPool(own)
	}
	names, err := k.linksOf(id)
	all := []error{err}
	for _, name := range names {
		var values [2]string
		for i, property := range []string{"cpus", "pool"} {
			value, err := runDladm(name, "show-linkprop", "-c", "-o", "value", "-p", property)
			if err != nil {
				return err
			}
			values[i] = strings.TrimPrefix(value, "--")
		}
		all = append(all, do(name, pool, values[0], values[1]))
	}
	return errors.Join(all...)
}

// deletions are dladm's commands for the classes of links that can go with a zone.
var deletions = map[uint32]string{
	datalink.VLAN: "delete-vlan", datalink.Aggregation: "delete-aggr", datalink.VNIC: "delete-vnic", datalink.Etherstub: "delete-etherstub",
}

// deleteTransient deletes the links that were made for a zone and go with it.
func (k *kernel) deleteTransient(id zone.ID) error {
	ids, err := k.linkIDs(id)
	if err != nil {
		return err
	}
	var all []error
	for _, link := range ids {
		l, err := k.links.ByID(datalink.ID(link))
		switch {
		case err != nil:
			all = append(all, err)
		case l.Flags&datalink.Transient == 0: // it is given back
		case deletions[l.Class] == "":
			all = append(all, &zone.Error{Op: "dladm", Name: l.Name, Text: fmt.Sprintf("a transient link of class %#x can't be deleted", l.Class)})
		default:
			_, err := runDladm(l.Name, deletions[l.Class], "-t")
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// linksOf returns the names of a zone's links.
func (k *kernel) linksOf(id zone.ID) ([]string, error) {
	ids, err := k.linkIDs(id)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, link := range ids {
		name, err := k.LinkName(link)
		if err != nil {
			return names, err
		}
		names = append(names, name)
	}
	return names, nil
}

func (k *kernel) linkIDs(id zone.ID) ([]zone.LinkID, error) {
	count, err := k.ListDatalinks(id, nil)
	if err != nil {
		return nil, err
	}
	ids := make([]zone.LinkID, count)
	if count, err = k.ListDatalinks(id, ids); err != nil {
		return nil, err
	}
	return ids[:min(count, len(ids))], nil
}
