package locate

import "os"

// Root returns the directory that contains the etc/zones with the configuration of
// zones: $ZONES_ROOT, so that users and tests can have their own, or "" for the
// host's.
func Root() string { return os.Getenv("ZONES_ROOT") }
