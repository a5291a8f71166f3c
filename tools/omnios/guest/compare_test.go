package guest

import (
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// zones are configured by the system's zonecfg. Together they have every resource and most
// properties that every release knows.
var zones = []struct{ name, script string }{
	{"zt-blank", "create -b\nset zonepath=/zones/zt-blank\n"},
	{"zt-set", `create -b
set zonepath=/zones/zt-set
set autoboot=true
set bootargs="-m verbose"
set pool=zt-pool
set limitpriv=default,sys_time,!net_rawaccess
set scheduling-class=FSS
set ip-type=exclusive
set hostid=12345678
set fs-allowed=ufs,pcfs
set max-lwps=300
set max-processes=200
set cpu-shares=20
set max-shm-memory=100m
`},
	{"zt-resources", `create -b
set zonepath=/zones/zt-resources
set ip-type=shared
add fs
set dir=/data
set special=/var/tmp
set type=lofs
add options [ro,nodevices]
end
add net
set address=192.0.2.7/24
set physical=zt0
set defrouter=192.0.2.1
end
add device
set match=/dev/zt*
end
add dataset
set name=zt/data
end
add attr
set name=comment
set type=string
set value="two words, and a comma"
end
add rctl
set name=zone.max-sem-ids
add value (priv=privileged,limit=77,action=deny)
end
add capped-memory
set physical=200m
set swap=300m
set locked=100m
end
add capped-cpu
set ncpus=1.5
end
add admin
set user=root
set auths=login
end
`},
	{"zt-cpus", "create -b\nset zonepath=/zones/zt-cpus\nadd dedicated-cpu\nset ncpus=1-2\nset importance=3\nend\n"},
}

// TestCommands: our commands answer as the system's do, in calls that change nothing.
func TestCommands(t *testing.T) {
	needSystem(t)
	as := underTheirNames(t, commandsDir(t))
	for _, argv := range [][]string{
		{"zonename"}, {"zonename", "-x"}, {"zoneadm"}, {"zoneadm", "help"}, {"zoneadm", "nosuchverb"}, {"zoneadm", "list"},
		{"zoneadm", "list", "-p"}, {"zoneadm", "list", "-v"}, {"zoneadm", "list", "-c"}, {"zoneadm", "list", "-cv"}, {"zoneadm", "list", "-cp"},
		{"zoneadm", "list", "-iv"}, {"zoneadm", "list", "-ip"}, {"zoneadm", "list", "-n"}, {"zoneadm", "list", "-cn"}, {"zoneadm", "list", "-p", "-v"},
		{"zoneadm", "list", "-x"}, {"zoneadm", "-z", "global", "list", "-p"}, {"zoneadm", "-z", "global", "list", "-v"}, {"zoneadm", "-z", "zt-none", "list"},
		{"zoneadm", "-z", "global", "boot"}, {"zoneadm", "-z", "global", "halt"}, {"zoneadm", "-z", "zt-none", "halt"}, {"zoneadm", "-z", "zt-none", "boot"},
		{"zoneadm", "-z", "bad name", "list"}, {"zoneadm", "-R", "relative", "list"}, {"zonecfg", "-z", "zt-none", "info"}, {"zonecfg", "-z", "zt-none", "export"},
		{"zonecfg", "help"}, {"zonecfg", "-z", "zt-none", "nosuchcommand"}, {"zlogin", "zt-none", "true"}, {"zlogin", "global", "true"}, {"zlogin"},
	} {
		t.Run(name(argv), func(t *testing.T) { same(t, as, argv...) })
	}
}

// TestZones: they show the same zones in the same words.
func TestZones(t *testing.T) {
	needSystem(t, testenv.Root)
	as := underTheirNames(t, commandsDir(t))
	for _, z := range zones {
		configure(t, z.name, z.script)
	}
	for _, argv := range [][]string{{"zoneadm", "list", "-cp"}, {"zoneadm", "list", "-cv"}, {"zoneadm", "list", "-c"}} {
		t.Run(name(argv), func(t *testing.T) { same(t, as, argv...) })
	}
	for _, z := range zones {
		for _, words := range [][]string{
			{"zoneadm", "-z", z.name, "list", "-p"}, {"zoneadm", "-z", z.name, "list", "-v"}, {"zoneadm", "-z", z.name, "verify"},
			{"zoneadm", "-z", z.name, "boot"}, {"zoneadm", "-z", z.name, "halt"}, {"zoneadm", "-z", z.name, "ready"},
			{"zonecfg", "-z", z.name, "export"}, {"zonecfg", "-z", z.name, "info"}, {"zonecfg", "-z", z.name, "verify"},
			{"zonecfg", "-z", z.name, "info zonepath; info autoboot; info limitpriv; info bootargs"},
			{"zonecfg", "-z", z.name, "info fs; info net; info device; info dataset; info attr; info rctl; info admin"},
			{"zonecfg", "-z", z.name, "info capped-memory; info capped-cpu; info dedicated-cpu; info max-lwps; info cpu-shares"},
			{"zonecfg", "-z", z.name, "info nosuchresource"}, {"zlogin", z.name, "true"},
		} {
			t.Run(name(words), func(t *testing.T) { same(t, as, words...) })
		}
	}
}

// TestWritten: what our zonecfg writes, the system's reads, and its own export of a zone
// that ours made from an export is the same.
func TestWritten(t *testing.T) {
	needSystem(t, testenv.Root)
	as := underTheirNames(t, commandsDir(t))
	for _, z := range zones {
		t.Run(z.name, func(t *testing.T) {
			configure(t, z.name, z.script)
			export := must(t, system["zonecfg"], "-z", z.name, "export")
			must(t, system["zonecfg"], "-z", z.name, "delete", "-F")
			if a := ask(t, export, as+"/zonecfg", "-z", z.name); a.status != 0 {
				t.Errorf("our zonecfg refuses it: %v", a)
				// The clean-up deletes a zone.
				must(t, system["zonecfg"], "-z", z.name, "create -b; set zonepath=/zones/"+z.name)
				return
			}
			if again := must(t, system["zonecfg"], "-z", z.name, "export"); again != export {
				t.Errorf("of ours:\n%s\nof the system's:\n%s", again, export)
			}
		})
	}
}
