package syslog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
)

// TestLog: a line comes to the log as syslog(3C) would send it, and one that is too long is
// cut, since the log would refuse it. The runner's log is a file.
func TestLog(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	if err := os.MkdirAll(os.Getenv("ZONES_RUN"), 0o700); err != nil { // as the kernel process does
		t.Fatal(err)
	}
	write, err := Open("zonetest")
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().Truncate(time.Second)
	for _, text := range []string{"[zone 'a'] 100 % lost", strings.Repeat("x", 2000)} {
		if err := write(text); err != nil {
			t.Error(err)
		}
	}
	all, err := os.ReadFile(filepath.Join(os.Getenv("ZONES_RUN"), "conslog"))
	if err != nil {
		t.Fatal(err)
	}
	start := fmt.Sprintf(" zonetest[%d]: [ID 702911 FACILITY_AND_PRIORITY] ", os.Getpid())
	var lines []string
	for line := range strings.Lines(string(all)) {
		if strings.Contains(line, start) {
			lines = append(lines, line)
		}
	}
	if len(lines) != 2 {
		t.Fatalf("the log has %q", lines)
	}
	const prefix = "pri 27 flags 0x10 level 0: "
	stamp, rest, _ := strings.Cut(strings.TrimPrefix(lines[0], prefix), start)
	if when, err := time.ParseInLocation(time.Stamp, stamp, time.Local); err != nil || when.AddDate(before.Year(), 0, 0).Before(before) {
		t.Errorf("%q is no time from %v on, %v", stamp, before, err)
	}
	if !strings.HasPrefix(lines[0], prefix) || rest != "[zone 'a'] 100 % lost\n" {
		t.Errorf("the first line is %q", lines[0])
	}
	if text := strings.TrimPrefix(strings.TrimSuffix(lines[1], "\n"), prefix); len(text) != 1023 || !strings.HasSuffix(text, "xxx") {
		t.Errorf("the second line has %d bytes: %q", len(text), lines[1])
	}
}

// TestNoLog: without the device there is no log, so that its lines can go elsewhere.
func TestNoLog(t *testing.T) {
	real := device
	t.Cleanup(func() { device = real })
	device = t.TempDir() + "/none"
	if _, err := Open("zonetest"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
