//go:build lockorder

package kernel

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
)

// The ranks of the package's locks: a goroutine may only take one of a higher
// rank than all that it holds.
const (
	kernelRank = 1 // the kernel lock
	watchRank  = 2 // watchers.mu
	schedRank  = 3 // sched.mu
)

// held are the ranks that each goroutine holds, in the order it took them.
var held struct {
	sync.Mutex
	by map[uint64][]int
}

func goroutine() uint64 {
	stack := make([]byte, 64)
	stack = stack[:runtime.Stack(stack, false)]
	id, _ := strconv.ParseUint(string(bytes.Fields(stack)[1]), 10, 64)
	return id
}

// checkOrder panics when the caller holds a lock of the same or a higher rank.
func checkOrder(rank int) {
	held.Lock()
	defer held.Unlock()
	for _, have := range held.by[goroutine()] {
		if have >= rank {
			panic(fmt.Sprintf("kernel: lock of rank %d taken while holding one of rank %d", rank, have))
		}
	}
}

func gotLock(rank int) {
	held.Lock()
	defer held.Unlock()
	if held.by == nil {
		held.by = map[uint64][]int{}
	}
	id := goroutine()
	held.by[id] = append(held.by[id], rank)
}

func lostLock(rank int) {
	held.Lock()
	defer held.Unlock()
	id := goroutine()
	i := slices.Index(held.by[id], rank)
	if i < 0 {
		panic(fmt.Sprintf("kernel: lock of rank %d given back by a goroutine that hasn't got it", rank))
	}
	if held.by[id] = slices.Delete(held.by[id], i, i+1); len(held.by[id]) == 0 {
		delete(held.by, id)
	}
}

type schedMutex struct{ m sync.Mutex }

func (m *schedMutex) Lock()   { checkOrder(schedRank); m.m.Lock(); gotLock(schedRank) }
func (m *schedMutex) Unlock() { lostLock(schedRank); m.m.Unlock() }

type watchMutex struct{ m sync.Mutex }

func (m *watchMutex) Lock()   { checkOrder(watchRank); m.m.Lock(); gotLock(watchRank) }
func (m *watchMutex) Unlock() { lostLock(watchRank); m.m.Unlock() }
