package mount

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Mnttab is where the system shows what is mounted (MNTTAB).
const Mnttab = "/etc/mnttab"

// Entry is one file system that is mounted (struct mnttab).
type Entry struct {
	Special string
	Point   string
	FSType  string
	Options []string // "ro", "size=10m"
	Time    string   // seconds since 1970
}

// Option returns the value of an option, "" for one without, and whether it is
// there.
func (e Entry) Option(name string) (string, bool) {
	for _, o := range e.Options {
		if key, value, _ := strings.Cut(o, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// Parse reads a table in the form of mnttab(5): five fields a line, separated by
// tabs, in which a tab, a newline, a space and a backslash are written as a
// backslash and three octal digits.
func Parse(r io.Reader) ([]Entry, error) {
	var entries []Entry
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 5 {
			return nil, fmt.Errorf("mnttab line %d: %d fields, not 5", n, len(fields))
		}
		for i := range fields {
			fields[i] = unescape(fields[i])
		}
		e := Entry{Special: fields[0], Point: fields[1], FSType: fields[2], Time: fields[4]}
		if fields[3] != "" && fields[3] != "-" {
			e.Options = strings.Split(fields[3], ",")
		}
		entries = append(entries, e)
	}
	return entries, lines.Err()
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1]) && octal(s[i+2]) && octal(s[i+3]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octal(c byte) bool { return c >= '0' && c <= '7' }

// Table returns what is mounted as the caller's zone sees it, in the order of
// mounting. On Linux that is the caller's mount namespace, without times.
func Table() ([]Entry, error) { return table() }
