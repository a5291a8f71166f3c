package configure

import (
	"os"
	"path/filepath"
	"strings"
)

// securityDir is the directory of the system's authorizations (auth_attr(5)).
const securityDir = "/etc/security"

// zoneAuthorizations are those for zones, used on systems without such a file.
var zoneAuthorizations = []string{"solaris.zone.login", "solaris.zone.manage", "solaris.zone.clonefrom"}

// authorizations returns the names of all authorizations.
func authorizations(dir string) []string {
	parts, _ := filepath.Glob(filepath.Join(dir, "auth_attr.d", "*"))
	var names []string
	for _, path := range append(parts, filepath.Join(dir, "auth_attr")) {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			name, _, entry := strings.Cut(line, ":")
			if entry && !strings.HasPrefix(line, "#") {
				names = append(names, name)
			}
		}
	}
	if names == nil {
		return zoneAuthorizations
	}
	return names
}
