package configure

import (
	"os"
	"path/filepath"
	"strings"
)

// securityDir is where the system has its authorizations (auth_attr(5)).
const securityDir = "/etc/security"

// zoneAuthorizations are those of zones, for systems that have no such file.
var zoneAuthorizations = []string{"solaris.zone.login", "solaris.zone.manage", "solaris.zone.clonefrom"}

// authorizations are the names of the authorizations that there are.
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
