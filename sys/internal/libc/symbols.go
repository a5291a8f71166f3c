package libc

// Interface is a group of functions of the system. calls_NAME_illumos.go has a Go
// function for each.
type Interface struct {
	Name    string
	Symbols []Symbol
}

// Symbol is a function of the system that this project imports.
type Symbol struct {
	Name    string // as the library exports it
	Library string // as in DT_NEEDED
	C       string // its prototype
	Failure Failure
	// Address says that only the function's address is needed: assembly calls it on
	// threads that the system made, see callback_illumos_amd64.s.
	Address bool
}

// Failure is the return value by which a function reports failure.
type Failure int

// The return values that report failure. errno is only set then.
const (
	Never   Failure = iota
	Minus1          // an int that is -1; the upper half of the register is undefined
	Minus1L         // a 64-bit long, size_t or pointer that is -1
	Null            // a null pointer
)

// Interfaces are the functions that this project imports from illumos in addition to
// those of Go's runtime, syscall and golang.org/x/sys/unix. After a change generate
// the calls: go test ./sys/internal/libc -update.
var Interfaces = []Interface{
	// System calls that have no function of their own, or one with more than six arguments: zone(2), privsys(2).
	{"zone", []Symbol{
		{Name: "syscall", Library: "libc.so", C: "long syscall(int number, long a1, long a2, long a3, long a4, long a5)", Failure: Minus1L},
		{Name: "getzoneid", Library: "libc.so", C: "zoneid_t getzoneid(void)", Failure: Minus1},
	}},

	// The resource controls. Their system call has seven arguments, syscall() takes six.
	{"rctl", []Symbol{
		{Name: "getrctl", Library: "libc.so", C: "int getrctl(const char *name, rctlblk_t *old, rctlblk_t *new, uint_t flags)", Failure: Minus1},
		{Name: "setrctl", Library: "libc.so", C: "int setrctl(const char *name, rctlblk_t *old, rctlblk_t *new, uint_t flags)", Failure: Minus1},
		{Name: "rctllist", Library: "libc.so", C: "size_t rctllist(char *buf, size_t size)", Failure: Minus1L},
		{Name: "rctlctl", Library: "libc.so", C: "int rctlctl(const char *name, rctlblk_t *block, int flags)", Failure: Minus1},
		{Name: "setprojrctl", Library: "libc.so", C: "int setprojrctl(const char *name, rctlblk_t *blocks, size_t count, int flags)", Failure: Minus1},
	}},

	// Privileges and security flags.
	{"priv", []Symbol{
		{Name: "issetugid", Library: "libc.so", C: "int issetugid(void)"},
		{Name: "psecflags", Library: "libc.so", C: "int psecflags(idtype_t idtype, id_t id, psecflagwhich_t which, secflagdelta_t *delta)", Failure: Minus1},
		{Name: "getppriv", Library: "libc.so", C: "int getppriv(const char *which, priv_set_t *set)", Failure: Minus1},
		{Name: "setppriv", Library: "libc.so", C: "int setppriv(int op, const char *which, const priv_set_t *set)", Failure: Minus1},
		{Name: "getpflags", Library: "libc.so", C: "uint_t getpflags(uint_t flag)", Failure: Minus1},
		{Name: "setpflags", Library: "libc.so", C: "int setpflags(uint_t flag, uint_t value)", Failure: Minus1},
	}},

	// Doors and the credentials of their callers.
	{"door", []Symbol{
		{Name: "door_call", Library: "libc.so", C: "int door_call(int d, door_arg_t *params)", Failure: Minus1},
		{Name: "door_info", Library: "libc.so", C: "int door_info(int d, struct door_info *info)", Failure: Minus1},
		{Name: "door_create", Library: "libc.so", C: "int door_create(void (*procedure)(void *cookie, char *data, size_t size, door_desc_t *descriptors, uint_t count), void *cookie, uint_t attributes)", Failure: Minus1},
		{Name: "door_revoke", Library: "libc.so", C: "int door_revoke(int d)", Failure: Minus1},
		{Name: "door_getparam", Library: "libc.so", C: "int door_getparam(int d, int param, size_t *value)", Failure: Minus1},
		{Name: "door_return", Library: "libc.so", C: "int door_return(char *data, size_t size, door_desc_t *descriptors, uint_t count)", Address: true},
		{Name: "door_ucred", Library: "libc.so", C: "int door_ucred(ucred_t **info)", Address: true},
		{Name: "fattach", Library: "libc.so", C: "int fattach(int d, const char *path)", Failure: Minus1},
		{Name: "fdetach", Library: "libc.so", C: "int fdetach(const char *path)", Failure: Minus1},
		{Name: "ucred_get", Library: "libc.so", C: "ucred_t *ucred_get(pid_t pid)", Failure: Null},
		{Name: "ucred_getpid", Library: "libc.so", C: "pid_t ucred_getpid(const ucred_t *uc)", Failure: Minus1},
		{Name: "ucred_geteuid", Library: "libc.so", C: "uid_t ucred_geteuid(const ucred_t *uc)", Failure: Minus1},
		{Name: "ucred_getegid", Library: "libc.so", C: "gid_t ucred_getegid(const ucred_t *uc)", Failure: Minus1},
		{Name: "ucred_getzoneid", Library: "libc.so", C: "zoneid_t ucred_getzoneid(const ucred_t *uc)", Failure: Minus1},
		{Name: "ucred_getprivset", Library: "libc.so", C: "const priv_set_t *ucred_getprivset(const ucred_t *uc, const char *which)", Failure: Null},
		{Name: "ucred_free", Library: "libc.so", C: "void ucred_free(ucred_t *uc)"},
	}},

	// Contracts, kstats, pseudo-terminals, IP addresses of zones.
	{"ioctl", []Symbol{
		{Name: "ioctl", Library: "libc.so", C: "int ioctl(int d, int request, void *arg)", Failure: Minus1},
	}},

	// Pseudo-terminals.
	{"pty", []Symbol{
		{Name: "grantpt", Library: "libc.so", C: "int grantpt(int d)", Failure: Minus1},
		{Name: "unlockpt", Library: "libc.so", C: "int unlockpt(int d)", Failure: Minus1},
		{Name: "ptsname", Library: "libc.so", C: "char *ptsname(int d)", Failure: Null},
	}},

	// File systems.
	{"mount", []Symbol{
		{Name: "mount", Library: "libc.so", C: "int mount(const char *special, const char *point, int flags, char *fstype, char *data, int size, char *options, int room)", Failure: Minus1},
		{Name: "umount2", Library: "libc.so", C: "int umount2(const char *point, int flags)", Failure: Minus1},
	}},

	// Halt and reboot.
	{"uadmin", []Symbol{
		{Name: "uadmin", Library: "libc.so", C: "int uadmin(int cmd, int fcn, uintptr_t mdep)", Failure: Minus1},
	}},

	// Who is logged in.
	{"utmpx", []Symbol{
		{Name: "makeutx", Library: "libc.so", C: "struct utmpx *makeutx(const struct utmpx *entry)", Failure: Null},
		{Name: "modutx", Library: "libc.so", C: "struct utmpx *modutx(const struct utmpx *entry)", Failure: Null},
		{Name: "setutxent", Library: "libc.so", C: "void setutxent(void)"},
		{Name: "getutxent", Library: "libc.so", C: "struct utmpx *getutxent(void)", Failure: Null},
		{Name: "endutxent", Library: "libc.so", C: "void endutxent(void)"},
	}},

	// What code on the system's own threads calls, and the signal mask they inherit.
	{"thread", []Symbol{
		{Name: "sigprocmask", Library: "libc.so", C: "int sigprocmask(int how, const sigset_t *set, sigset_t *old)", Failure: Minus1},
		{Name: "write", Library: "libc.so", C: "ssize_t write(int d, const void *buf, size_t size)", Address: true},
		{Name: "sem_init", Library: "libc.so", C: "int sem_init(sem_t *sem, int shared, uint_t value)", Address: true},
		{Name: "sem_wait", Library: "libc.so", C: "int sem_wait(sem_t *sem)", Address: true},
		{Name: "sem_post", Library: "libc.so", C: "int sem_post(sem_t *sem)"},
	}},

	// Event channels.
	{"sysevent", []Symbol{
		{Name: "sysevent_evc_bind", Library: "libsysevent.so.1", C: "int sysevent_evc_bind(const char *channel, evchan_t **handle, uint32_t flags)"},
		{Name: "sysevent_evc_unbind", Library: "libsysevent.so.1", C: "int sysevent_evc_unbind(evchan_t *handle)"},
		{Name: "sysevent_evc_subscribe", Library: "libsysevent.so.1", C: "int sysevent_evc_subscribe(evchan_t *handle, const char *id, const char *class, int (*handler)(sysevent_t *event, void *cookie), void *cookie, uint32_t flags)"},
		{Name: "sysevent_evc_unsubscribe", Library: "libsysevent.so.1", C: "int sysevent_evc_unsubscribe(evchan_t *handle, const char *id)"},
		{Name: "sysevent_get_size", Library: "libsysevent.so.1", C: "size_t sysevent_get_size(sysevent_t *event)", Address: true},
	}},
}
