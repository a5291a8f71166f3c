//go:build !linux

package locate

import "os"

func ownedByCaller(string, os.FileInfo) error { return nil }
