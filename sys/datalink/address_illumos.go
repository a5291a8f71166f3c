package datalink

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

func add(zone int32, link string, p netip.Prefix) error {
	return withSocket(link, p, func(s int) error { return addAddress(s, zone, link, p) })
}

func remove(zone int32, link string, p netip.Prefix) error {
	return withSocket(link, p, func(s int) error { return removeAddress(s, family(p), zone, link, p) })
}

func family(p netip.Prefix) int {
	if p.Addr().Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// withSocket calls do with a socket of the address's family. Requests about interfaces
// are made on it.
func withSocket(link string, p netip.Prefix, do func(s int) error) error {
	if len(link) >= abi.LIFNAMSIZ {
		return errno.EINVAL
	}
	s, err := unix.Socket(family(p), unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	return do(s)
}

func interfaceCall(s int, request int, r *abi.Lifreq) error {
	_, e := libc.Ioctl(uintptr(s), uintptr(uint32(request)), uintptr(unsafe.Pointer(r)))
	if e != 0 {
		return errno.Errno(e)
	}
	return nil
}

// setSocketAddress writes an address to the request's union, as struct sockaddr_in or
// sockaddr_in6.
func setSocketAddress(r *abi.Lifreq, a netip.Addr) {
	raw := (*[len(r.Lifru) * 8]byte)(unsafe.Pointer(&r.Lifru))
	clear(raw[:])
	if a.Is4() {
		binary.LittleEndian.PutUint16(raw[:], unix.AF_INET)
		copy(raw[4:], a.AsSlice())
		return
	}
	binary.LittleEndian.PutUint16(raw[:], unix.AF_INET6)
	copy(raw[8:], a.AsSlice())
}

func socketAddress(r *abi.Lifreq) (netip.Addr, bool) {
	raw := (*[len(r.Lifru) * 8]byte)(unsafe.Pointer(&r.Lifru))
	switch binary.LittleEndian.Uint16(raw[:]) {
	case unix.AF_INET:
		return netip.AddrFrom4([4]byte(raw[4:8])), true
	case unix.AF_INET6:
		return netip.AddrFrom16([16]byte(raw[8:24])), true
	}
	return netip.Addr{}, false
}

// mask returns the netmask of a prefix as an address.
func mask(p netip.Prefix) netip.Addr {
	raw := bytes.Repeat([]byte{0xff}, p.Addr().BitLen()/8)
	all, _ := netip.AddrFromSlice(raw)
	return netip.PrefixFrom(all, p.Bits()).Masked().Addr()
}

// addAddress creates a logical interface and configures it before it is up. On failure
// it removes the interface.
func addAddress(s int, zone int32, link string, p netip.Prefix) error {
	var r abi.Lifreq
	copy(r.Name[:], link)
	if err := interfaceCall(s, unix.SIOCLIFADDIF, &r); err != nil { // returns the new name, net0:3
		return err
	}
	err := func() error {
		*(*int32)(unsafe.Pointer(&r.Lifru)) = zone
		if err := interfaceCall(s, unix.SIOCSLIFZONE, &r); err != nil {
			return err
		}
		setSocketAddress(&r, mask(p))
		if err := interfaceCall(s, unix.SIOCSLIFNETMASK, &r); err != nil {
			return err
		}
		setSocketAddress(&r, p.Addr())
		if err := interfaceCall(s, unix.SIOCSLIFADDR, &r); err != nil {
			return err
		}
		if err := interfaceCall(s, unix.SIOCGLIFFLAGS, &r); err != nil {
			return err
		}
		r.Lifru[0] |= unix.IFF_UP
		return interfaceCall(s, unix.SIOCSLIFFLAGS, &r)
	}()
	if err != nil {
		_ = interfaceCall(s, unix.SIOCLIFREMOVEIF, &r) // the first error is the cause
	}
	return err
}

// removeAddress removes the logical interface of the link that has the address in the
// zone.
func removeAddress(s, family int, zone int32, link string, p netip.Prefix) error {
	list, err := interfaces(s, family)
	if err != nil {
		return err
	}
	for i := range list {
		r := &list[i]
		base, _, _ := strings.Cut(unix.ByteSliceToString(r.Name[:]), ":")
		if a, ok := socketAddress(r); base != link || !ok || a != p.Addr() {
			continue
		}
		var of abi.Lifreq
		of.Name = r.Name
		if err := interfaceCall(s, unix.SIOCGLIFZONE, &of); err != nil {
			return err
		}
		if *(*int32)(unsafe.Pointer(&of.Lifru)) != zone {
			continue
		}
		of = abi.Lifreq{Name: r.Name}
		return interfaceCall(s, unix.SIOCLIFREMOVEIF, &of)
	}
	return fmt.Errorf("no such address: %w", errno.ENOENT)
}

func addressZone(a netip.Addr) (zone int32, err error) {
	p := netip.PrefixFrom(a, 0)
	err = withSocket("", p, func(s int) error {
		list, err := interfaces(s, family(p))
		if err != nil {
			return err
		}
		for i := range list {
			if has, ok := socketAddress(&list[i]); !ok || has != a {
				continue
			}
			of := abi.Lifreq{Name: list[i].Name}
			if err := interfaceCall(s, unix.SIOCGLIFFLAGS, &of); err != nil || of.Lifru[0]&unix.IFF_UP == 0 {
				continue // it has gone meanwhile, or isn't up
			}
			of = abi.Lifreq{Name: list[i].Name}
			if err := interfaceCall(s, unix.SIOCGLIFZONE, &of); err != nil {
				return err
			}
			zone = *(*int32)(unsafe.Pointer(&of.Lifru))
			return nil
		}
		return fmt.Errorf("no interface has %v: %w", a, errno.ENOENT)
	})
	return zone, err
}

// removeAll removes the interfaces of both families. Another process may have removed one
// meanwhile.
func removeAll(zone int32) error {
	var all []error
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		s, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			all = append(all, err)
			continue
		}
		list, err := interfaces(s, family)
		for i := range list {
			of := abi.Lifreq{Name: list[i].Name}
			err := interfaceCall(s, unix.SIOCGLIFZONE, &of)
			if err == nil && *(*int32)(unsafe.Pointer(&of.Lifru)) == zone {
				of = abi.Lifreq{Name: list[i].Name}
				err = interfaceCall(s, unix.SIOCLIFREMOVEIF, &of)
			}
			if err != nil && !errors.Is(err, errno.ENXIO) {
				all = append(all, fmt.Errorf("%s: %w", unix.ByteSliceToString(list[i].Name[:]), err))
			}
		}
		unix.Close(s)
		all = append(all, err)
	}
	return errors.Join(all...)
}

// mostInterfaces is about how many interfaces a system may have. Tests lower it.
var mostInterfaces = 1 << 16

// interfaces returns the logical interfaces of all zones with their addresses.
func interfaces(s, family int) ([]abi.Lifreq, error) {
	for room := 64; ; room *= 2 {
		list := make([]abi.Lifreq, room)
		size := int(unsafe.Sizeof(list[0]))
		conf := &abi.Lifconf{Family: uint16(family), Flags: abi.LIFC_ALLZONES, Len: int32(room * size), Buf: &list[0]}
		var pin runtime.Pinner
		pin.Pin(conf)
		pin.Pin(conf.Buf)
		request := int32(unix.SIOCGLIFCONF)
		_, e := libc.Ioctl(uintptr(s), uintptr(uint32(request)), uintptr(unsafe.Pointer(conf)))
		pin.Unpin()
		if e != 0 && e != unix.EINVAL {
			return nil, errno.Errno(e)
		}
		if used := int(conf.Len) / size; e == 0 && used < room {
			return list[:used], nil
		}
		if room > mostInterfaces {
			return nil, errno.EINVAL
		}
	}
}
