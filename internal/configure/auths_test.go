package configure

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestAuthorizations(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got := authorizations(dir); !slices.Equal(got, zoneAuthorizations) {
		t.Errorf("without a file: %q", got)
	}
	if err := os.Mkdir(filepath.Join(dir, "auth_attr.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"auth_attr":          "# a comment: it is\nsolaris.zone.login:::Zone Login::help=z.html\n",
		"auth_attr.d/system": "solaris.zone.manage:RO::Zone Deployment::\nno entry\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := authorizations(dir); !slices.Equal(got, []string{"solaris.zone.manage", "solaris.zone.login"}) {
		t.Errorf("%q", got)
	}
}
