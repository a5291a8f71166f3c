package linuxhost

import (
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/priv"
)

// capability is a capability that a zone's processes may have if the zone has all of
// these privileges.
type capability struct {
	number int
	name   string
	privs  []string
}

// capabilities that a zone can have. The others have effects outside a zone, and no
// zone has them.
var capabilities = []capability{
	{unix.CAP_CHOWN, "CAP_CHOWN", []string{"file_chown"}},
	{unix.CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", []string{"file_dac_read", "file_dac_write", "file_dac_search", "file_dac_execute"}},
	{unix.CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", []string{"file_dac_read", "file_dac_search"}},
	{unix.CAP_FOWNER, "CAP_FOWNER", []string{"file_owner"}},
	{unix.CAP_FSETID, "CAP_FSETID", []string{"file_owner"}},
	{unix.CAP_KILL, "CAP_KILL", []string{"proc_owner"}},
	{unix.CAP_SETGID, "CAP_SETGID", []string{"proc_setid"}},
	{unix.CAP_SETUID, "CAP_SETUID", []string{"proc_setid"}},
	{unix.CAP_SETPCAP, "CAP_SETPCAP", []string{"proc_setid"}},
	{unix.CAP_SETFCAP, "CAP_SETFCAP", []string{"file_owner"}},
	{unix.CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE", []string{"net_privaddr"}},
	{unix.CAP_NET_RAW, "CAP_NET_RAW", []string{"net_rawaccess", "net_icmpaccess"}},
	{unix.CAP_NET_ADMIN, "CAP_NET_ADMIN", []string{"sys_net_config"}},
	{unix.CAP_IPC_OWNER, "CAP_IPC_OWNER", []string{"ipc_owner"}},
	{unix.CAP_SYS_CHROOT, "CAP_SYS_CHROOT", []string{"proc_chroot"}},
	{unix.CAP_SYS_BOOT, "CAP_SYS_BOOT", []string{"sys_admin"}},
	{unix.CAP_AUDIT_WRITE, "CAP_AUDIT_WRITE", []string{"proc_audit"}},
}

// capsOf returns the capabilities for a set of privileges, as a bit mask. Network
// administration is only for a zone with its own network.
func capsOf(privs priv.Set, exclusiveIP bool) uint64 {
	var caps uint64
	for _, c := range capabilities {
		all := true
		for _, p := range c.privs {
			all = all && privs.Has(p)
		}
		if all && (c.number != unix.CAP_NET_ADMIN || exclusiveIP) {
			caps |= 1 << c.number
		}
	}
	return caps
}

// capabilityNames returns the names of a set of capabilities.
func capabilityNames(caps uint64) []string {
	var names []string
	for _, c := range capabilities {
		if caps&(1<<c.number) != 0 {
			names = append(names, c.name)
		}
	}
	return names
}
