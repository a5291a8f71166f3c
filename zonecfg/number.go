package zonecfg

import (
	"math"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg/internal/cnum"
)

const (
	minPhysical = 1 << 20 // the smallest cap on physical memory that zonecfg takes
	positive    = "A positive number with a required scale suffix (K, M, G or T) was expected here."
	notNegative = "A non-negative number with a required scale suffix (K, M, G or T) was expected\nhere."
)

// parseCount reads a count as zonecfg takes it: what strtoull(3C) reads, without any
// minus. An empty text is 0.
func parseCount(text string) (n uint64, ok bool) {
	if strings.Contains(text, "-") {
		return 0, false
	}
	n, rest, ok := cnum.Uint(text, 10)
	return n, ok && rest == ""
}

// parseSize reads a size as zonecfg takes it: what strtold(3C) reads, not negative,
// and one of K, M, G, T behind it, in any case and after blanks. An empty text is 0.
func parseSize(text string) (n uint64, ok bool) {
	value, unit := cnum.LongDouble(text)
	unit = strings.TrimLeft(unit, cnum.Blanks)
	if value.Negative() || len(unit) > 1 {
		return 0, false
	}
	scale := 0
	if unit != "" {
		i := strings.IndexByte("KMGT", unit[0]&^0x20)
		if i < 0 {
			return 0, false
		}
		scale = 10 * (i + 1)
	}
	return value.Shifted(scale), true
}

// parseHundredths reads a number of processors as zonecfg takes it for a cap, in
// hundredths of one: what strtof(3C) reads, as long as an int holds the hundredths.
func parseHundredths(text string) (n uint64, ok bool) {
	value, rest := cnum.Float32(text)
	hundredths := float64(float32(value * 100)) // a float's product, rounded as one
	if rest != "" || !(value > 0) || hundredths < 1 || hundredths > math.MaxInt32 {
		return 0, false
	}
	return uint64(hundredths), true
}

// ParseAlias reads what an alias is set to. The error is an *[Invalid].
func (z *Zone) ParseAlias(a rctl.Alias, text string) (uint64, error) {
	fail := func(text string) (uint64, error) { return 0, &Invalid{ErrInvalid, a.Name, text} }
	if a.Scale != rctl.Bytes {
		parse := parseCount
		if a.Scale == rctl.Hundreds {
			parse = parseHundredths
		}
		n, ok := parse(text)
		if !ok || n < a.Min {
			return fail(a.Name + " property is out of range.")
		}
		return n, nil
	}
	least := a.Min
	if a.Name == "swap" && z.Name == zone.GlobalName {
		least = rctl.MinGlobalSwap
	}
	n, ok := parseSize(text)
	switch {
	case !ok && a.Name == "swap":
		return fail(positive)
	case !ok:
		return fail(notNegative)
	case n < least:
		return fail(tooSmall(a.Name, least))
	}
	return n, nil
}

func tooSmall(property string, least uint64) string {
	return property + " value is too small.  It must be at least " + rctl.FormatSize(least) + "."
}

// ParsePhysical reads a cap on physical memory. The error is an *[Invalid].
func ParsePhysical(text string) (CappedMemory, error) {
	n, ok := parseSize(text)
	if !ok {
		return CappedMemory{}, &Invalid{ErrInvalid, "physical", positive}
	}
	if n < minPhysical {
		return CappedMemory{}, &Invalid{ErrInvalid, "physical", tooSmall("physical", minPhysical)}
	}
	return CappedMemory{strconv.FormatUint(n, 10)}, nil
}

// ParseNCPUs reads a number of processors or a range of them, "2-4", for a
// dedicated-cpu, of which the importance is empty. The numbers stay as they are
// written. The error is an *[Invalid].
func ParseNCPUs(text string) (DedicatedCPU, error) {
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	least, ok1 := parseCount(low)
	most, ok2 := parseCount(high)
	if !ok1 || !ok2 || least < 1 || most < least {
		return DedicatedCPU{}, &Invalid{ErrInvalid, "ncpus", "ncpus property is out of range."}
	}
	return DedicatedCPU{Min: low, Max: high}, nil
}

// NCPUs returns the number of processors as zonecfg writes it: "2", "2-4".
func (c DedicatedCPU) NCPUs() string {
	if c.Min == c.Max {
		return c.Min
	}
	return c.Min + "-" + c.Max
}

// CheckImportance checks the importance of a dedicated-cpu. The error is an
// *[Invalid].
func CheckImportance(text string) error {
	if _, ok := parseCount(text); !ok {
		return &Invalid{ErrInvalid, "importance", "importance property is out of range."}
	}
	return nil
}
