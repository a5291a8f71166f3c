package abi

// Flags of mount(2) and umount2(2), and the longest option string, with its NUL
// (<sys/mount.h>).
const (
	MS_RDONLY    = 0x1
	MS_FSS       = 0x2
	MS_DATA      = 0x4
	MS_NOSUID    = 0x10
	MS_REMOUNT   = 0x20
	MS_NOTRUNC   = 0x40
	MS_OVERLAY   = 0x80
	MS_OPTIONSTR = 0x100
	MS_GLOBAL    = 0x200
	MS_FORCE     = 0x400
	MS_NOMNTTAB  = 0x800
	MS_MASK      = 0xbf7

	MAX_MNTOPT_STR = 1024
)
