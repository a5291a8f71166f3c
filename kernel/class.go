package kernel

import "slices"

// SchedClass is a scheduling class; zones can't be given those of the kernel's own.
type SchedClass struct {
	Name   string
	Kernel bool
}

// schedClasses are the scheduling classes by number.
type schedClasses []SchedClass

var illumosClasses = schedClasses{
	{"SYS", true}, {"TS", false}, {"FX", false}, {"IA", false}, {"FSS", false}, {"RT", false}, {"SDC", true},
}

// name returns the name of a class, "" where there is none.
func (s schedClasses) name(class int) string {
	if class < 0 || class >= len(s) {
		return ""
	}
	return s[class].Name
}

// byName returns the number of a class, -1 where there is none.
func (s schedClasses) byName(name string) int {
	return slices.IndexFunc(s, func(c SchedClass) bool { return c.Name == name })
}
