package lang

// Rooms that the system's tools have for texts, with the NUL behind them. What is
// longer is cut in a resource; a property of the zone is kept whole, and then it is too
// long for those who ask for it.
const (
	pathRoom    = 1024 // MAXPATHLEN, MAX_MNTOPT_STR, ZONECFG_SECFLAGS_MAX
	nameRoom    = 256  // MAXNAMELEN, BOOTARGS_MAX
	authsRoom   = 4096 // MAXAUTHS
	valueRoom   = 2048 // of an attr: 2 * BUFSIZ
	addressRoom = 46   // INET6_ADDRSTRLEN
	linkRoom    = 32   // LIFNAMSIZ
	userRoom    = 32   // MAXUSERNAME
	fsTypeRoom  = 16   // FSTYPSZ
	zoneRoom    = 64   // ZONENAME_MAX
)

// rooms are those of the properties of resources that have another one than nameRoom.
var rooms = map[string]int{
	"fs dir": pathRoom, "fs special": pathRoom, "fs raw": pathRoom, "fs type": fsTypeRoom, "fs options": pathRoom,
	"net address": addressRoom, "net allowed-address": addressRoom, "net physical": linkRoom, "net defrouter": addressRoom,
	"device match": pathRoom, "attr value": valueRoom, "admin user": userRoom, "admin auths": authsRoom,
	"security-flags default": pathRoom, "security-flags lower": pathRoom, "security-flags upper": pathRoom,
}

// cut returns a property of a resource as it fits its room.
func cut(resource, property, value string) string {
	room, ok := rooms[resource+" "+property]
	if !ok {
		room = nameRoom
	}
	return cutTo(value, room)
}

func cutTo(value string, room int) string { return value[:min(len(value), room-1)] }

// tooLong tells that a property of the zone has no room in the system's tools, which
// say so when they are asked for it.
func tooLong(property, value string) bool {
	switch property {
	case "bootargs", "pool", "scheduling-class", "brand":
		return len(value) >= nameRoom
	}
	return false
}
