package kernel_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/priv"
)

// TestReferenceMisuse: using a reference after its release, or releasing it twice, is
// detected immediately.
func TestReferenceMisuse(t *testing.T) {
	for name, misuse := range map[string]func(k *kernel.Kernel, z *kernel.Zone){
		"released twice": func(k *kernel.Kernel, z *kernel.Zone) {
			var r kernelseam.Ref
			kernel.Insides(k).HoldRef(z, &r, 0)
			kernel.Insides(k).ReleaseRef(&r)
			kernel.Insides(k).ReleaseRef(&r)
		},
		"used twice": func(k *kernel.Kernel, z *kernel.Zone) {
			var r kernelseam.Ref
			kernel.Insides(k).HoldRef(z, &r, 0)
			kernel.Insides(k).HoldRef(z, &r, 1)
		},
		"released too often": func(k *kernel.Kernel, z *kernel.Zone) { kernel.Insides(k).Release(z); kernel.Insides(k).Release(z) },
		"credential too often": func(k *kernel.Kernel, z *kernel.Zone) {
			kernel.Insides(k).CredRelease(z)
			kernel.Insides(k).CredRelease(z)
		},
		"held after the end": func(k *kernel.Kernel, z *kernel.Zone) {
			p := k.Global()
			if err := errors.Join(p.Shutdown(z.ID()), p.Destroy(z.ID())); err != nil {
				panic("not this way: " + err.Error())
			}
			kernel.Insides(k).Hold(z)
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKernel(t)
			z := kernel.Insides(k).Peek(create(t, k.Global(), 1))
			defer func() {
				if recover() == nil {
					t.Error("nothing was noticed")
				}
			}()
			misuse(k, z)
		})
	}
}

// TestSharedCredential: a process that changes a credential which it shares lets go of it, so
// that nothing is left of the zone when both have ended.
func TestSharedCredential(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKernel(t)
		in := kernel.Insides(k)
		in.SetWaitForCred(true)
		id := create(t, k.Global(), 1)
		if err := k.Global().Boot(id); err != nil {
			t.Fatal(err)
		}
		p := newProgram(t, kernel.Config{}, root())
		p.k, p.proc = k, k.AddProc(root())
		if err := p.proc.Enter(id); err != nil {
			t.Fatal(err)
		}
		child := in.Fork(p.proc, 900, false)
		const set, off, effective = 0, 1, 0
		p.call(kernel.SysPrivsys, 0, 0, set, off, effective, p.put(setOf(priv.Basic())), priv.SetSize)
		p.proc.Exit()
		child.Exit()
		if err := errors.Join(k.Global().Shutdown(id), k.Global().Destroy(id)); err != nil {
			t.Error(err)
		}
	})
}
