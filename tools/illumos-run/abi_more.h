/*
 * Constants of illumos that testdata/abi/abi.json does not have, from the manual pages
 * and headers that each group names. None of them is from Go's tables.
 */
#ifndef ABI_MORE_H
#define ABI_MORE_H

/* <fcntl.h>; AT_FDCWD, AT_REMOVEDIR and AT_EACCESS are in abi.json */
#define SUN_AT_SYMLINK_NOFOLLOW 0x1000
#define SUN_AT_SYMLINK_FOLLOW 0x2000

/* <sys/signal.h>, <sys/ucontext.h> */
#define SUN_SIG_BLOCK 1
#define SUN_SIG_UNBLOCK 2
#define SUN_SIG_SETMASK 3
#define SUN_SA_ONSTACK 0x00000001
#define SUN_SA_RESETHAND 0x00000002
#define SUN_SA_RESTART 0x00000004
#define SUN_SA_SIGINFO 0x00000008
#define SUN_SA_NODEFER 0x00000010
#define SUN_SA_NOCLDWAIT 0x00010000
#define SUN_SA_NOCLDSTOP 0x00020000
#define SUN_SS_ONSTACK 1
#define SUN_SS_DISABLE 2
#define SUN_SIGRTMIN 42
#define SUN_SIGINFO 41
#define SUN_SIGRTMAX 73
#define SUN_SIG_DFL 0
#define SUN_SIG_IGN 1
#define SUN_UC_SIGMASK 0x01
#define SUN_UC_STACK 0x02
#define SUN_UC_CPU 0x04
#define SUN_SEGV_MAPERR 1

/* <sys/regset.h>: indexes of gregset_t */
enum sun_greg {
	SUN_REG_R15, SUN_REG_R14, SUN_REG_R13, SUN_REG_R12, SUN_REG_R11, SUN_REG_R10,
	SUN_REG_R9, SUN_REG_R8, SUN_REG_RDI, SUN_REG_RSI, SUN_REG_RBP, SUN_REG_RBX,
	SUN_REG_RDX, SUN_REG_RCX, SUN_REG_RAX, SUN_REG_TRAPNO, SUN_REG_ERR, SUN_REG_RIP,
	SUN_REG_CS, SUN_REG_RFL, SUN_REG_RSP, SUN_REG_SS, SUN_REG_FS, SUN_REG_GS,
	SUN_REG_ES, SUN_REG_DS, SUN_REG_FSBASE, SUN_REG_GSBASE,
};

/* <sys/unistd.h>: sysconf */
#define SUN_SC_ARG_MAX 1
#define SUN_SC_CHILD_MAX 2
#define SUN_SC_CLK_TCK 3
#define SUN_SC_NGROUPS_MAX 4
#define SUN_SC_OPEN_MAX 5
#define SUN_SC_PAGESIZE 11
#define SUN_SC_NPROCESSORS_CONF 14
#define SUN_SC_NPROCESSORS_ONLN 15
#define SUN_SC_PHYS_PAGES 500
#define SUN_SC_AVPHYS_PAGES 501

/* <sys/unistd.h>: pathconf */
#define SUN_PC_LINK_MAX 1
#define SUN_PC_NAME_MAX 4
#define SUN_PC_PATH_MAX 5
#define SUN_PC_PIPE_BUF 6

/* <sys/fork.h> */
#define SUN_FORK_NOSIGCHLD 0x0001
#define SUN_FORK_WAITPID 0x0002

/* <sys/time_impl.h> */
#define SUN_CLOCK_VIRTUAL 1
#define SUN_CLOCK_THREAD_CPUTIME_ID 2
#define SUN_CLOCK_REALTIME 3
#define SUN_CLOCK_MONOTONIC 4
#define SUN_CLOCK_PROCESS_CPUTIME_ID 5

/* <sys/auxv.h> */
#define SUN_AT_SUN_EXECNAME 2014

/* <pthread.h> */
#define SUN_PTHREAD_CREATE_DETACHED 0x40

/* <sys/termios.h>: delays, speeds and the place that abi.json lacks */
#define SUN_NLDLY 0x100
#define SUN_CR1 0x200
#define SUN_CR2 0x400
#define SUN_TAB1 0x800
#define SUN_TAB2 0x1000
#define SUN_BSDLY 0x2000
#define SUN_VTDLY 0x4000
#define SUN_FFDLY 0x8000
#define SUN_CBAUD 0xf
#define SUN_CBAUDEXT 0x200000
#define SUN_CRTSCTS 0x80000000
#define SUN_VSWTCH 7

/* <sys/filio.h> */
#define SUN_FIONREAD 0x4004667f
#define SUN_FIONBIO 0x8004667e

/* <sys/ptms.h>: messages to a manager, 'P' << 8 and a number */
#define SUN_ISPTM 0x5001
#define SUN_UNLKPT 0x5002
#define SUN_ZONEPT 0x5004
#define SUN_OWNERPT 0x5005

/* <sys/devctl.h>, <sys/zcons.h> */
#define SUN_DEVCTL_DEVICE_REMOVE (0xdc << 16 | 13)
#define SUN_DEVCTL_BUS_DEV_CREATE (0xdc << 16 | 22)
#define SUN_ZC_HOLDSUBSID ('Z' << 24 | 'o' << 16 | 'n' << 8)
#define SUN_ZC_RELEASESUBSID (SUN_ZC_HOLDSUBSID | 1)
struct sun_devctl_iocdata {
	unsigned cmd, flags;
	void *cpyout_buf, *nvl_user;
	unsigned long nvl_usersz;
	char *c_nodename, *c_unitaddr;
};
_Static_assert(sizeof(struct sun_devctl_iocdata) == 48, "sizeof (struct devctl_iocdata)");

/* <sys/mount.h> */
#define SUN_MAX_MNTOPT_STR 1024

/* <sys/mman.h> */
#define SUN_MCL_CURRENT 0x1
#define SUN_MCL_FUTURE 0x2

/* <sys/stat.h>: utimensat */
#define SUN_UTIME_NOW (-1L)
#define SUN_UTIME_OMIT (-2L)

/* <sys/resource.h> */
#define SUN_RLIMIT_CPU 0
#define SUN_RLIMIT_FSIZE 1
#define SUN_RLIMIT_DATA 2
#define SUN_RLIMIT_STACK 3
#define SUN_RLIMIT_CORE 4
#define SUN_RLIMIT_NOFILE 5
#define SUN_RLIMIT_VMEM 6
#define SUN_RLIM_INFINITY (-3L)

/* <sys/syscall.h> */
#define SUN_SYS_modctl 152
#define SUN_SYS_autofssys 228

#endif
