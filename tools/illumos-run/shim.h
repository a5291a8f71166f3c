/*
 * Shared by all parts of illumos-run: how to write a function that an illumos program
 * imports, and translations that several parts need.
 *
 * HOW TO WRITE A PART
 *
 * The program that runs is the "guest". It calls functions of libc, libsocket and
 * libsendfile with the C calling convention; each of them is one C function here,
 * named guest_NAME, in the file of its subject:
 *
 *	GUEST static long guest_fchdir(int fd)
 *	{
 *		return result(syscall_raw(SYS_fchdir, fd));
 *	}
 *
 *	const struct symbol directory_symbols[] = {
 *		SYMBOL("libc", fchdir),
 *		SYMBOLS_END
 *	};
 *
 * and the array is listed in symbols.c. Nothing else is needed.
 *
 * Parameters have illumos's C types, so that the upper half of the register of a
 * 32-bit argument is ignored. The result is always a long, because Go looks at the
 * whole register: -1 must be -1 in all 64 bits.
 *
 * errno: Go looks at errno and not at the result, so a successful call must not
 * change it. fail(SUN_E...) sets an illumos errno and returns -1; result() does so
 * for the result of a raw Linux system call.
 *
 * Use raw system calls (syscall_raw), not glibc's wrappers: they keep no state,
 * so they work in a signal handler, and in the child of a fork, which has one thread
 * of the program and may find a lock of glibc held for ever. A function that needs
 * glibc (malloc, vDSO time) has a comment that says why it may.
 *
 * Constants and structures of illumos come from testdata/abi/abi.json as SUN_NAME
 * and struct sun_name (abi.h, generated). The few that abi.json lacks are in
 * abi_more.h. Plain names (O_CREAT, struct stat) are always Linux's.
 *
 * Nothing unknown is ignored. Flags are translated by a table with flags_to_linux or
 * flags_to_sun, which stop the program for a bit that the table lacks; an unknown
 * command, option or request calls unknown(). Then the case has to be added.
 *
 * Guest memory: a pointer that is passed on to Linux needs no check, Linux returns
 * EFAULT. A part that reads or writes guest memory itself uses copy_in, copy_out and
 * copy_in_string, which return EFAULT for a bad address.
 *
 * A descriptor for a part's own use is moved up with private_fd, so that the guest's
 * descriptors are as low as on illumos.
 */
#ifndef SHIM_H
#define SHIM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "abi.h"
#include "abi_more.h"

/*
 * Go calls some functions (usleep, sched_yield) on a stack that is not aligned to 16
 * bytes, as gcc's code needs it.
 */
#define GUEST __attribute__((force_align_arg_pointer))

/* A function that guests import, and the illumos library that has it. */
struct symbol {
	const char *name;
	const char *library;
	void (*function)(void);
};

#define SYMBOL(library, name) { #name, library, (void (*)(void))guest_##name }
#define SYMBOLS_END { NULL, NULL, NULL }

/* symbol_find returns the function called name, or NULL. */
const struct symbol *symbol_find(const char *name);

/*
 * The data of a thread. It is the executable's only thread-local variable, and its last
 * word is where Go's illumos port has g: 8 bytes below %fs. On x86-64 the thread-local
 * block of the main program ends at %fs.
 */
struct thread {
	uint64_t blocked_extra[2];	/* blocked signals that aren't blocked on Linux */
	uint64_t reserved[4];
	int32_t id;		/* Linux thread id; illumos's pthread_t has 32 bits */
	int32_t error;		/* errno, in illumos's numbers */
	void *g;
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct thread) == 64, "one cache line, or g is not below %fs");
_Static_assert(offsetof(struct thread, g) == 56, "g is the last word");
extern __thread struct thread thread;

