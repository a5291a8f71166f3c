//go:build !illumos

package priv

// Elevated is false: nothing starts programs with illumos' privileges here.
func Elevated() bool { return false }
