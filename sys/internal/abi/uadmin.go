package abi

// Commands and functions of uadmin(2) (<sys/uadmin.h>).
const (
	A_REBOOT   = 1
	A_SHUTDOWN = 2
	A_FREEZE   = 3
	A_REMOUNT  = 4
	A_DUMP     = 5
	A_FTRACE   = 15
	A_SWAPCTL  = 16
	A_SDTTEST  = 22
	A_CONFIG   = 23

	AD_HALT              = 0
	AD_BOOT              = 1
	AD_IBOOT             = 2
	AD_SBOOT             = 3
	AD_SIBOOT            = 4
	AD_POWEROFF          = 6
	AD_NOSYNC            = 7
	AD_FASTREBOOT        = 8
	AD_FASTREBOOT_DRYRUN = 9

	AD_SUSPEND_TO_DISK       = 0
	AD_CHECK_SUSPEND_TO_DISK = 2
	AD_FORCE                 = 1
	AD_SUSPEND_TO_RAM        = 20
	AD_CHECK_SUSPEND_TO_RAM  = 21

	AD_UPDATE_BOOT_CONFIG = 1
)
