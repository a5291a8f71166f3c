package brand

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Names returns the brands that there are: those that dir describes and this
// package's own.
func Names(dir string) []string {
	names := append(described(dir), slices.Collect(maps.Keys(builtin))...)
	slices.Sort(names)
	return slices.Compact(names)
}

// described returns the brands that dir describes.
func described(dir string) (names []string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*", "config.xml"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			names = append(names, filepath.Base(filepath.Dir(file)))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
