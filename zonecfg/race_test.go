//go:build race

package zonecfg

func init() { raced = true }
