package priv_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

func ExampleParse() {
	s, err := priv.Parse("basic,!proc_info,sys_time")
	fmt.Println(s, err)
	fmt.Println(s.Has("proc_info"), s.Has("PRIV_SYS_TIME"))
	_, err = priv.Parse("basic,sys_tyme")
	fmt.Println(err)
	// Output:
	// basic,!proc_info,sys_time <nil>
	// false true
	// unknown privilege "sys_tyme"
}

func ExampleLists_Limit() {
	brand := priv.Lists{
		Default:  []priv.Entry{{Name: "sys_mount"}, {Name: "net_rawaccess", IPType: "exclusive"}},
		Required: []priv.Entry{{Name: "sys_mount"}},
	}
	s, err := brand.Limit("default,sys_time", "shared")
	fmt.Println(s, err)
	_, err = brand.Limit("default,!sys_mount", "shared")
	fmt.Println(err)
	// Output:
	// basic,sys_mount,sys_time <nil>
	// required privilege "sys_mount" is missing from the zone's privilege set
}

func TestTable(t *testing.T) {
	var table struct {
		Count    int
		SetWords int `json:"set_words"`
		SetBytes int `json:"set_bytes"`
		Basic    []string
		List     []struct {
			Name string
			Bit  int
		}
	}
	abitest.Section(t, "privileges", &table)
	if table.Count != priv.Count || table.SetWords != priv.SetWords || table.SetBytes != priv.SetSize {
		t.Errorf("%d privileges in %d words, %d bytes", priv.Count, priv.SetWords, priv.SetSize)
	}
	for _, p := range table.List {
		if n, ok := priv.Number(p.Name); !ok || n != p.Bit || priv.Name(p.Bit) != p.Name {
			t.Errorf("%s is %d, the system has %d", p.Name, n, p.Bit)
		}
	}
	if got := strings.Join(priv.Basic().List(), " "); got != strings.Join(table.Basic, " ") {
		t.Errorf("basic is %s", got)
	}
	if priv.Of("contract_event")[0] != 1<<31 || priv.Of("net_privaddr")[1] != 1<<31 {
		t.Error("the first privilege of a word isn't its top bit")
	}
}

func TestText(t *testing.T) {
	zone := priv.Basic().With("sys_mount", "sys_admin", "proc_owner")
	for _, c := range []struct {
		name, in, portable, literal, short string
	}{
		{"nothing", "", "basic,!file_link_any,!file_read,!file_write,!net_access,!proc_exec,!proc_fork,!proc_info,!proc_secflags,!proc_session", "none", "none"},
		{"all", "all", "all", strings.Join(priv.Full().List(), ","), "all"},
		{"basic", "basic", "basic", strings.Join(priv.Basic().List(), ","), "basic"},
		{"one", "sys_time", "basic,!file_link_any,!file_read,!file_write,!net_access,!proc_exec,!proc_fork,!proc_info,!proc_secflags,!proc_session,sys_time", "sys_time", "sys_time"},
		{"none empties", "all,none,proc_fork", "basic,!file_link_any,!file_read,!file_write,!net_access,!proc_exec,!proc_info,!proc_secflags,!proc_session", "proc_fork", "proc_fork"},
		{"nearly all", "all,!sys_time,-proc_zone", "", "", "all,!proc_zone,!sys_time"},
		{"a zone's, nearly", "basic,sys_mount,sys_admin", "basic,sys_admin,sys_mount", "", "zone,!proc_owner"},
		{"case and prefix", "PRIV_SYS_TIME,+Sys_Admin,,", "", "sys_admin,sys_time", "sys_admin,sys_time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := priv.Parse(c.in)
			if err != nil {
				t.Fatal(err)
			}
			for form, want := range map[priv.Form]string{priv.Portable: c.portable, priv.Literal: c.literal, priv.Short: c.short} {
				got := s.Format(form, zone)
				if want == "" {
					continue
				}
				if sortWords(got) != sortWords(want) {
					t.Errorf("form %d: %s", form, got)
				}
				back, err := priv.ParseIn(got, zone)
				if err != nil || back.Intersect(known()) != s.Intersect(known()) {
					t.Errorf("form %d: %s is read back as %s, %v", form, got, back, err)
				}
			}
		})
	}
}

func known() priv.Set { return priv.Of(priv.Names()...) }

