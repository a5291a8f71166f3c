package lang

// Sizes of the system's buffers, with the NUL at the end. A longer value of a resource is
// cut. A property of the zone is stored whole, and programs that read it fail.
const (
	pathSize    = 1024 // MAXPATHLEN, MAX_MNTOPT_STR, ZONECFG_SECFLAGS_MAX
	nameSize    = 256  // MAXNAMELEN, BOOTARGS_MAX
	authsSize   = 4096 // MAXAUTHS
	valueSize   = 2048 // of an attr: 2 * BUFSIZ
	addressSize = 46   // INET6_ADDRSTRLEN
	linkSize    = 32   // LIFNAMSIZ
	userSize    = 32   // MAXUSERNAME
	fsTypeSize  = 16   // FSTYPSZ
	zoneSize    = 64   // ZONENAME_MAX
)

// sizes are those of the properties of resources; for others it is nameSize.
var sizes = map[string]int{
	"fs dir": pathSize, "fs special": pathSize, "fs raw": pathSize, "fs type": fsTypeSize, "fs options": pathSize,
	"net address": addressSize, "net allowed-address": addressSize, "net physical": linkSize, "net defrouter": addressSize,
	"device match": pathSize, "attr value": valueSize, "admin user": userSize, "admin auths": authsSize,
	"security-flags default": pathSize, "security-flags lower": pathSize, "security-flags upper": pathSize,
}

// cut returns as much of a resource's property as fits.
func cut(resource, property, value string) string {
	size, ok := sizes[resource+" "+property]
	if !ok {
		size = nameSize
	}
	return cutTo(value, size)
}

func cutTo(value string, size int) string { return value[:min(len(value), size-1)] }

// tooLong returns whether a property of the zone doesn't fit in the system's tools, which
// report that when they show it.
func tooLong(property, value string) bool {
	switch property {
	case "bootargs", "pool", "scheduling-class", "brand":
		return len(value) >= nameSize
	}
	return false
}
