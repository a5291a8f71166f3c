package machine

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/gozones/zones/sys/zone"
)

// pooladm, poolcfg and poolbind administer pools; libpool, which they are made of, has only C
// structures. Tests replace the paths.
var pooladm, poolcfg, poolbind = "/usr/sbin/pooladm", "/usr/sbin/poolcfg", "/usr/sbin/poolbind"

var _ zone.Pools = (*kernel)(nil)

func runPools(program string, args ...string) error {
	out, err := exec.Command(program, args...).CombinedOutput()
	if err == nil {
		return nil
	}
	text := strings.Join(strings.Fields(string(out)), " ")
	if text == "" {
		text = err.Error()
	}
	return &zone.Error{Op: program + " " + args[0], Text: text, Cause: zone.AsError(errors.Unwrap(err))}
}

// configurePools changes the pools that the kernel has, and not the file that has those of the
// next boot.
func configurePools(format string, args ...any) error {
	return runPools(poolcfg, "-d", "-c", fmt.Sprintf(format, args...))
}

// BindPool binds a zone by poolbind(8); see [zone.Pools].
func (k *kernel) BindPool(id zone.ID, pool string) error {
	return runPools(poolbind, "-p", pool, "-i", "zoneid", fmt.Sprint(id))
}

// ownPool is the name of a zone's own pool and of its set of processors, as zoneadmd has it.
func ownPool(zone string) string { return "SUNWtmp_" + zone }

// BindOwnPool makes the pool by poolcfg(8); see [zone.Pools]. One that is left is made anew.
func (k *kernel) BindOwnPool(id zone.ID, p zone.Processors) error {
	name, err := zone.NameOf(k, id)
	if err != nil {
		return err
	}
	if err := runPools(pooladm, "-e"); err != nil {
		return err
	}
	if err := k.RemoveOwnPool(name); err != nil {
		return err
	}
	pool := ownPool(name)
	err = configurePools("create pset %s (uint pset.min = %d; uint pset.max = %d)", pool, p.Min, p.Max)
	if err == nil {
		err = configurePools("create pool %s (int pool.importance = %d)", pool, p.Importance)
	}
	if err == nil {
		err = configurePools("associate pool %s (pset %s)", pool, pool)
	}
	if err == nil {
		err = k.BindPool(id, pool)
	}
	if err != nil {
		return errors.Join(err, k.RemoveOwnPool(name))
	}
	return nil
}

// RemoveOwnPool removes the pool, and then the processors that it has; see [zone.Pools].
func (k *kernel) RemoveOwnPool(zone string) error {
	var all []error
	for _, kind := range []string{"pool", "pset"} {
		element := kind + " " + ownPool(zone)
		if configurePools("info %s", element) == nil { // else there is none
			all = append(all, configurePools("destroy %s", element))
		}
	}
	return errors.Join(all...)
}
