package sim_test

import (
	"testing"

	"github.com/gozones/zones/internal/hosttest"
	"github.com/gozones/zones/kernel/host/sim"
)

func TestContract(t *testing.T) {
	hosttest.Run(t, false, func(*testing.T) *hosttest.Machine {
		h := sim.New()
		h.AddLink("net0")
		return &hosttest.Machine{
			Host:   h,
			Root:   func(_ *testing.T, name string) string { return "/zones/" + name },
			Broken: hosttest.Tmp, // a mount point can't be mounted on again
			Link:   "net0",
		}
	})
}
