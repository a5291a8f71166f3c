package zoneadm

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// controlled is a kernel that records resource controls and attributes.
type controlled struct {
	*told
	rctl.System // nil
	set         []string
	fail        map[string]error // by control, or "mcap"
}

func (k *controlled) RctlInsert(id int32, name string, v rctl.Value) error {
	k.set = append(k.set, name)
	return k.fail[name]
}

func (k *controlled) Setattr(id zone.ID, attr zone.Attr, buf []byte) error {
	if id != zone.GlobalID || attr != zone.AttrPhysMcap {
		return errno.EINVAL
	}
	k.set = append(k.set, "mcap")
	return k.fail["mcap"]
}

// TestApply: the global zone gets its controls and its memory cap; if one of them fails,
// the other is applied all the same.
func TestApply(t *testing.T) {
	t.Parallel()
	const (
		shares = `<rctl name="zone.cpu-shares"><rctl-value priv="privileged" limit="20" action="none"/></rctl>`
		sems   = `<rctl name="zone.max-sem-ids"><rctl-value priv="privileged" limit="100" action="deny"/></rctl>`
		none   = `<rctl name="zone.none"><rctl-value priv="privileged" limit="1" action="deny"/></rctl>`
		mcap   = `<mcap physcap="1048576"/>`
	)
	for _, test := range []struct {
		name, config string
		fail         map[string]error
		kind         error
		set          []string
		lines        []string
	}{
		{"nothing", "", nil, nil, nil, nil},
		{"both", shares + mcap, nil, nil, []string{"zone.cpu-shares", "mcap"}, nil},
		{"a control that there is already", shares + sems, map[string]error{"zone.cpu-shares": errno.EINVAL}, nil, []string{"zone.cpu-shares", "zone.max-sem-ids"}, nil},
		{"a control that fails", shares + sems + mcap, map[string]error{"zone.cpu-shares": errno.EPERM}, errno.EPERM, []string{"zone.cpu-shares", "mcap"},
			[]string{"setting zone.cpu-shares failed: Not owner"}},
		{"a cap that fails", shares + mcap, map[string]error{"mcap": errno.EIO}, errno.EIO, []string{"zone.cpu-shares", "mcap"}, []string{"could not set zone memory cap: I/O error"}},
		{"an unknown control", none + mcap, nil, nil, []string{"mcap"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			k := &controlled{told: b.kernel, fail: test.fail}
			b.Kernel = k
			write(t, filepath.Join(b.dir, "etc/zones/global.xml"), `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="global" zonepath="/" autoboot="false">`+test.config+`</zone>`)
			var warned []string
			z := b.On("global", Observer{Notice: func(n Notice) { warned = append(warned, n.Text) }})
			err := z.Apply(t.Context())
			var failed *Error
			var lines []string
			if errors.As(err, &failed) {
				for _, l := range failed.Lines {
					lines = append(lines, l.Text)
				}
			}
			if !errors.Is(err, test.kind) || !slices.Equal(k.set, test.set) || !slices.Equal(lines, test.lines) {
				t.Errorf("%v; set %q, want %q; %q, want %q", err, k.set, test.set, lines, test.lines)
			}
			if unknown := strings.Contains(test.config, "zone.none"); unknown != slices.Equal(warned, []string{"WARNING: Ignoring unrecognized rctl 'zone.none'."}) {
				t.Errorf("warnings %q", warned)
			}
			b.Caller.Privileged = false
			if err := b.On("global", Observer{}).Apply(t.Context()); !errors.Is(err, ErrPermission) {
				t.Errorf("without privilege: %v", err)
			}
		})
	}
}
