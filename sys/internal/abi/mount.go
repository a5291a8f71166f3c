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

// MNTIOC_SHOWHIDDEN makes an open mnttab list mounts with MS_NOMNTTAB too
// (<sys/mntio.h>).
const MNTIOC_SHOWHIDDEN = 0x6d06

// SYS_modctl is the number of modctl(2) (<sys/syscall.h>). MODDEVNAME_PROFILE of its command
// MODDEVNAME gives a profile to an instance of dev (<sys/modctl.h>).
const (
	SYS_modctl         = 152
	MODDEVNAME         = 37
	MODDEVNAME_PROFILE = 3
)

// SYS_autofssys is the number of the system call of autofs (<sys/syscall.h>), and
// AUTOFS_UNMOUNTALL makes it unmount the trigger nodes of a zone (<sys/fs/autofs.h>).
const (
	SYS_autofssys     = 228
	AUTOFS_UNMOUNTALL = 0
)
