package zoneadm

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/trace"
)

// TestSteps: each step of a verb is reported when it begins and when it ends, and is in the
// trace.
func TestSteps(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "installed")
	var open []string
	var seen []string
	z := b.On("z1", Observer{Progress: func(p Progress) {
		text := p.Step.String() + " " + p.Text
		if i := slices.Index(open, text); p.Ended && i >= 0 {
			open = slices.Delete(open, i, i+1)
			return
		}
		if p.Zone != "z1" || p.Ended {
			t.Errorf("%+v", p)
		}
		open, seen = append(open, text), append(seen, text)
	}})
	recording := trace.Start("test")
	err := errors.Join(z.Boot(t.Context(), BootOptions{}), z.Uninstall(t.Context(), UninstallOptions{}))
	spans := recording.Stop()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"verify verifying it", "wait waiting for zoneadmd to boot it", "remove removing its files"}
	if !slices.Equal(seen, want) || len(open) > 0 {
		t.Errorf("steps %q, want %q; without an end: %q", seen, want, open)
	}
	for _, name := range []string{"verifying it", "waiting for zoneadmd to boot it", "removing its files"} {
		if !slices.ContainsFunc(spans, func(s trace.Span) bool { return s.Name == name && s.Kind == trace.Step }) {
			t.Errorf("the trace hasn't %q: %+v", name, spans)
		}
	}
}

// TestHookProblem: a verify_adm hook that fails is one of the problems of the zone, after
// which the others are still looked for.
func TestHookProblem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		hook     string
		problems []string
		told     []string
	}{
		{"it says nothing", "exit 3", []string{"brand hook verify_adm exited with status 3"}, nil},
		{"it exits", "echo why >&2; exit 3", []string{"brand hook verify_adm exited with status 3: why"}, nil},
		{"it is killed", "echo why >&2; kill -9 $$", []string{"brand hook verify_adm was killed by SIGKILL: why"}, []string{"'brand-specific verification' terminated by signal SIGKILL."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", "installed")
			b.brand(map[string]string{"verify_adm": "/b/verify_adm %z %R "}, nil)
			write(t, b.dir+"/b/verify_adm", "#!/bin/sh\n"+test.hook+"\n")
			var told []string
			z := b.On("z1", Observer{Notice: func(n Notice) {
				if n.Kind == Problem {
					told = append(told, n.Text)
				}
			}})
			var failed *Error
			if err := z.Verify(t.Context()); !errors.Is(err, ErrVerify) || !errors.As(err, &failed) {
				t.Fatal(err)
			}
			if !slices.Equal(failed.Problems, test.problems) || !slices.Equal(told, test.told) {
				t.Errorf("problems %q, want %q; told %q, want %q", failed.Problems, test.problems, told, test.told)
			}
		})
	}
}

// TestTraceFile: a relative path is below the directory of the command, and a file that
// can't be made ends the subcommand before it does anything.
func TestTraceFile(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "installed")
	if status, _, errs := b.do("-z z1 boot --trace none/t.json"); status != ExitFailed || len(errs) != 1 || !strings.HasPrefix(errs[0], "zoneadm: ") || len(b.asked) > 0 {
		t.Errorf("into no directory: exit status %d, %q, asked %q", status, errs, b.asked)
	}
	if status, _, errs := b.do("-z z1 boot --trace t.json"); status != ExitOK || len(errs) > 0 {
		t.Errorf("exit status %d, %q", status, errs)
	}
	file, err := os.Open(filepath.Join(b.dir, "t.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if spans, err := trace.Read(file); err != nil || len(spans) == 0 || spans[0].Process != "zoneadm" {
		t.Errorf("%+v, %v", spans, err)
	}
}
