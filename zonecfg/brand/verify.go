package brand

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gozones/zones/zonecfg"
)

// Rules returns what the brand of a zone says of its configuration, for
// [zonecfg.Machine]. What the brand's own hook prints goes to errs. On a machine that
// has no brands of illumos, one that only illumos has is a brand without rules: its
// zones may be configured there.
func Rules(dir string, errs io.Writer) func(name string) (*zonecfg.BrandRules, error) {
	return func(name string) (*zonecfg.BrandRules, error) {
		b, err := Open(dir, name)
		if errors.Is(err, ErrUnknown) && Foreign(name) && len(described(dir)) == 0 {
			return &zonecfg.BrandRules{Privileges: linuxPrivileges(), ExclusiveIP: true}, nil
		}
		if errors.Is(err, ErrUnknown) {
			return nil, zonecfg.ErrBrandUnknown
		}
		if err != nil {
			return nil, err
		}
		return b.rules(errs), nil
	}
}

func (b *Brand) rules(errs io.Writer) *zonecfg.BrandRules {
	r := &zonecfg.BrandRules{Privileges: b.Privileges, ExclusiveIP: b.ExclusiveIP}
	if b.Hooks[VerifyCfg] != "" {
		r.Verify = func(z *zonecfg.Zone) error { return b.verify(z, errs) }
	}
	return r
}

// verify has the brand's hook look at a configuration, which it is given as a file.
func (b *Brand) verify(z *zonecfg.Zone, errs io.Writer) error {
	file, err := os.CreateTemp("", "zonecfg_verify.")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(z.XML(zonecfg.ForBrand))
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	exit := Run(b.Command(VerifyCfg, z.Name, z.Zonepath), " "+file.Name(), nil, errs, errs)
	if exit != (Exit{}) {
		return fmt.Errorf("brand %s: verify_cfg ended with status %d", b.Name, exit.Code)
	}
	return nil
}
