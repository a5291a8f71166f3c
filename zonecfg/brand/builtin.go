package brand

import (
	"strings"

	"github.com/gozones/zones/internal/rootfs/sparse"
	"github.com/gozones/zones/sys/priv"
)

// Skeleton is what is known of root directories that this project makes itself; how
// they are made is in package skeleton.
type Skeleton interface {
	// Mounts are the file systems of the machine that its zones need, read at the
	// time that one is made ready.
	Mounts() ([]Mount, error)
}

// builtin are the brands for Linux.
var builtin = map[string]func() *Brand{
	"sparse": func() *Brand {
		b := linuxBrand("sparse")
		b.InitName = sparse.Init
		b.Hooks[Shutdown] = sparse.Shutdown
		b.Skeleton = sparseSkeleton{}
		return b
	},
	"tar": func() *Brand {
		b := linuxBrand("tar")
		b.InitName = "/sbin/init"
		b.InstallOpts = "a:t:"
		b.Hooks[Shutdown] = "/sbin/poweroff"
		b.Skeleton = tarSkeleton{}
		return b
	},
}

// linuxBrand is what the Linux brands have in common. The end of a zone's init is
// the end of the zone.
func linuxBrand(name string) *Brand {
	return &Brand{Name: name, Hooks: map[Hook]string{}, ExclusiveIP: true, Direct: true, Privileges: linuxPrivileges()}
}

// linuxPrivileges are those of the system's own brand: what a zone may not have
// would reach beyond it.
func linuxPrivileges() priv.Lists {
	return priv.Lists{
		Default: entries("contract_event", "contract_identity", "contract_observer", "file_chown", "file_chown_self",
			"file_dac_execute", "file_dac_read", "file_dac_search", "file_dac_write", "file_owner", "file_setid", "ipc_dac_read",
			"ipc_dac_write", "ipc_owner", "net_bindmlp", "net_icmpaccess", "net_mac_aware", "net_observability", "net_privaddr",
			"net_rawaccess exclusive", "proc_chroot", "sys_audit", "proc_audit", "proc_lock_memory", "proc_owner", "proc_secflags",
			"proc_setid", "proc_taskid", "sys_acct", "sys_admin", "sys_ip_config exclusive", "sys_iptun_config exclusive",
			"sys_mount", "sys_nfs", "sys_ppp_config exclusive", "sys_resource", "sys_smb"),
		Prohibited: entries("dtrace_kernel", "proc_zone", "sys_config", "sys_devices", "sys_ip_config shared", "sys_linkdir",
			"sys_net_config", "sys_res_config", "sys_suser_compat", "xvm_control", "virt_manage", "sys_ppp_config shared"),
		Required: entries("proc_exec", "proc_fork", "sys_ip_config exclusive", "sys_mount"),
	}
}

// entries makes a list of words; the IP type follows a privilege that has one.
func entries(words ...string) []priv.Entry {
	list := make([]priv.Entry, len(words))
	for i, word := range words {
		list[i].Name, list[i].IPType, _ = strings.Cut(word, " ")
	}
	return list
}

type sparseSkeleton struct{}

func (sparseSkeleton) Mounts() ([]Mount, error) {
	var mounts []Mount
	for _, dir := range sparse.Shared() {
		mounts = append(mounts, Mount{Special: dir, Directory: dir, Options: "ro,nodevices,nosetuid", Type: "lofs"})
	}
	return mounts, nil
}

type tarSkeleton struct{}

func (tarSkeleton) Mounts() ([]Mount, error) { return nil, nil }
