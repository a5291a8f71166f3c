package brand_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

func TestRules(t *testing.T) {
	t.Parallel()
	copied := filepath.Join(t.TempDir(), "seen")
	dir := system(t, `<brand name="b"><initname>/sbin/init</initname>
<verify_cfg>/bin/sh -c 'echo "zone %z"; cat "$0" >`+copied+`; ! grep -q bad "$0"'</verify_cfg>
<privilege set="default" name="sys_mount"/></brand>`)
	var errs bytes.Buffer
	rules := brand.Rules(dir, &errs)
	if _, err := rules("nosuch"); !errors.Is(err, zonecfg.ErrBrandUnknown) {
		t.Errorf("unknown brand: %v", err)
	}
	if _, err := rules("lx"); !errors.Is(err, zonecfg.ErrBrandUnknown) {
		t.Errorf("a brand of illumos that this machine lacks among others: %v", err)
	}
	if r, err := brand.Rules(t.TempDir(), &errs)("lx"); err != nil || r.Verify != nil {
		t.Errorf("a brand of illumos on a machine without any: %+v, %v", r, err)
	}
	r, err := rules("b")
	if err != nil || !r.ExclusiveIP || len(r.Privileges.Default) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	z := &zonecfg.Zone{Name: "z1", Zonepath: "/z/z1", Brand: "b"}
	on := zonecfg.Machine{Brand: rules}
	if found := z.Verify(on); found != nil {
		t.Errorf("findings %+v", found)
	}
	seen, err := os.ReadFile(copied)
	if err != nil || !bytes.Equal(seen, z.XML(zonecfg.ForBrand)) || strings.Contains(string(seen), "DO NOT EDIT") {
		t.Errorf("the hook saw %s, %v", seen, err)
	}
	if errs.String() != "zone z1\n" {
		t.Errorf("the hook's output: %q", errs.String())
	}
	z.BootArgs = "bad"
	found := z.Verify(on)
	if len(found) != 1 || found[0].Text != "z1: Brand-specific error" || !found[0].Stop {
		t.Errorf("findings %+v", found)
	}
	z.Brand = "nosuch"
	found = z.Verify(on)
	if len(found) != 2 || found[0].Text+found[1].Text != "z1: unknown brand.\nz1: Invalid document" || zonecfg.Failed(found) != zonecfg.ErrInvalidDoc {
		t.Errorf("findings %+v", found)
	}
}
