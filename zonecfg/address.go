package zonecfg

import (
	"net/netip"
	"strings"
)

// atoi reads a number as atoi(3C) does: digits after blanks and a sign, 0 for none.
func atoi(s string) int {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	sign := 1
	if s != "" && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	n := 0
	for i := 0; i < len(s) && s[i] >= '0' && s[i] <= '9' && n < 1<<24; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return sign * n
}

// CheckAddress checks an address of a net resource: an IPv4 address or a host name,
// maybe with a prefix length, or an IPv6 address with one. Host names are not looked
// up. The error is an *[Invalid].
func CheckAddress(address string) error {
	host, prefix, given := strings.Cut(address, "/")
	fail := func(code Code, text string) error { return &Invalid{code, "address", text} }
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() && a.Zone() == "" {
		switch n := atoi(prefix); {
		case !given:
			return fail(ErrIPv6Prefix, address+": IPv6 addresses require /prefix-length suffix.")
		case n < 0 || n > 128:
			return fail(ErrInvalid, address+": IPv6 address prefix lengths must be 0 - 128.")
		}
		return nil
	}
	if given {
		if n := atoi(prefix); n < 0 || n > 32 {
			return fail(ErrInvalid, address+": IPv4 address prefix lengths must be 0 - 32.")
		}
	}
	if a, err := netip.ParseAddr(host); err == nil && a.Is4() {
		return nil
	}
	if !hostName(host) {
		return fail(ErrBogusAddress, host+": bogus host name or network address syntax")
	}
	return nil
}

// CheckRouter checks a default router: an address or a host name. warning is what
// zonecfg says of a prefix length, which counts for nothing there, whatever it is; ""
// without one.
func CheckRouter(router string) (warning string, err error) {
	host, _, given := strings.Cut(router, "/")
	if given {
		warning = "Warning: prefix length in " + router + " is not required and will be ignored. The default host-prefix length will be used"
	}
	if a, e := netip.ParseAddr(host); e == nil && a.Is6() && a.Zone() == "" {
		return warning, nil
	}
	if err := CheckAddress(host); err != nil {
		err.(*Invalid).Property = "defrouter"
		return warning, err
	}
	return warning, nil
}

// hostName checks the syntax of a name: a letter or digit, then letters, digits,
// hyphens and dots.
func hostName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !alnum(c) && (i == 0 || c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

func alnum(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' }

// CheckPhysical checks the link of a net resource, in a zone of an IP type. The
// error is an *[Invalid].
func CheckPhysical(physical string, t IPType) error {
	fail := func(text string) error { return &Invalid{ErrInvalid, "physical", physical + ": " + text} }
	if t == ExclusiveIP {
		switch {
		case linkName(physical):
			return nil
		case strings.Contains(physical, ":"):
			return fail("physical interface name required; logical interface name not allowed")
		}
		return fail("invalid physical interface name")
	}
	switch lun, ok := interfaceSpec(physical); {
	case !ok:
		return fail("invalid physical interface name")
	case lun:
		return fail("LUNs not allowed in physical interface names")
	}
	return nil
}

const linkNameMax = 31 // MAXLINKNAMELEN and LIFNAMSIZ without the NUL

// linkName checks the name of a data link: letters, digits, '_' and '.', not a digit
// first, and a number without leading zeros at the end.
func linkName(s string) bool {
	if s == "" || len(s) > linkNameMax || isDigit(s[0]) {
		return false
	}
	for i := range len(s) {
		if !alnum(s[i]) && s[i] != '_' && s[i] != '.' {
			return false
		}
	}
	unit := s[len(strings.TrimRight(s, decimals)):]
	return unit == "0" || unit != "" && unit[0] != '0'
}

// interfaceSpec checks the name of an IP interface: anything that ends in a digit, and
// maybe a logical unit behind a colon.
func interfaceSpec(s string) (lun, ok bool) {
	name, logical, lun := strings.Cut(s, ":")
	if lun && (logical == "" || strings.Trim(logical, decimals) != "") {
		return false, false
	}
	return lun, len(s) <= linkNameMax && name != "" && isDigit(name[len(name)-1])
}

const decimals = "0123456789"

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
