package cnum

import (
	"math"
	"strings"
	"testing"
)

func TestUint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		base int
		n    uint64
		rest string
		ok   bool
	}{
		{"", 10, 0, "", true},
		{"12", 10, 12, "", true},
		{" \t+12x", 10, 12, "x", true},
		{"+", 10, 0, "+", true},
		{" ", 10, 0, " ", true},
		{"x", 10, 0, "x", true},
		{"0x10", 10, 0, "x10", true},
		{"0x10", 0, 16, "", true},
		{"0X1fg", 0, 31, "g", true},
		{"0x", 0, 0, "x", true},
		{"0xg", 16, 0, "xg", true},
		{"010", 0, 8, "", true},
		{"09", 0, 0, "9", true},
		{"ffffffff", 16, 0xffffffff, "", true},
		{"-1", 10, math.MaxUint64, "", true},
		{"18446744073709551615", 10, math.MaxUint64, "", true},
		{"18446744073709551616", 10, math.MaxUint64, "", false},
		{"1_0", 10, 1, "_0", true},
	} {
		n, rest, ok := Uint(c.text, c.base)
		if n != c.n || rest != c.rest || ok != c.ok {
			t.Errorf("%q base %d: %d %q %t", c.text, c.base, n, rest, ok)
		}
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"": 0, "5": 5, " -5": -5, "+7": 7, "-9223372036854775808": math.MinInt64, "9223372036854775807": math.MaxInt64} {
		if n, ok := Int(text); n != want || !ok {
			t.Errorf("%q: %d %t", text, n, ok)
		}
	}
	for _, text := range []string{"5x", " ", "-", "--5", "+-5", "9223372036854775808", "-9223372036854775809", "0x5", "1 "} {
		if n, ok := Int(text); ok {
			t.Errorf("%q: %d", text, n)
		}
	}
}

// The results are those of strtold and of the conversion to uint64 on amd64.
func TestLongDouble(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, rest string
		n          uint64
	}{
		{"", "", 0}, {" ", " ", 0}, {"1e1", "", 10}, {"0x10K", "K", 16}, {" 200m", "m", 200}, {"+200", "", 200}, {"0x1p30", "", 1 << 30},
		{"inf", "", 0}, {"infinityk", "k", 0}, {"infini", "ini", 0}, {"nan", "", 1 << 63}, {"nan(1_a)k", "k", 1 << 63}, {"nan(k", "(k", 1 << 63},
		{"1e", "e", 1}, {"1e+", "e+", 1}, {"0xM", "xM", 0}, {".5", "", 0}, {"0x.8p1", "", 1}, {"5.g", "g", 5}, {".g", ".g", 0}, {"1.5.5", ".5", 1},
		{"18446744073709551615", "", math.MaxUint64}, {"18446744073709551616", "", 0}, {"1e400", "", 0}, {"1e5000", "", 0}, {"1e-5000", "", 0},
		{"1e999999999999999999999", "", 0}, {"1e-999999999999999999999", "", 0}, {"-0", "", 0}, {"-1e-5000", "", 0},
	} {
		v, rest := LongDouble(c.text)
		if n := v.Shifted(0); n != c.n || rest != c.rest || v.Negative() {
			t.Errorf("%q: %d %q", c.text, n, rest)
		}
	}
	for text, want := range map[string]uint64{"1.5": 1536, "1e-3": 1, "0x.8": 512, "16777215": 17179868160, "18014398509481984": 0} {
		v, _ := LongDouble(text)
		if n := v.Shifted(10); n != want {
			t.Errorf("%q K: %d", text, n)
		}
	}
	for _, text := range []string{"-1", "-inf", "-1e-300"} {
		if v, _ := LongDouble(text); !v.Negative() {
			t.Errorf("%q isn't negative", text)
		}
	}
}

func TestFloat32(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float32{"": 0, "1.5": 1.5, "1e1": 10, "0x10": 16, "1e39": float32(math.Inf(1)), "inf": float32(math.Inf(1)), "-2": -2, "16777217": 16777216} {
		if v, rest := Float32(text); v != want || rest != "" {
			t.Errorf("%q: %g %q", text, v, rest)
		}
	}
	if v, _ := Float32("nan"); v == v {
		t.Error("nan is a number")
	}
}

func FuzzFloat(f *testing.F) {
	for _, seed := range strings.Fields("1.5e3 0x1.8p-3 inf nan(x) 1e 0x .5 -0 +1e+9") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<10 {
			return
		}
		v, rest := LongDouble(text)
		v.Shifted(40)
		_, rest32 := Float32(text)
		if !strings.HasSuffix(text, rest) || rest != rest32 {
			t.Errorf("%q: %q, %q", text, rest, rest32)
		}
	})
}
