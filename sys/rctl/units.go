package rctl

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

func badLimit(text, want string) error {
	return &Error{Reason: fmt.Sprintf("%.64q is not %s", text, want), Err: errno.EINVAL}
}

// ParseCount parses a count as zonecfg(8) does: decimal digits. EINVAL for anything else
// and for more than 64 bits.
func ParseCount(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || text[0] == '+' {
		return 0, badLimit(text, "a decimal number of at most 64 bits")
	}
	return n, nil
}

// ParseSize parses a size in bytes as zonecfg(8) does: a decimal number with an optional
// fraction and an optional unit K, M, G or T, in either case, maybe after blanks. Units
// are powers of 1024; the result is rounded down. The empty string is 0. EINVAL for
// anything else and for more than 64 bits.
func ParseSize(text string) (uint64, error) {
	number, shift, ok := splitUnit(text, "KMGT")
	if !ok {
		return 0, badLimit(text, "a size: a number with K, M, G or T")
	}
	if strings.TrimLeft(number, " \t") == "" && shift == 0 {
		return 0, nil
	}
	n, ok := scaled(number, new(big.Rat).SetInt64(1<<shift))
	if !ok {
		return 0, badLimit(text, "a size: a number with K, M, G or T")
	}
	return n, nil
}

// ParseCPUs parses a number of CPUs to hundredths, the unit of zone.cpu-cap: "1.5" and
// "150%" are 150. The result is rounded down. EINVAL for anything else and for less than
// a hundredth.
func ParseCPUs(text string) (uint64, error) {
	number, percent := strings.CutSuffix(text, "%")
	unit := int64(100)
	if percent {
		unit = 1
	}
	n, ok := scaled(number, new(big.Rat).SetInt64(unit))
	if !ok || n == 0 {
		return 0, badLimit(text, "a number of CPUs, 0.01 or more, or a share of one in percent")
	}
	return n, nil
}

// Parse parses a limit of this control: a size ([ParseSize]) if it counts bytes, CPUs
// ([ParseCPUs]) for zone.cpu-cap, else a count with an optional unit K, M, G, T, P or E,
// which are powers of 1000 as in prctl(1). 0x starts a hexadecimal number for each. EINVAL
// for anything else and for more than the control's maximum.
func (c Control) Parse(text string) (uint64, error) {
	n, err := c.parse(text)
	if err != nil {
		err.(*Error).Control = c.Name
		return 0, err
	}
	if n > c.Max {
		return 0, &Error{Control: c.Name, Reason: fmt.Sprintf("%s is more than the largest limit, %d", text, c.Max), Err: errno.EINVAL}
	}
	return n, nil
}

func (c Control) parse(text string) (uint64, error) {
	if digits, ok := strings.CutPrefix(strings.ToLower(text), "0x"); ok {
		n, err := strconv.ParseUint(digits, 16, 64)
		if err != nil || strings.ContainsAny(digits, "_+") {
			return 0, badLimit(text, "a hexadecimal number of at most 64 bits")
		}
		return n, nil
	}
	switch {
	case strings.HasSuffix(text, "%") && c.scale() != Hundreds:
		return 0, badLimit(text, "a limit: only zone.cpu-cap takes a share of a CPU in percent")
	case text == "":
		return 0, badLimit(text, "a limit")
	case c.scale() == Bytes:
		return ParseSize(text)
	case c.scale() == Hundreds:
		return ParseCPUs(text)
	}
	number, exponent, ok := splitUnit(text, "KMGTPE")
	if !ok {
		return 0, badLimit(text, "a count")
	}
	factor := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(1000), big.NewInt(int64(exponent/10)), nil))
	if exponent == 0 {
		n, err := ParseCount(number)
		if err != nil {
			return 0, err
		}
		return n, nil
	}
	n, ok := scaled(number, factor)
	if !ok {
		return 0, badLimit(text, "a count of at most 64 bits")
	}
	return n, nil
}

