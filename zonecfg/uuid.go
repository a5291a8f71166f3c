package zonecfg

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
)

// UUID is what an installed zone is known by on every machine; the zero value is
// none. It is no type of github.com/google/uuid, with which half of crypto, net and
// database/sql would come up whenever a command starts.
type UUID [16]byte

const uuidTextLen = 36

// newUUID returns a random one, of version 4 and RFC 9562's variant.
func newUUID() (u UUID) {
	binary.NativeEndian.PutUint64(u[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(u[8:], rand.Uint64())
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// ParseUUID reads the 36 characters that uuid_parse(3UUID) does.
func ParseUUID(text string) (u UUID, err error) {
	if len(text) == uuidTextLen && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		raw, err := hex.DecodeString(text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:])
		if err == nil {
			return UUID(raw), nil
		}
	}
	return u, fmt.Errorf("%q is no UUID", text)
}

// String returns the 36 characters.
func (u UUID) String() string {
	digits := hex.EncodeToString(u[:])
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}
