// Package version tells which release of this project a command is.
package version

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// given is the version that the build was told: make passes what git describe says by
// -ldflags -X, since its builds have nothing else of Git's in them.
var given string

// String returns the version of this program: the one that make gave it, or the module's
// for a program of go install, or "devel".
func String() string {
	info, _ := debug.ReadBuildInfo()
	return choose(given, info)
}

// choose returns the version of a program with this build information, nil if there is none.
func choose(given string, info *debug.BuildInfo) string {
	switch {
	case given != "":
		return given
	case info == nil, info.Main.Version == "", info.Main.Version == "(devel)":
		return "devel"
	}
	return info.Main.Version
}

// Line returns what a command prints for --version.
func Line(command string) string {
	return fmt.Sprintf("%s %s (%s, %s/%s)", command, String(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// Add adds the option --version to a command. It has no letter: the commands have those of
// the originals only.
func Add(c *cobra.Command) {
	c.Version = String()
	c.SetVersionTemplate(Line(c.Name()) + "\n")
	c.Flags().Bool("version", false, "print the version")
}
