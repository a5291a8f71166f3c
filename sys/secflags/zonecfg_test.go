package secflags_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/secflags"
)

func TestConfigSets(t *testing.T) {
	for _, c := range []struct {
		name   string
		config secflags.Config
		want   secflags.Sets
		err    string
	}{
		{"nothing", secflags.Config{}, secflags.Default(), ""},
		{"default", secflags.Config{Default: "aslr"}, secflags.Sets{aslr, aslr, 0, 7}, ""},
		{"the lower is the default's default", secflags.Config{Lower: "noexecstack"}, secflags.Sets{noexec, noexec, noexec, 7}, ""},
		{"all three", secflags.Config{"aslr,forbidnullmap", "aslr", "all,-noexecstack"}, secflags.Sets{aslr | nullmap, aslr | nullmap, aslr, aslr | nullmap}, ""},
		{"default below lower", secflags.Config{Default: "none", Lower: "aslr"}, secflags.Sets{}, "security-flags violate invariants"},
		{"default above upper", secflags.Config{Default: "all", Upper: "aslr"}, secflags.Sets{}, "security-flags violate invariants"},
		{"relative default", secflags.Config{Default: "current,aslr"}, secflags.Sets{}, "relative security-flags are not allowed (default security-flags: 'current,aslr')"},
		{"relative lower", secflags.Config{Default: "aslr", Lower: "current"}, secflags.Sets{}, "relative security-flags are not allowed (lower security-flags: 'current')"},
		{"bad upper", secflags.Config{Upper: "foo"}, secflags.Sets{}, "failed to parse upper security-flags 'foo': Invalid argument"},
		{"bad lower, which is the default", secflags.Config{Lower: "foo"}, secflags.Sets{}, "failed to parse default security-flags 'foo': Invalid argument"},
		{"the default of a brand that isn't there", secflags.Config{Default: "default"}, secflags.Sets{}, "failed to parse default security-flags 'default': Invalid argument"},
	} {
		got, err := c.config.Sets()
		if c.err == "" {
			if err != nil || got != c.want {
				t.Errorf("%s: %+v, %v", c.name, got, err)
			}
			continue
		}
		if err == nil || err.Error() != c.err || !errors.Is(err, errno.EINVAL) || got != (secflags.Sets{}) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func TestConfigVerify(t *testing.T) {
	for _, c := range []struct {
		name     string
		config   secflags.Config
		ok       bool
		messages []string
	}{
		{"nothing", secflags.Config{}, true, nil},
		{"all three", secflags.Config{"aslr", "none", "all"}, true, nil},
		{"above upper", secflags.Config{Default: "all", Upper: "aslr"}, false, []string{"default secflags must be within the upper limit"}},
		{"below lower", secflags.Config{Default: "none", Lower: "aslr"}, false, []string{"default secflags must be above the lower limit"}},
		{"the default isn't the lower here", secflags.Config{Lower: "aslr"}, false, []string{"default secflags must be above the lower limit"}},
		{"lower above upper", secflags.Config{"aslr", "aslr", "none"}, false,
			[]string{"default secflags must be within the upper limit", "lower secflags must be within the upper limit"}},
		{"relative passes", secflags.Config{Default: "current,aslr"}, true, []string{"only assignment of security flags is allowed (default: current,aslr)"}},
		{"invalid", secflags.Config{"x", "y", "z"}, false, []string{
			"default security flags 'x' are invalid", "upper security flags 'z' are invalid", "lower security flags 'y' are invalid",
			"only assignment of security flags is allowed (default: x)", "only assignment of security flags is allowed (lower: y)",
			"only assignment of security flags is allowed (upper: z)"}},
	} {
		messages, ok := c.config.Verify()
		if ok != c.ok || !slices.Equal(messages, c.messages) {
			t.Errorf("%s: %v, %q", c.name, ok, messages)
		}
	}
}