/* Raw system calls: a result from -4095 to -1 is a negative errno. */
static inline long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long answer;
	__asm__ volatile("syscall"
			 : "=a"(answer)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return answer;
}
#define SYSCALL_PICK(_0, _1, _2, _3, _4, _5, _6, count, ...) count
#define syscall_raw(...) SYSCALL_PICK(__VA_ARGS__, SYSCALL_6, SYSCALL_5, SYSCALL_4, SYSCALL_3, SYSCALL_2, SYSCALL_1, SYSCALL_0, )(__VA_ARGS__)
#define SYSCALL_0(n) syscall6(n, 0, 0, 0, 0, 0, 0)
#define SYSCALL_1(n, a) syscall6(n, (long)(a), 0, 0, 0, 0, 0)
#define SYSCALL_2(n, a, b) syscall6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYSCALL_3(n, a, b, c) syscall6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYSCALL_4(n, a, b, c, d) syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYSCALL_5(n, a, b, c, d, e) syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYSCALL_6(n, a, b, c, d, e, f) syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline bool is_error(long answer)
{
	return (unsigned long)answer >= (unsigned long)-4095L;
}

/* errno.c: both take and return positive numbers. */
int errno_to_sun(int linux_errno);
int errno_to_linux(int sun_errno);

/* fail sets the thread's errno, an illumos number, and returns -1. */
static inline long fail(int sun_errno)
{
	thread.error = sun_errno;
	return -1;
}

/* result converts the result of a raw system call to that of a libc function. */
static inline long result(long answer)
{
	return is_error(answer) ? fail(errno_to_sun((int)-answer)) : answer;
}

/* flags.c: a bit or group of bits, in both systems' numbers. */
struct flag {
	uint32_t sun;
	uint32_t linux_;
};
#define FLAG(name) { SUN_##name, name }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Both stop the program, naming call, if value has a bit that the table lacks. */
uint32_t flags_to_linux(const char *call, const struct flag *table, size_t count, uint32_t value);
uint32_t flags_to_sun(const char *call, const struct flag *table, size_t count, uint32_t value);

/*
 * The same for single numbers. They return false if the table lacks value: the caller
 * knows whether that is EINVAL or unknown().
 */
struct number {
	int sun;
	int linux_;
};
bool number_to_linux(const struct number *table, size_t count, int value, int *linux_value);
bool number_to_sun(const struct number *table, size_t count, int value, int *sun_value);

/* report.c */

/* fatal stops the program with a line on standard error. Exit status 125. */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* unknown stops the program: call got a value of a what that no part handles. */
_Noreturn void unknown(const char *call, const char *what, unsigned long value);

/* trace writes a line if tracing: ILLUMOS_RUN_TRACE is set. */
extern bool tracing;
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* guestmem.c: each returns 0 or illumos's EFAULT, and leaves errno alone. */
int copy_in(void *to, const void *guest, size_t size);
int copy_out(void *guest, const void *from, size_t size);

/* Also SUN_ENAMETOOLONG, if there is no NUL within size. */
int copy_in_string(char *to, const char *guest, size_t size);

/*
 * copy_fixup is for the signal handler: if *ip, the address of a faulting instruction, is
 * in one of these functions, it makes that return EFAULT, and returns true.
 */
bool copy_fixup(uint64_t *ip);

/* signals.c: they return 0 if the other system has no such signal. */
int signal_to_linux(int sun_signal);
int signal_to_sun(int linux_signal);
void signals_start(void);

/* process.c */

/* The name by which the guest was started, as getexecname(3C) returns it. */
extern const char *guest_path;
void process_start(void);

/*
 * True in the child of a fork. It has one thread, and glibc's locks may be held: it makes
 * raw system calls only.
 */
extern bool forked;

/* private_fd moves fd above the guest's, close-on-exec. It returns the new one or -errno. */
int private_fd(int fd);
enum { PRIVATE_FD_MIN = 512 };

/* elf.c: maps the program of an open file and returns its entry. */
void *elf_load(const char *path, int fd);

/* elf_is_guest returns whether the file is an illumos program for this machine. */
bool elf_is_guest(int fd);

/* threads.c */
void threads_start(void);

/* directory.c: translates the directory of an *at function, which may be AT_FDCWD. */
int directory_to_linux(int directory);

/* files.c */
uint32_t open_flags_to_linux(const char *call, int flags);
uint32_t status_flags_to_sun(uint32_t flags);
bool path_hidden(const char *path);

/* pty.c: a message to a manager's driver (I_STR). */
long pty_message(int manager, const struct sun_strioctl *guest);

/* ioctl.c: a terminal's number (st_rdev) is that of a new one, which has no modules. */
void stream_forget(uint64_t terminal);

