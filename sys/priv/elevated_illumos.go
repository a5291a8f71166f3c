package priv

import "github.com/gozones/zones/sys/internal/libc"

// Elevated tells that this process has more privileges than the user who started it
// (issetugid(2)), so that its arguments, environment and descriptors are somebody
// else's choice.
func Elevated() bool { return libc.Issetugid() != 0 }
