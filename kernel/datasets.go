package kernel

import (
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// datasets are the ZFS datasets delegated to a zone, the last given first.
type datasets []string

// parse splits a list at its commas; an empty part is a dataset too.
func (d *datasets) parse(in buffer, size uint64) errno.Errno {
	if in.null() || size == 0 {
		return 0
	}
	if size > maxCopy {
		return errno.ENOMEM
	}
	raw := make([]byte, size)
	if !in.in(0, raw) {
		return errno.EFAULT
	}
	list, _, _ := strings.Cut(string(raw), "\x00")
	names := strings.Split(list, ",")
	*d = make(datasets, 0, len(names))
	for i := len(names) - 1; i >= 0; i-- {
		*d = append(*d, names[i])
	}
	return 0
}

// visible reports whether the zone sees a dataset and may write to it: delegated ones
// and what is below them may be written, their parents only seen.
func (d datasets) visible(dataset string) (visible, writable bool) {
	for _, own := range d {
		if rest, ok := strings.CutPrefix(dataset, own); ok && (rest == "" || rest[0] == '/' || rest[0] == '@') {
			return true, true
		}
	}
	for _, own := range d {
		if isParent(dataset, own) {
			return true, false
		}
	}
	return false, false
}

// isParent reports whether one dataset lies in another.
func isParent(dataset, of string) bool {
	dataset = strings.TrimSuffix(dataset, "/")
	return len(dataset) < len(of) && strings.HasPrefix(of, dataset) && of[len(dataset)] == '/'
}

// datasetVisible reports whether a process sees a ZFS dataset and may write to it
// (zone_dataset_visible): also those mounted into its zone and their parents are
// seen. A zone without mounts sees none of these; the C code would crash there.
func (p *Proc) datasetVisible(dataset string) (visible, writable bool) {
	z := p.zone.Load()
	if dataset == "" {
		return false, false
	}
	if visible, writable = z.datasets.visible(dataset); visible {
		return visible, writable
	}
	for _, m := range p.k.mounts.list {
		if m.zone == z && m.fstype == "zfs" && (m.resource == dataset || isParent(dataset, m.resource)) {
			return true, false
		}
	}
	return false, false
}
