package linuxhost

import (
	"testing"

	"github.com/gozones/zones/internal/hosttest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/kernel/host"
)

// TestContract also runs as an ordinary user.
func TestContract(t *testing.T) {
	testenv.Need(t, testenv.Root) // TestAsUser covers ordinary users
	hosttest.Run(t, true, func(t *testing.T) *hosttest.Machine {
		h, err := New(Options{RunDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		m := &hosttest.Machine{
			Host:   h,
			Root:   func(t *testing.T, name string) string { return makeRoot(t, t.TempDir()+"/"+name) },
			Broken: host.Mount{Point: "/tmp", Resource: "/none", FSType: "lofs"},
		}
		for _, d := range hostDirectories {
			m.Programs = append(m.Programs, host.Mount{Point: d, Resource: d, FSType: "lofs", Options: "ro,nodevices"})
		}
		if initialUserNS() {
			m.Link = "lo"
		}
		return m
	})
}