// Format returns a limit as text that [Control.Parse] reads: a size in the largest unit
// without a fraction, CPUs with two decimals, or a count.
func (c Control) Format(limit uint64) string {
	switch c.scale() {
	case Bytes:
		unit := 0
		for limit != 0 && limit%1024 == 0 && unit < 4 {
			limit /= 1024
			unit++
		}
		return strconv.FormatUint(limit, 10) + strings.TrimSpace(" KMGT"[unit:unit+1])
	case Hundreds:
		return FormatCPUs(limit)
	}
	return strconv.FormatUint(limit, 10)
}

func (c Control) scale() Scale {
	switch {
	case c.Flags&GlobalBytes != 0:
		return Bytes
	case c.Name == "zone.cpu-cap":
		return Hundreds
	}
	return Plain
}

// FormatSize returns a size in bytes as zonecfg(8)'s info prints it: rounded to the
// largest unit in which it is at least 1, with one decimal below 10. Sizes above 1<<63-1
// all give the same text, as there.
func FormatSize(n uint64) string {
	n = min(n, math.MaxInt64)
	if n < 1024 {
		return strconv.FormatUint(n, 10)
	}
	var before uint64
	unit := 0
	for n >= 1024 && unit < 4 {
		before = n
		n = n>>10 + n>>9&1
		unit++
	}
	letter := " KMGT"[unit : unit+1]
	if before%1024 != 0 && before>>10 < 10 {
		return strconv.FormatFloat(float64(float32(before)/1024), 'f', 1, 64) + letter
	}
	return strconv.FormatUint(n, 10) + letter
}

// FormatCPUs returns hundredths of a CPU as zonecfg(8)'s info prints them: "2.50".
func FormatCPUs(hundredths uint64) string {
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

// FormatScaled returns a limit or a usage as prctl(1) prints it, in four characters and a
// letter, and its unit: "16.0E" and "B" for a control that counts bytes, "1.00M" and ""
// for one that counts objects.
func FormatScaled(n uint64, flags GlobalFlags) (number, unit string) {
	base := uint64(1000)
	if flags&GlobalBytes != 0 {
		base, unit = 1024, "B"
	} else if flags&GlobalSeconds != 0 {
		unit = "s"
	}
	if n < base {
		return strconv.FormatUint(n, 10), unit
	}
	scale, letter := base, 0
	for letter < 5 && n/scale >= base {
		scale *= base
		letter++
	}
	value := float64(n) / float64(scale)
	decimals := 0
	for len(strconv.FormatFloat(value, 'f', decimals, 64)) < 4 {
		if next := decimals + 1; len(strconv.FormatFloat(value, 'f', next, 64)) > 4 {
			break
		}
		decimals++
	}
	return strconv.FormatFloat(value, 'f', decimals, 64) + "KMGTPE"[letter:letter+1], unit
}

// splitUnit cuts the unit off a number. shift is the power of 2 that it stands for.
func splitUnit(text, units string) (number string, shift int, ok bool) {
	if text == "" {
		return "", 0, true
	}
	last := text[len(text)-1]
	if last >= '0' && last <= '9' || last == '.' {
		return text, 0, true
	}
	i := strings.IndexByte(units, last&^0x20)
	if i < 0 {
		return "", 0, strings.Trim(text, " \t") == ""
	}
	return strings.TrimRight(text[:len(text)-1], " \t\n\v\f\r"), 10 * (i + 1), true
}

// scaled multiplies a decimal number with an optional fraction exactly, and rounds down.
func scaled(number string, factor *big.Rat) (uint64, bool) {
	number = strings.TrimLeft(number, " \t")
	digits := 0
	for i := range len(number) {
		switch c := number[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c != '.':
			return 0, false
		}
	}
	r, ok := new(big.Rat).SetString(number)
	if digits == 0 || len(number) > 64 || !ok {
		return 0, false
	}
	r.Mul(r, factor)
	n := new(big.Int).Quo(r.Num(), r.Denom())
	return n.Uint64(), n.IsUint64()
}
