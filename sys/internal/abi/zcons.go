package abi

import "unsafe"

// Requests to a nexus driver (<sys/devctl.h>), to a zone's console (<sys/zcons.h>), and about
// what a read of a stream returns (<sys/stropts.h>).
const (
	DEVCTL_DEVICE_REMOVE  = 0xdc000d
	DEVCTL_BUS_DEV_CREATE = 0xdc0016

	ZC_HOLDSUBSID    = 0x5a6f6e00
	ZC_RELEASESUBSID = 0x5a6f6e01

	I_SRDOPT = 0x5306
	I_GRDOPT = 0x5307
	RNORM    = 0
	RPROTDIS = 0x8

	DC_DEVI_NODENAME = "ndi_dc.devi_nodename"
)

// DevctlIocdata is struct devctl_iocdata, the argument of the requests to a nexus driver.
type DevctlIocdata struct {
	Cmd      uint32         // cmd
	Flags    uint32         // flags
	Copyout  unsafe.Pointer // cpyout_buf
	List     unsafe.Pointer // nvl_user
	ListSize uintptr        // nvl_usersz
	NodeName unsafe.Pointer // c_nodename
	UnitAddr unsafe.Pointer // c_unitaddr
}

const (
	_ = -((unsafe.Sizeof(DevctlIocdata{}) ^ 48) * lp64) // sizeof (struct devctl_iocdata)
)
