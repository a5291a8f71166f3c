package rctl_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
)

const bad = math.MaxUint64 - 99 // for a text that is refused

func checkParse(t *testing.T, what, text string, want, got uint64, err error) {
	t.Helper()
	switch {
	case want == bad && !errors.Is(err, errno.EINVAL):
		t.Errorf("%s(%q) = %d, %v", what, text, got, err)
	case want != bad && (err != nil || got != want):
		t.Errorf("%s(%q) = %d, %v, want %d", what, text, got, err, want)
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 0, " ": 0, "0": 0, "1": 1, "1024": 1024, "1k": 1 << 10, "1K": 1 << 10, "1m": 1 << 20, "50M": 50 << 20, "1g": 1 << 30,
		"2T": 2 << 40, "1.5g": 3 << 29, "1.5 g": 3 << 29, "0.1k": 102, ".5K": 512, "1.K": 1024, "1.9": 1, " 7": 7,
		"16777215T": 16777215 << 40, "18446744073709551615": math.MaxUint64, "0010K": 10 << 10,
		"18446744073709551616": bad, "16777216T": bad, "-1": bad, "+1": bad, "1p": bad, "1 ": bad, "1kb": bad, "k": bad, "1.2.3k": bad,
		".": bad, "0x10": bad, "1e3": bad, "1_0": bad, "1/2": bad, "ten": bad, "1\x00": bad, "∞": bad,
	} {
		got, err := rctl.ParseSize(text)
		checkParse(t, "ParseSize", text, want, got, err)
	}
}

func TestParseCount(t *testing.T) {
	for text, want := range map[string]uint64{
		"0": 0, "100": 100, "007": 7, "18446744073709551615": math.MaxUint64,
		"": bad, "+1": bad, "-1": bad, " 1": bad, "1k": bad, "0x1": bad, "1.0": bad, "18446744073709551616": bad, "1_0": bad,
	} {
		got, err := rctl.ParseCount(text)
		checkParse(t, "ParseCount", text, want, got, err)
	}
}

func TestParseCPUs(t *testing.T) {
	for text, want := range map[string]uint64{
		"1": 100, "1.5": 150, "2.509": 250, "0.01": 1, "150%": 150, "0.29": 29, "12.5%": 12, ".5": 50,
		"": bad, "0": bad, "0.009": bad, "0.9%": bad, "-1": bad, "%": bad, "1k": bad, "1%%": bad,
	} {
		got, err := rctl.ParseCPUs(text)
		checkParse(t, "ParseCPUs", text, want, got, err)
	}
}

func TestControlParse(t *testing.T) {
	for _, c := range []struct {
		control, text string
		want          uint64
		format        string
	}{
		{"zone.max-swap", "1g", 1 << 30, "1G"},
		{"zone.max-swap", "1.5G", 3 << 29, "1536M"},
		{"zone.max-swap", "0x400", 1024, "1K"},
		{"zone.max-swap", "1023", 1023, "1023"},
		{"zone.max-swap", "0", 0, "0"},
		{"zone.max-swap", "50%", bad, ""},
		{"zone.max-swap", "", bad, ""},
		{"zone.max-lwps", "2k", 2000, "2000"},
		{"zone.max-lwps", "1.5M", 1500000, "1500000"},
		{"zone.max-lwps", "2147483647", 2147483647, "2147483647"},
		{"zone.max-lwps", "2147483648", bad, ""},
		{"zone.max-lwps", "0X7fffffff", 2147483647, "2147483647"},
		{"zone.max-lwps", "1.5", bad, ""},
		{"zone.max-lwps", "0x", bad, ""},
		{"zone.max-lwps", "0x+1", bad, ""},
		{"zone.max-lofi", "18E", 18e18, "18000000000000000000"},
		{"zone.max-lofi", "19E", bad, ""},
		{"zone.cpu-cap", "50%", 50, "0.50"},
		{"zone.cpu-cap", "2.5", 250, "2.50"},
		{"zone.cpu-shares", "65535", 65535, "65535"},
		{"zone.cpu-shares", "65536", bad, ""},
	} {
		control, _ := rctl.Lookup(c.control)
		got, err := control.Parse(c.text)
		checkParse(t, c.control, c.text, c.want, got, err)
		if err != nil {
			continue
		}
		if text := control.Format(got); text != c.format {
			t.Errorf("%s: %d is written %s, want %s", c.control, got, text, c.format)
		}
	}
	for _, c := range rctl.Controls() {
		for range 200 {
			n := min(c.Max, max(rand.Uint64()>>rand.IntN(64)<<rand.IntN(40), 1))
			if got, err := c.Parse(c.Format(n)); err != nil || got != n {
				t.Errorf("%s: %d, %s, %d, %v", c.Name, n, c.Format(n), got, err)
			}
		}
	}
}

func TestFormatSize(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0", 1023: "1023", 1024: "1K", 1536: "1.5K", 10 * 1024: "10K", 10*1024 + 512: "11K", 9*1024 + 100: "9.1K",
		1 << 30: "1G", 3 << 29: "1.5G", 2147483648: "2G", 1<<40 + 1: "1T", 5000 << 40: "5000T",
		100 << 20: "100M", 1048575: "1M", math.MaxUint64: "8388608T", // strtoll(3C) stops at the largest signed number
	} {
		if got := rctl.FormatSize(n); got != want {
			t.Errorf("FormatSize(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestFormatCPUs(t *testing.T) {
	for n, want := range map[uint64]string{0: "0.00", 1: "0.01", 100: "1.00", 250: "2.50", 4294967295: "42949672.95"} {
		if got := rctl.FormatCPUs(n); got != want {
			t.Errorf("FormatCPUs(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestFormatScaled(t *testing.T) {
	for _, c := range []struct {
		n     uint64
		flags rctl.GlobalFlags
		want  string
	}{
		{0, rctl.GlobalCount, "0 "}, {999, rctl.GlobalCount, "999 "}, {1000, rctl.GlobalCount, "1.00K "}, {2147483647, rctl.GlobalCount, "2.15G "},
		{1000000, rctl.GlobalCount, "1.00M "}, {65535, rctl.GlobalCount, "65.5K "}, {999999, rctl.GlobalCount, "1000K "},
		{math.MaxUint64, rctl.GlobalCount, "18.4E "}, {math.MaxUint64, rctl.GlobalBytes, "16.0E B"}, {1023, rctl.GlobalBytes, "1023 B"},
		{1 << 30, rctl.GlobalBytes, "1.00G B"}, {3600, rctl.GlobalSeconds, "3.60K s"}, {16777216, rctl.GlobalCount, "16.8M "},
	} {
		number, unit := rctl.FormatScaled(c.n, c.flags)
		if got := fmt.Sprint(number, " ", unit); got != c.want {
			t.Errorf("FormatScaled(%d, %#x) = %q, want %q", c.n, c.flags, got, c.want)
		}
	}
}
