package main

import (
	"slices"
	"testing"
)

// TestFlags: clang is told what it compiles for, and gcc can't be.
func TestFlags(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		compiler, sysroot string
		has, lacks        string
	}{
		{"clang", "/tree", "--sysroot=/tree", "-m64"},
		{"/usr/bin/clang-19", "/tree", "--target=x86_64-pc-solaris2.11", "-fmax-errors=0"},
		{"gcc", "/tree", "--sysroot=/tree", "--target=x86_64-pc-solaris2.11"},
		{"/opt/gcc-14/bin/gcc", "/", "-m64", "--sysroot=/"},
	} {
		if list := flags(test.compiler, test.sysroot); !slices.Contains(list, test.has) || slices.Contains(list, test.lacks) {
			t.Errorf("%s with %s: %q", test.compiler, test.sysroot, list)
		}
	}
}
