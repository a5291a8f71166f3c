package kernel_test

import (
	"errors"
	"testing"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel"
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
