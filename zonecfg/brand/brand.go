package brand

import (
	"errors"
	"slices"

	"github.com/gozones/zones/sys/priv"
)

// Hook names a command of a brand, as its configuration file does.
type Hook string

// The hooks (the elements of brand.dtd.1).
const (
	Install         Hook = "install"
	PostInstall     Hook = "postinstall"
	Boot            Hook = "boot"
	SysBoot         Hook = "sysboot"
	Halt            Hook = "halt"
	Shutdown        Hook = "shutdown"
	VerifyCfg       Hook = "verify_cfg"
	VerifyAdm       Hook = "verify_adm"
	Clone           Hook = "clone"
	PostClone       Hook = "postclone"
	PreSnap         Hook = "presnap"
	PostSnap        Hook = "postsnap"
	ValidateSnap    Hook = "validatesnap"
	PreDetach       Hook = "predetach"
	Detach          Hook = "detach"
	Attach          Hook = "attach"
	PostAttach      Hook = "postattach"
	PreUninstall    Hook = "preuninstall"
	Uninstall       Hook = "uninstall"
	PreStateChange  Hook = "prestatechange"
	PostStateChange Hook = "poststatechange"
	Query           Hook = "query"
)

// Brand is a kind of zones.
type Brand struct {
	Name   string
	Module string // kernel module, "" for none: zones behave like the system itself

	InitName          string // path in the zone
	RestartInit       bool   // init is started again when it ends; otherwise its end halts the zone
	RestartInit0      bool   // ... only when it ended with status 0; otherwise the zone is halted
	RestartInitReboot bool   // instead of starting init again, the zone is rebooted

	LoginCmd       string // asks for a password
	ForcedLoginCmd string // doesn't
	UserCmd        string // prints the passwd line of %u
	InstallOpts    string // option letters of install, as getopt takes them
	SecurityFlags  string // default flags of zones that configure none

	ExclusiveIP bool // zones may have a network stack of their own

	Hooks      map[Hook]string // texts before substitution; absent or "": nothing is run
	Privileges priv.Lists

	GlobalMounts []Mount // made in the global zone before boot; %R is the zonepath
	Mounts       []Mount // made in the zone at boot
	Devices      []Device
	Symlinks     []Symlink

	// Skeleton is set where this project makes the root directories: the brand has no
	// install hook.
	Skeleton Skeleton
	// Direct has commands and logins run under the user's ids with /bin/sh, and users
	// looked up in the zone's own /etc/passwd: its zones need neither login nor su.
	Direct bool
}

// Mount is a file system of every zone of a brand.
type Mount struct {
	Special   string
	Directory string
	Options   string
	Type      string
}

// Device is a device of every zone of a brand.
type Device struct {
	Match  string
	Name   string
	Arch   string
	IPType string
}

// Symlink is a link in the /dev of every zone of a brand.
type Symlink struct {
	Source string
	Target string
}

// ErrUnknown is that of a brand which isn't installed here.
var ErrUnknown = errors.New("no such brand")

// illumos are the brands that exist elsewhere: a configuration may name them here.
var illumos = []string{"native", "ipkg", "lipkg", "sparse-ipkg", "pkgsrc", "lx", "bhyve", "kvm", "illumos", "emu", "joyent", "joyent-minimal", "s10", "omicron1", "propolis"}

// Foreign tells that a brand is one that only illumos systems have.
func Foreign(name string) bool { return slices.Contains(illumos, name) }

// Dir is where the system has the files of its brands.
const Dir = "/usr/lib/brand"

// Open returns a brand: one that dir describes, or one of this package's own.
// ErrUnknown for others; another error when its files can't be read.
func Open(dir, name string) (*Brand, error) {
	b, err := load(dir, name)
	if err == nil || !errors.Is(err, ErrUnknown) {
		return b, err
	}
	if own, ok := builtin[name]; ok {
		return own(), nil
	}
	return nil, err
}
