package zoneadm

import (
	"errors"
	"os"
	"os/user"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Open opens the zones of this host. The caller closes the kernel.
func Open() (*Machine, zone.Kernel, error) {
	kernel, err := machine.Open()
	if err != nil {
		return nil, nil, err
	}
	m := here()
	if err := m.join(kernel); err != nil {
		kernel.Close()
		return nil, nil, err
	}
	return m, kernel, nil
}

// here returns the Machine of this host, without a kernel.
func here() *Machine {
	runDir := locate.RunDir()
	return &Machine{
		Store: zonecfg.Open(locate.Root(), runDir), RunDir: runDir,
		Caller: caller(), Brands: brand.Dir, Owner: uint32(os.Geteuid()),
		LockHeld: os.Getenv(lockHeld) == "1",
	}
}

// join sets the kernel and finds out whether the caller is in its global zone.
func (m *Machine) join(kernel zone.System) error {
	own, err := kernel.Lookup("")
	if err != nil {
		return err
	}
	m.Kernel, m.Caller.Global, m.Inside = kernel, own == zone.GlobalID, own != zone.GlobalID
	return nil
}

// caller returns the user of this process, assumed to be in the global zone. On a system
// without privilege sets only root and the owner of the kernel process can connect to it,
// and they have every privilege.
func caller() Caller {
	c := Caller{Global: true}
	if u, err := user.Current(); err == nil {
		c.Name = u.Username
	}
	set, err := priv.Own(priv.Effective)
	c.Privileged = set.IsFull() || errors.Is(err, errno.ENOTSUP)
	return c
}
