package zlogin

import (
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Complete returns what may follow the arguments of a command line, of which word is there
// already: options, or the names of the running zones or, with -C, of those with a console.
// Nothing follows a zone's name. files reports whether it may be a file. It asks the kernel
// if one runs, and doesn't start one.
func Complete(args []string, word string) (words []string, files bool, err error) {
	o := &Options{}
	switch getopt.Pending(args, letters) {
	case 'R':
		return nil, true, nil
	case 'e', 'l':
		return nil, false, nil
	}
	operands, err := o.options(args)
	if err != nil || len(operands) > 0 {
		return nil, false, nil
	}
	if strings.HasPrefix(word, "-") {
		return o.proposed(len(args) == 0), false, nil
	}
	kernel, err := machine.Running()
	if err != nil {
		kernel = nil // none runs, and so no zone
	} else {
		defer kernel.Close()
	}
	words, err = names(kernel, zonecfg.Open(locate.Root(), locate.RunDir()), o.Console)
	return words, false, err
}

// notConsole are the options that -C refuses.
const notConsole = "lnSR"

// proposed are the options that can be used with those that are given. first says that
// nothing is given.
func (o *Options) proposed(first bool) (words []string) {
	for _, letter := range strings.ReplaceAll(letters, ":", "") {
		switch {
		case o.has(byte(letter)), o.Console && strings.ContainsRune(notConsole, letter), letter == 'C' && strings.ContainsAny(o.given, notConsole),
			o.Safe && letter == 'l', o.has('l') && letter == 'S', letter == 'd' && !o.Console:
			continue // given, or refused with what is given
		}
		words = append(words, "-"+string(letter))
	}
	if !o.Console {
		words = append(words, "--exec")
	}
	words = append(words, "--json")
	if first {
		words = append(words, "--help", "--version")
	}
	return words
}

// names returns the running zones of a kernel, which is nil if none runs, or the zones that
// have a console.
func names(kernel zone.System, store *zonecfg.Store, consoles bool) ([]string, error) {
	var found []string
	var ids []zone.ID
	if kernel != nil && !consoles {
		var err error
		if ids, err = zone.IDs(kernel); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if id == zone.GlobalID {
			continue
		}
		name, err := zone.NameOf(kernel, id)
		status, statusErr := zone.StatusOf(kernel, id)
		if err == nil && statusErr == nil && zonecfg.KernelState(status, "") == zonecfg.Running {
			found = append(found, name)
		}
	}
	if !consoles {
		return found, nil
	}
	entries, err := store.Entries()
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.State >= zonecfg.Installed && e.Name != zone.GlobalName {
			found = append(found, e.Name)
		}
	}
	return found, nil
}
