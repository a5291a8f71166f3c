package zoneadm

import (
	"fmt"

	"github.com/gozones/zones/internal/getopt"
)

// complain is getopt's diagnostic.
func (t *Tool) complain(text string) { fmt.Fprintf(t.Err, "%s: %s\n", t.Prog, text) }

// simple reads the options of a verb that knows these letters. ok is false when
// the usage was printed, and then status is the command's.
func (t *Tool) simple(verb string, args []string, letters string) (options []getopt.Option, operands []string, status int, ok bool) {
	options, operands = getopt.Parse(args, letters, t.complain)
	for _, o := range options {
		if o.Letter != '?' {
			continue
		}
		t.usageOf(verb)
		if o.Asked() {
			return nil, nil, ExitOK, false
		}
		return nil, nil, ExitUsage, false
	}
	return options, operands, ExitOK, true
}