/* poll.c */
short poll_events_to_linux(short sun_events);
short poll_events_to_sun(short linux_events);

/* ucred.c: gives the guest a ucred of a process with these ids. */
struct sun_ucred;
long ucred_give(int pid, uint32_t uid, uint32_t gid, struct sun_ucred **guest);

/*
 * HOOKS: functions by which one part calls another.
 */

/*
 * ports.c: the guest is about to close fd, or to replace it (dup2). Called for every
 * close; it is cheap if fd isn't a port and isn't associated with one.
 */
void ports_closing(int fd);

/* zonecall.c: returns whether the kernel has a zone with this id. */
bool zone_exists(int zone);

/*
 * kstats.c: the guest opens path, makes an ioctl on fd, closes fd. They return true if
 * the call is about /dev/kstat; *answer is then the libc function's result.
 */
bool kstat_open(const char *path, long *answer);
bool kstat_ioctl(int fd, int request, void *argument, long *answer);
void kstat_closing(int fd);

/*
 * zcons.c: the same for the consoles of zones and for the device that makes them.
 * zcons_special returns whether a path is the zone's side of one, with its terminal.
 * zcons_devfsadm is the program at devfsadm_path, whose results are exit statuses.
 */
bool zcons_open(const char *path, int sun_flags, long *answer);
bool zcons_ioctl(int fd, int request, void *argument, long *answer);
void zcons_closing(int fd);
bool zcons_readlink(const char *path, char *buffer, size_t size, long *answer);
bool zcons_special(const char *path, char *terminal, size_t size);
extern const char devfsadm_path[];
int zcons_devfsadm(int argc, char **argv);

/*
 * faults.c: the address by which a guest reaches a function, which may let a call fail;
 * readlink of a guest, and the fault that the environment asks for.
 */
void (*fault_gated(const struct symbol *symbol))(void);
bool fault_readlink(const char *path, char *buffer, size_t size, long *answer);
void faults_start(void);

/* utmpx.c: the guest opens /var/adm/utmpx. */
bool utmpx_open(const char *path, int sun_flags, long *answer);

/* conslog.c: the same for /dev/conslog. */
bool conslog_open(const char *path, int sun_flags, long *answer);

/* tcp.c: the same for /dev/tcp, and I_STR on it. */
bool tcp_open(const char *path, int flags, long *answer);
bool tcp_message(int fd, const struct sun_strioctl *guest, long *answer);

/*
 * contracts.c: the same for /system/contract; contract_forked is called in the parent
 * after a fork.
 */
bool contract_open(const char *path, int flags, long *answer);
bool contract_ioctl(int fd, int request, void *argument, long *answer);
void contract_closing(int fd);
void contract_forked(int pid);

/*
 * contract_child is called in the child. Contracts have one process each, so that the id of
 * the one that a process is in is its own or an ancestor's process id; the programs that it
 * executes are told. contract_lets_enter returns whether the process may enter a zone.
 */
void contract_child(void);
int32_t contract_member_of(void);
void contract_set_member_of(int32_t id);
bool contract_lets_enter(void);

/*
 * mnttab.c: the same for /etc/mnttab, and its lines of mounts below the roots of zones.
 * mnttab_remove returns whether there was one on point, mnttab_below whether there is one
 * below root.
 */
bool mnttab_open(const char *path, long *answer);
bool mnttab_ioctl(int fd, int request, long *answer);
void mnttab_closing(int fd);
void mnttab_add(const char *special, const char *point, const char *type, const char *options);
bool mnttab_remove(const char *point);
bool mnttab_below(const char *root);

/* Whether a file system of a type, or of any (NULL), is mounted on point. */
bool mnttab_type(const char *point, const char *type);

/* devfs.c: mount(2) of type dev, with the file system's own argument; modctl(2). */
long devfs_mount(const char *point, const void *data, int data_size);
long devfs_modctl(int command, int sub, const void *buffer, size_t size);

/*
 * doors.c: the guest opens path and Linux refuses, since it is a socket. Returns false if
 * path isn't a door; else *answer is the result. directory is Linux's.
 */
bool door_open(int directory, const char *path, int sun_flags, long *answer);
void doors_closing(int fd);

#endif
