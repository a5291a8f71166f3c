//go:build !cgo

package kstat

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kstat/internal/abi"
	"github.com/gozones/zones/sys/errno"
)

// device is /dev/kstat. The heads of all statistics, the chain, are the data of the
// statistic with the id 0. Each request returns the chain's version, which changes when a
// statistic is created or deleted.
type device struct {
	file *os.File

	mu    sync.Mutex // guards chain and heads; no other lock is taken under it
	chain int32      // version of heads
	heads []abi.Kstat
}

// ioctl is the one of x/sys' functions that returns the result. Tests replace it.
var ioctl = unix.IoctlSetIntRetInt

// mostData is the most that a statistic may have. Tests lower it.
var mostData = 1 << 28

// merge returns the whole head of a statistic that has been read. KSTAT_IOC_READ fills in
// only four members of the caller's head; the others are those of the chain.
func merge(inChain, read *abi.Kstat) *abi.Kstat {
	whole := *inChain
	whole.NData, whole.DataSize, whole.Flags, whole.SnapTime = read.NData, read.DataSize, read.Flags, read.SnapTime
	return &whole
}

func open() (reader, error) {
	fd, err := unix.Open("/dev/kstat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/kstat: %w", err)
	}
	return &device{file: os.NewFile(uintptr(fd), "/dev/kstat"), chain: -1}, nil
}

// Close closes the device.
func (d *device) Close() error { return d.file.Close() }

// control makes an ioctl and returns its result, the chain's version.
func (d *device) control(request uintptr, arg unsafe.Pointer) (int32, error) {
	raw, err := d.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	var (
		chain int32
		inner error
	)
	err = raw.Control(func(fd uintptr) {
		for {
			// The argument is an address, which the caller has pinned.
			result, err := ioctl(int(fd), int(request), int(uintptr(arg)))
			if err == unix.EINTR || err == unix.EAGAIN || err == unix.EBUSY { // it is being changed
				runtime.Gosched()
				continue
			}
			chain = int32(result)
			if e, ok := errno.Of(err); ok {
				inner = e
			} else {
				inner = err
			}
			return
		}
	})
	if err == nil {
		err = inner
	}
	return chain, err
}

// fetch reads a statistic by its id, with data of about room bytes. It returns the head,
// of which the kernel has written only what [merge] takes, the data that it wrote, the
// data's address at that time, and the version of the chain.
func (d *device) fetch(kid int32, room int) (*abi.Kstat, []byte, uint64, int32, error) {
	for {
		buf := make([]uint64, (room+7)/8+1) // aligned for the kernel's structures
		var pin runtime.Pinner
		head := &abi.Kstat{KID: kid, Data: unsafe.Pointer(&buf[0]), DataSize: uintptr(room)}
		pin.Pin(head)
		pin.Pin(&buf[0])
		chain, err := d.control(abi.KSTAT_IOC_READ, unsafe.Pointer(head))
		pin.Unpin()
		if errors.Is(err, errno.ENOMEM) {
			// The buffer is too small. The head has the size, which may still grow.
			if room = max(2*room, int(head.DataSize), 1); room > mostData {
				return nil, nil, 0, 0, err
			}
			continue
		}
		if err != nil {
			return nil, nil, 0, 0, err
		}
		if head.DataSize > uintptr(room) {
			return nil, nil, 0, 0, fmt.Errorf("%w: %d bytes in %d", errData, head.DataSize, room)
		}
		data := unsafe.Slice((*byte)(unsafe.Pointer(&buf[0])), len(buf)*8)[:head.DataSize]
		return head, data, uint64(uintptr(unsafe.Pointer(&buf[0]))), chain, nil
	}
}

// list returns the heads of all statistics.
func (d *device) list() ([]abi.Kstat, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	chain, err := d.control(abi.KSTAT_IOC_CHAIN_ID, nil)
	if err != nil {
		return nil, err
	}
	if chain == d.chain {
		return d.heads, nil
	}
	head, data, _, chain, err := d.fetch(0, max(1<<16, len(d.heads)*int(unsafe.Sizeof(abi.Kstat{}))))
	if err != nil {
		return nil, err
	}
	size := int(unsafe.Sizeof(abi.Kstat{}))
	count := int(head.NData)
	if count > len(data)/size {
		return nil, fmt.Errorf("%w: %d heads in %d bytes", errData, count, len(data))
	}
	heads := make([]abi.Kstat, count)
	for i := range heads {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&heads[i])), size), data[i*size:])
		// An address in the kernel, which must not look like a pointer of ours.
		heads[i].Data = nil
	}
	d.chain, d.heads = chain, heads
	return heads, nil
}

// Read returns the statistics that match the filter.
func (d *device) Read(f Filter) ([]*Stat, error) {
	heads, err := d.list()
	if err != nil {
		return nil, err
	}
	var stats []*Stat
	for i := range heads {
		h := &heads[i]
		if h.KID == 0 || !f.Matches(text(h.Module[:]), h.Instance, text(h.Name[:]), text(h.Class[:])) {
			continue
		}
		head, data, base, _, err := d.fetch(h.KID, int(h.DataSize))
		if errors.Is(err, errno.ENXIO) || errors.Is(err, errno.EIO) {
			continue // it was deleted, or can't be read now
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d:%s: %w", text(h.Module[:]), h.Instance, text(h.Name[:]), err)
		}
		s, err := decode(merge(h, head), data, within(data, base))
		if err != nil {
			return nil, err
		}
		stats = append(stats, s)
	}
	return stats, nil
}
