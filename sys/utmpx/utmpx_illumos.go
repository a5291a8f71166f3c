package utmpx

import (
	"sync"
	"syscall"
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

// library guards libc's position in the file, and the entry that it returns.
var library sync.Mutex

func answer(address uintptr, e syscall.Errno) (*abi.Utmpx, error) {
	if address == 0 {
		if e == 0 {
			e = syscall.ESRCH // the library found no entry, and no system call failed
		}
		return nil, errno.Errno(e)
	}
	made := *(*abi.Utmpx)(libc.At(address))
	return &made, nil
}

func makeutx(e *abi.Utmpx) (*abi.Utmpx, error) {
	library.Lock()
	defer library.Unlock()
	defer libc.Endutxent()
	return answer(libc.Makeutx(uintptr(unsafe.Pointer(e))))
}

func modutx(e *abi.Utmpx) (*abi.Utmpx, error) {
	library.Lock()
	defer library.Unlock()
	defer libc.Endutxent()
	return answer(libc.Modutx(uintptr(unsafe.Pointer(e))))
}

func list() ([]Entry, error) {
	library.Lock()
	defer library.Unlock()
	libc.Setutxent()
	defer libc.Endutxent()
	var entries []Entry
	for {
		address, _ := libc.Getutxent()
		if address == 0 {
			return entries, nil
		}
		entries = append(entries, fromRaw((*abi.Utmpx)(libc.At(address))))
	}
}
