package wire

// Version is the version of the protocol. Programs and kernel processes of different
// releases may have different versions; the kernel process refuses all but its own.
const Version = 3

// The operations, each with the bodies of its request and its reply. Those of zone(2) have
// the names of the C library's functions, those of resource controls the names of the
// system calls.
const (
	OpCreate     = "zone_create" // zone.Def: zone.ID
	OpBoot       = "zone_boot"
	OpShutdown   = "zone_shutdown"
	OpDestroy    = "zone_destroy"
	OpGetattr    = "zone_getattr"         // Getattr: Attr
	OpSetattr    = "zone_setattr"         // zone.AttrValue
	OpList       = "zone_list"            // room, an int: IDs
	OpLookup     = "zone_lookup"          // of Name: zone.ID
	OpVersion    = "zone_version"         // : int
	OpAddLink    = "zone_add_datalink"    // zone.LinkID
	OpRemoveLink = "zone_remove_datalink" // zone.LinkID
	OpCheckLink  = "zone_check_datalink"  // zone.LinkID: zone.ID
	OpListLinks  = "zone_list_datalink"   // room, an int: Links

	OpMake     = "make"      // zone.Definition: zone.Outcome, also of failures
	OpBootWith = "boot_with" // []zone.Step: zone.Outcome, also of failures
	OpTable    = "table"     // : Table
	OpInspect  = "inspect"   // of Name: zone.Info

	OpMount      = "mount"        // []zone.Mount: how many were mounted, also of failures
	OpUnmount    = "umount"       // Unmount
	OpLinkByName = "link_by_name" // of Name: zone.LinkID
	OpLinkName   = "link_name"    // zone.LinkID: string
	OpSetAddress = "set_address"  // Address, of the link Name
	OpKstats     = "kstats"       // : []zone.Kstat
	OpReport     = "report"       // : zone.Report
	OpHolds      = "holds"        // : zone.Holds

	OpStart  = "start"  // Cmd: Started, and files in both directions
	OpWait   = "wait"   // handle, an int64: zone.ExitStatus; the connection's last request
	OpSignal = "signal" // Signal
	OpWatch  = "watch"  // of Name, "" for all: nothing, then replies with []zone.Event; the last request, too

	OpRctlControls = "rctl_walk"       // : []rctl.Control
	OpRctlValues   = "getrctl"         // of Name: []rctl.Value
	OpRctlUsage    = "getrctl_usage"   // of Name: uint64
	OpRctlInsert   = "setrctl_insert"  // rctl.Value, of Name
	OpRctlReplace  = "setrctl_replace" // Replace, of Name
	OpRctlDelete   = "setrctl_delete"  // rctl.Value, of Name
)
