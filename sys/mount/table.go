package mount

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Mnttab is the path of the table of mounted file systems (MNTTAB).
const Mnttab = "/etc/mnttab"

// Entry is a mounted file system (struct mnttab).
type Entry struct {
	Special string   // directory, device or dataset
	Point   string   // mount point
	FSType  string   // "zfs", "lofs"
	Options []string // "ro", "size=10m"
	Time    string   // when it was mounted, in seconds since 1970; "" except on illumos
}

// Option returns the value of an option, "" for an option without a value, and whether
// the entry has the option.
func (e Entry) Option(name string) (string, bool) {
	for _, o := range e.Options {
		if key, value, _ := strings.Cut(o, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// Parse reads a table in the format of mnttab(5): lines of five fields separated by tabs,
// with tab, newline, space and backslash written as a backslash and three octal digits.
// Empty lines and lines that start with # are skipped. An error names the line.
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

// Table returns the file systems that the caller sees, in the order in which they were
// mounted: those of its zone on illumos (mnttab(5)), those of its mount namespace on
// Linux. On other systems it fails with ENOENT.
func Table() ([]Entry, error) { return table(false) }

// WholeTable is [Table] with the file systems that are mounted without being shown
// ([NoMnttab]).
func WholeTable() ([]Entry, error) { return table(true) }
