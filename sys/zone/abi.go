package zone

// ID is the id of an active zone (zoneid_t). The global zone's is 0; new zones get ids
// from 1 upwards, and an id is reused only after they have wrapped.
type ID int32

// The zone ids with a special meaning (<sys/zone.h>, <sys/types.h>).
const (
	GlobalID  ID = 0    // GLOBAL_ZONEID
	AllZones  ID = -1   // ALL_ZONES: "whichever zone" in CheckDatalink
	MinUserID ID = 1    // MIN_USERZONEID
	MaxID     ID = 9999 // MAX_ZONEID; no zone gets this one
)

// GlobalName is the name of the global zone (GLOBAL_ZONENAME).
const GlobalName = "global"

// Sizes of strings that the kernel stores, in bytes with the terminating NUL.
const (
	NameMax      = 64   // ZONENAME_MAX
	PathMax      = 1024 // MAXPATHLEN
	BootArgsMax  = 256  // BOOTARGS_MAX
	FSAllowedMax = 1024 // ZONE_FS_ALLOWED_MAX
	NodenameMax  = 257  // _SYS_NMLN
	ClassNameMax = 16   // PC_CLNMSZ
)

// APIVersion is the zone_version of the kernels that this package supports.
const APIVersion = 6

// SysZone is the number of the zone(2) system call (SYS_zone).
const SysZone = 227

// Subcode selects what zone(2) does.
type Subcode int32

// The subcodes of zone(2).
const (
	SubCreate        Subcode = iota // ZONE_CREATE
	SubDestroy                      // ZONE_DESTROY
	SubGetattr                      // ZONE_GETATTR
	SubEnter                        // ZONE_ENTER
	SubList                         // ZONE_LIST
	SubShutdown                     // ZONE_SHUTDOWN
	SubLookup                       // ZONE_LOOKUP
	SubBoot                         // ZONE_BOOT
	SubVersion                      // ZONE_VERSION
	SubSetattr                      // ZONE_SETATTR
	SubAddDatalink                  // ZONE_ADD_DATALINK
	SubDelDatalink                  // ZONE_DEL_DATALINK
	SubCheckDatalink                // ZONE_CHECK_DATALINK
	SubListDatalink                 // ZONE_LIST_DATALINK
)

// Attr is an attribute of a zone, for Getattr and Setattr.
type Attr int32

// The attributes, with the type of their value.
const (
	AttrRoot          Attr = 1     // ZONE_ATTR_ROOT: string
	AttrName          Attr = 2     // ZONE_ATTR_NAME: string
	AttrStatus        Attr = 3     // ZONE_ATTR_STATUS: uint32
	AttrPrivset       Attr = 4     // ZONE_ATTR_PRIVSET: priv.Set
	AttrUniqID        Attr = 5     // ZONE_ATTR_UNIQID: uint64
	AttrPoolID        Attr = 6     // ZONE_ATTR_POOLID: int32
	AttrInitPID       Attr = 7     // ZONE_ATTR_INITPID: int32
	AttrLabel         Attr = 8     // ZONE_ATTR_SLBL: only with Trusted Extensions
	AttrInitName      Attr = 9     // ZONE_ATTR_INITNAME: string
	AttrBootArgs      Attr = 10    // ZONE_ATTR_BOOTARGS: string
	AttrBrand         Attr = 11    // ZONE_ATTR_BRAND: string to get, brand_attr to set
	AttrPhysMcap      Attr = 12    // ZONE_ATTR_PHYS_MCAP: uint64, bytes
	AttrSchedClass    Attr = 13    // ZONE_ATTR_SCHED_CLASS: string
	AttrFlags         Attr = 14    // ZONE_ATTR_FLAGS: uint16
	AttrHostID        Attr = 15    // ZONE_ATTR_HOSTID: uint32
	AttrFSAllowed     Attr = 16    // ZONE_ATTR_FS_ALLOWED: string
	AttrNetwork       Attr = 17    // ZONE_ATTR_NETWORK: zone_net_data
	AttrInitNoRestart Attr = 20    // ZONE_ATTR_INITNORESTART: no value
	AttrSecFlags      Attr = 21    // ZONE_ATTR_SECFLAGS: psecflags
	AttrInitRestart0  Attr = 22    // ZONE_ATTR_INITRESTART0: no value; newer kernels
	AttrInitReboot    Attr = 23    // ZONE_ATTR_INITREBOOT: no value; newer kernels
	AttrBrandBase     Attr = 32768 // ZONE_ATTR_BRAND_ATTRS: this and above are the brand's own
)

// Status is the state of a zone in the kernel (zone_status_t). A zone only ever moves
// to a higher one.
type Status uint32

// The states, in the order a zone passes through them.
const (
	// StatusUninitialized: the id is taken, nothing else exists. No call finds such a zone.
	StatusUninitialized Status = iota // ZONE_IS_UNINITIALIZED
	// StatusInitialized: in the table, its zsched doesn't run yet.
	StatusInitialized // ZONE_IS_INITIALIZED
	// StatusReady: zsched runs; file systems and links may be added; no program runs.
	StatusReady // ZONE_IS_READY
	// StatusBooting: init is being started. The zone may be entered.
	StatusBooting // ZONE_IS_BOOTING
	// StatusRunning: init has been executed.
	StatusRunning // ZONE_IS_RUNNING
	// StatusShuttingDown: no process may enter any more; those inside are being killed.
	StatusShuttingDown // ZONE_IS_SHUTTING_DOWN
	// StatusEmpty: no process is left but zsched.
	StatusEmpty // ZONE_IS_EMPTY
	// StatusDown: no kernel thread of the zone is left.
	StatusDown // ZONE_IS_DOWN
	// StatusDying: zone_destroy waits for the last references.
	StatusDying // ZONE_IS_DYING
	// StatusDead: no longer in the table; kept only while references to it are held.
	StatusDead // ZONE_IS_DEAD
)

var statusNames = [...]string{
	"uninitialized", "initialized", "ready", "booting", "running",
	"shutting_down", "empty", "down", "dying", "dead",
}

// String returns the state's name in lower case ("shutting_down").
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "unknown"
}

// LinkID is the id of a data link (datalink_id_t).
type LinkID uint32

// Flags of zone_create (ZCF_*).
const CreateNetExcl = 0x1 // ZCF_NET_EXCL: the zone has an IP stack of its own

// Flags in the value of AttrFlags (ZF_*).
const (
	FlagRefcountsLogged = 0x1 // ZF_REFCOUNTS_LOGGED
	FlagIsScratch       = 0x4 // ZF_IS_SCRATCH
	FlagNetExcl         = 0x8 // ZF_NET_EXCL
)

// ExtendedError is the reason that zone_create returns in addition to its errno.
type ExtendedError int32

// The extended errors of zone_create.
const (
	ExtUnknown    ExtendedError = 0 // ZE_UNKNOWN: nothing to add
	ExtChrooted   ExtendedError = 1 // ZE_CHROOTED: the caller's root is not the system's
	ExtMounts     ExtendedError = 2 // ZE_AREMOUNTS: file systems are mounted below the root
	ExtLabelInUse ExtendedError = 3 // ZE_LABELINUSE: only with Trusted Extensions
)