// sortWords sorts all words but the first, which the others change.
func sortWords(s string) string {
	words := strings.Split(s, ",")
	n := map[string]bool{}
	for _, w := range words[1:] {
		n[w] = true
	}
	return fmt.Sprint(words[0], n)
}

func TestUnknown(t *testing.T) {
	for in, word := range map[string]string{"x": "x", "basic,!y,z": "!y", "basic, sys_time": " sys_time", "zones": "zones", "-": "-"} {
		_, err := priv.Parse(in)
		var unknown *priv.UnknownError
		if !errors.As(err, &unknown) || unknown.Word != word || !errors.Is(err, errno.EINVAL) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestSets(t *testing.T) {
	a, b := priv.Of("sys_time", "proc_zone"), priv.Of("proc_zone")
	if !b.Subset(a) || a.Subset(b) || a.Intersect(b) != b || a.Without("sys_time") != b || b.With("sys_time") != a {
		t.Error("sets don't add up")
	}
	if !(priv.Set{}).Empty() || !priv.Full().IsFull() || (priv.Set{}).Inverse() != priv.Full() {
		t.Error("empty and full")
	}
	text, err := json.Marshal(a)
	var back priv.Set
	if err != nil || json.Unmarshal(text, &back) != nil || back != a {
		t.Errorf("%s is read back as %s, %v", text, back, err)
	}
}

// TestLimitpriv runs the specification's cases with the lists of the brand ipkg.
func TestLimitpriv(t *testing.T) {
	type entry struct {
		Name   string
		IPType string `json:"ip-type"`
	}
	var section struct{ Sets map[string][]entry }
	abitest.Section(t, "brand_privileges", &section)
	list := func(name string) (l []priv.Entry) {
		for _, e := range section.Sets[name] {
			l = append(l, priv.Entry{Name: e.Name, IPType: e.IPType})
		}
		return l
	}
	lists := &priv.Lists{Default: list("default"), Prohibited: list("prohibited"), Required: list("required")}
	type limitCase struct {
		ID    string
		Given struct {
			IPType    string `json:"ip_type"`
			Limitpriv string
			Request   string
			Brand     string // always ipkg, whose lists the test has
		}
		Expect struct {
			Result, Set, Privilege, Message string
			Error                           int
		}
	}
	for _, c := range spectest.Cases[limitCase](t, "cases-zoneadm.json", "limitpriv") {
		t.Run(c.ID, func(t *testing.T) {
			property := c.Given.Limitpriv
			if c.Given.Request == "mount" {
				property = "" // scratch zones get the default whatever is configured
			}
			s, err := lists.Limit(property, c.Given.IPType)
			if c.Expect.Error != 0 {
				var limit *priv.LimitError
				if !errors.As(err, &limit) || int(limit.Problem) != c.Expect.Error || limit.Privilege != c.Expect.Privilege || err.Error() != c.Expect.Message {
					t.Fatalf("%v", err)
				}
				return
			}
			usual, _ := lists.DefaultFor(c.Given.IPType)
			want := usual
			switch {
			case strings.HasPrefix(c.Expect.Set, "basic + default"):
				if got := usual.Has("net_rawaccess"); got != strings.Contains(c.Expect.Set, "net_rawaccess") {
					t.Error("net_rawaccess", got)
				}
			case strings.HasPrefix(c.Expect.Set, "default set + "):
				want = usual.With(strings.Split(strings.TrimPrefix(c.Expect.Set, "default set + "), ", ")...)
			case strings.HasPrefix(c.Expect.Set, "basic + "):
				want = priv.Basic().With(strings.TrimPrefix(c.Expect.Set, "basic + "))
			case !strings.HasPrefix(c.Expect.Set, "default set of"):
				t.Fatalf("a set this test doesn't know: %s", c.Expect.Set)
			}
			if err != nil || s != want {
				t.Errorf("%s, %v; expected %s", s, err, want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "basic,!proc_info", "all,none,,zone", "-x", "+", "PRIV_sys_time"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := priv.Parse(text)
		if err != nil {
			return
		}
		for _, form := range []priv.Form{priv.Portable, priv.Literal, priv.Short} {
			back, err := priv.Parse(s.Format(form, priv.Full()))
			if err != nil || back.Intersect(known()) != s.Intersect(known()) {
				t.Errorf("%q: %s is read back as %s, %v", text, s.Format(form, priv.Full()), back, err)
			}
		}
	})
}
