package locate

import "os"

// Root is the directory below which the machine's zones are configured:
// $ZONES_ROOT, so that a user or a test has an /etc/zones of its own; "" is the
// machine's.
func Root() string { return os.Getenv("ZONES_ROOT") }
