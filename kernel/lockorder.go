//go:build !lockorder

package kernel

import "sync"

// Built with the tag lockorder, every lock of the package checks that it is taken
// in the documented order; see lockorder_check.go.
type (
	schedMutex = sync.Mutex
	watchMutex = sync.Mutex
)

const kernelRank = 1

func checkOrder(int) {}
func gotLock(int)    {}
func lostLock(int)   {}
