package kernelseam

import "github.com/gozones/zones/sys/zone"

// Snapshot is the state of the whole kernel, with the recordings' names.
type Snapshot struct {
	Zones    map[string]*State     `json:"zones"`
	Deathrow map[string]*State     `json:"deathrow"`
	Order    []zone.ID             `json:"order"`
	Keys     []Key                 `json:"zsd_keys"`
	Procs    map[string]*ProcState `json:"procs"`
}

// State is the complete state of a zone.
type State struct {
	ID               zone.ID                `json:"id"`
	Name             string                 `json:"name"`
	Status           zone.Status            `json:"status"`
	Flags            uint32                 `json:"flags"`
	RootPath         string                 `json:"rootpath"`
	UniqID           uint64                 `json:"uniqid"`
	Ref              uint32                 `json:"ref"`
	CredRef          uint32                 `json:"cred_ref"`
	SubsysRef        [len(Subsys)]uint32    `json:"subsys_ref"`
	NTasks           uint32                 `json:"ntasks"`
	NLWPs            uint32                 `json:"nlwps"`
	NProcs           uint32                 `json:"nprocs"`
	NLWPsCtl         uint64                 `json:"nlwps_ctl,string"`
	NProcsCtl        uint64                 `json:"nprocs_ctl,string"`
	LockedMem        uint64                 `json:"locked_mem"`
	LockedMemCtl     uint64                 `json:"locked_mem_ctl,string"`
	MaxSwap          uint64                 `json:"max_swap"`
	MaxSwapCtl       uint64                 `json:"max_swap_ctl,string"`
	MaxLofi          uint64                 `json:"max_lofi"`
	MaxLofiCtl       uint64                 `json:"max_lofi_ctl,string"`
	Shares           uint32                 `json:"shares"`
	CPUCap           uint64                 `json:"cpu_cap,string"`
	InitName         string                 `json:"initname"`
	BootArgs         *string                `json:"bootargs"`
	Brand            string                 `json:"brand"`
	FSAllowed        *string                `json:"fs_allowed"`
	Nodename         string                 `json:"nodename"`
	Domain           string                 `json:"domain"`
	HostID           uint32                 `json:"hostid"`
	PhysMcap         uint64                 `json:"phys_mcap,string"`
	SchedClass       string                 `json:"sched_class"`
	InitPID          int32                  `json:"initpid"`
	BootErr          int32                  `json:"boot_err"`
	RestartInit      int                    `json:"restart_init"`
	SecFlags         [4]string              `json:"secflags"`
	PrivSet          string                 `json:"privset"`
	MountsInProgress int                    `json:"mounts_in_progress"`
	HasZsched        int                    `json:"has_zsched"`
	HasKthreads      int                    `json:"has_kthreads"`
	HasRootVP        int                    `json:"has_rootvp"`
	PsetID           int32                  `json:"psetid"`
	NCPUs            int                    `json:"ncpus"`
	Avenrun          [3]int32               `json:"avenrun"`
	HPAvenrun        [3]string              `json:"hp_avenrun"`
	Datasets         []string               `json:"datasets"`
	ZSD              [][3]any               `json:"zsd"`
	Links            []LinkState            `json:"links"`
	Rctls            map[string][]RctlState `json:"rctls"`
}

// RctlState is a value of a control: privilege and flags in hexadecimal, the limit
// in decimal, and "cursor" for the one in force.
type RctlState []string

// LinkState is a data link of a zone with its network properties in hexadecimal.
type LinkState struct {
	ID      zone.LinkID `json:"id"`
	Address string      `json:"address,omitempty"`
	Route   string      `json:"route,omitempty"`
}

// ProcState is the complete state of a process.
type ProcState struct {
	PID      int32     `json:"pid"`
	Zone     zone.ID   `json:"zone"`
	CrZone   zone.ID   `json:"crzone"`
	CtZone   uint64    `json:"ctzone"`
	LWPs     uint32    `json:"lwps"`
	Class    string    `json:"class"`
	SecFlags [4]uint64 `json:"secflags"`
	Root     *string   `json:"root"`
	EPrivs   string    `json:"eprivs"`
	PPrivs   string    `json:"pprivs"`
	System   int       `json:"system"`
}
