//go:build linux && amd64

package check

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// A program that this project didn't build: esbuild's release for SunOS gives the same
// bundle as its release for Linux.
func TestEsbuildBundlesAsOnLinux(t *testing.T) {
	t.Parallel()
	illumosRun := runner(t)
	programs := installEsbuild(t)
	for name, options := range map[string][]string{
		"plain":                  {},
		"minified with a source": {"--minify", "--sourcemap"},
		"module, older language": {"--format=esm", "--target=es2016", "--platform=node"},
		"split in two":           {"--format=esm", "--splitting", "other.ts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bundle := func(program ...string) map[string][]byte {
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS("testdata/bundle")); err != nil {
					t.Fatal(err)
				}
				arguments := append([]string{"--bundle", "--outdir=out", "main.js"}, options...)
				cmd := exec.Command(program[0], append(program[1:], arguments...)...)
				cmd.Dir = dir
				if output, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v: %v\n%s", cmd.Args, err, output)
				}
				return files(t, filepath.Join(dir, "out"))
			}
			want := bundle(programs + "/linux-x64/bin/esbuild")
			got := bundle(illumosRun, programs+"/sunos-x64/bin/esbuild")
			if len(got) != len(want) {
				t.Errorf("%d files came out, and %d on Linux", len(got), len(want))
			}
			for name, content := range want {
				if len(content) == 0 || !bytes.Equal(got[name], content) {
					t.Errorf("%s differs: %q and on Linux %q", name, got[name], content)
				}
			}
		})
	}
}

func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	contents := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if contents[entry.Name()], err = os.ReadFile(filepath.Join(dir, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return contents
}

// offline matches what npm prints without a network.
var offline = regexp.MustCompile(`code (ENOTFOUND|EAI_AGAIN|ENETUNREACH|ECONNREFUSED|ETIMEDOUT)`)

// installEsbuild returns the directory of esbuild's packages, which npm downloads once.
// npm needs --force for the package of another system.
func installEsbuild(t *testing.T) string {
	t.Helper()
	const version = "0.28.2"
	testenv.Need(t, testenv.Tool("npm"))
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "zones-check", "esbuild-"+version)
	packages := filepath.Join(dir, "node_modules", "@esbuild")
	for _, system := range []string{"sunos-x64", "linux-x64"} {
		if _, err := os.Stat(filepath.Join(packages, system, "bin/esbuild")); err == nil {
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		install := exec.Command("npm", "install", "--prefix", dir, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--force",
			"@esbuild/sunos-x64@"+version, "@esbuild/linux-x64@"+version)
		output, err := install.CombinedOutput()
		if offline.Match(output) {
			testenv.Need(t, testenv.Network(err))
		}
		if err != nil {
			t.Fatalf("npm can't install esbuild %s: %v\n%s", version, err, output)
		}
		break
	}
	return packages
}
