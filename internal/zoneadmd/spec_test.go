package zoneadmd_test

import (
	"cmp"
	"testing"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/internal/zoneadmd"
)

func TestSpecBootArgs(t *testing.T) {
	type bootCase struct {
		ID, Do string
		Given  struct {
			Text     string `json:"request_or_property"`
			Request  string
			Property string `json:"bootargs_property"`
			Init     string `json:"brand_initname"`
		} `spec:"some"` // others are of internal/zoneadm
		Expect struct {
			Passed, Init, Bad, Verdict, Message string
		}
	}
	for _, c := range spectest.Cases[bootCase](t, "cases-zoneadm.json", "bootargs") {
		if c.Do != "filter boot arguments" {
			continue // of zoneadm
		}
		t.Run(c.ID, func(t *testing.T) {
			b := zoneadmd.ParseBootArgs(cmp.Or(c.Given.Text, c.Given.Request, c.Given.Property))
			message := ""
			if b.Unused {
				message = "WARNING: Unused or invalid boot arguments `" + b.Bad + "'."
			}
			if b.Passed != c.Expect.Passed || b.Bad != c.Expect.Bad || message != c.Expect.Message {
				t.Errorf("%+v, message %q", b, message)
			}
			if init := cmp.Or(b.Init, c.Given.Init); init != c.Expect.Init {
				t.Errorf("init %q", init)
			}
			if b.Good() != (c.Expect.Verdict == "ok") {
				t.Errorf("good: %v, want verdict %q", b.Good(), c.Expect.Verdict)
			}
		})
	}
}

func TestBootArgs(t *testing.T) {
	long := make([]byte, 256)
	for i := range long {
		long[i] = 's'
	}
	for text, want := range map[string]zoneadmd.BootArgs{
		"  \t":               {},
		"-i /etc/init -s":    {Passed: " -s ", Init: "/etc/init"},
		"-i/etc/init -m a=b": {Passed: " -m a=b", Init: "/etc/init"},
		"-fsm verbose":       {Passed: " -s  -m verbose"},
		"--word -s":          {Passed: " -- -s ", Bad: " --"},
		"-s -- -v":           {Passed: " -s ", Bad: "-v", Unused: true},
		"-s-v":               {Passed: " -s  -- -v", Bad: " -- -v"},
		"-i":                 {Passed: " -i", Bad: " -i"},
		"-:":                 {Passed: " -:", Bad: " -:"},
		string(long[:255]):   {},
		string(long):         {Bad: string(long), Long: true},
	} {
		if b := zoneadmd.ParseBootArgs(text); b != want {
			t.Errorf("%q: %+v, want %+v", text, b, want)
		}
	}
}

func FuzzParseBootArgs(f *testing.F) {
	f.Add("-s -m verbose")
	f.Add("kernel/unix -fi /sbin/init --x y")
	f.Fuzz(func(t *testing.T, text string) {
		b := zoneadmd.ParseBootArgs(text)
		if len(text) < 256 && b.Long || b.Good() != (b.Bad == "" && !b.Long) {
			t.Errorf("%q: %+v", text, b)
		}
		if b.Unused && b.Bad == "" && text != "" {
			t.Errorf("%q: unused, but nothing is bad", text)
		}
	})
}
