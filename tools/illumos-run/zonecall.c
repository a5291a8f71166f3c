/*
 * System calls that only illumos has: zones, resource controls, privileges, security flags.
 * They are sent to this project's kernel process in the form in which an illumos kernel gets
 * them: number, registers and addresses (see internal/kernelrpc/wire/raw.go). The kernel
 * process decodes the arguments, and the calling thread copies the guest's memory for it.
 * This file doesn't interpret the calls.
 *
 * A guest that has entered a zone stays a process outside. A program that it executes then
 * runs in the zone, and the guest becomes a relay for it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "shim.h"
#include "kernel_numbers.h"
#include "zonecall.h"

/* The messages, which internal/kernelrpc/wire/raw.go describes. */
enum { RAW_MAGIC = 0x77617278, RAW_DATA = 64 << 10 };
enum { RAW_CALL = 1, RAW_DONE, RAW_READ, RAW_WRITE, RAW_SIGNAL, RAW_EXIT };
enum { RAW_TERMINAL = 1 };	/* in error, of the call that executes a program */
struct raw {
	uint32_t magic, kind;
	int32_t number, error;
	uint64_t a[6];
	char data[RAW_DATA];
};
enum { RAW_SIZE = offsetof(struct raw, data) };
_Static_assert(RAW_SIZE == 64, "the head of a message");

/* The zone that the guest has entered, and its root as the global zone sees it. */
static int own_zone;
static char own_root[SUN_MAXPATHLEN];
static char zone_directory[SUN_MAXPATHLEN];

/* Idle connections of this process. */
static struct {
	pthread_mutex_t lock;
	long pid;
	int idle[64];
	unsigned count;
} connections = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Returns a connection for a call. A kernel process is only started if start is set. */
static long connection(bool start)
{
	long fd = -1;
	if (!forked) {
		pthread_mutex_lock(&connections.lock);
		if (connections.pid != syscall_raw(SYS_getpid)) {
			connections.pid = syscall_raw(SYS_getpid);
			connections.count = 0;
		}
		if (connections.count > 0)
			fd = connections.idle[--connections.count];
		pthread_mutex_unlock(&connections.lock);
		if (fd >= 0)
			return fd;
	}
	return kernel_connect(start);
}

static void give_back(int fd)
{
	if (!forked) {
		pthread_mutex_lock(&connections.lock);
		if (connections.count < COUNT(connections.idle)) {
			connections.idle[connections.count++] = fd;
			fd = -1;
		}
		pthread_mutex_unlock(&connections.lock);
	}
	if (fd >= 0)
		syscall_raw(SYS_close, fd);
}

/* Calls. */

static bool send_raw(int fd, const struct raw *message, size_t data, const int *files, size_t count)
{
	char control[CMSG_SPACE(3 * sizeof(int))] __attribute__((aligned(8)));
	struct iovec part = { .iov_base = (void *)(uintptr_t)message, .iov_len = RAW_SIZE + data };
	struct msghdr whole = { .msg_iov = &part, .msg_iovlen = 1 };
	if (count > 0) {
		struct cmsghdr *head = (struct cmsghdr *)control;
		whole.msg_control = control;
		whole.msg_controllen = CMSG_SPACE(count * sizeof *files);
		*head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(count * sizeof *files), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(head), files, count * sizeof *files);
	}
	long sent;
	do
		sent = syscall_raw(SYS_sendmsg, fd, &whole, MSG_NOSIGNAL);
	while (sent == -EINTR);
	return sent == (long)part.iov_len;
}

/* Returns the number of bytes after the message, -1 if the kernel process has exited. */
static long receive_raw(int fd, struct raw *message)
{
	long size;
	do
		size = syscall_raw(SYS_recvfrom, fd, message, sizeof *message, 0, NULL, NULL);
	while (size == -EINTR);
	return size < RAW_SIZE || message->magic != RAW_MAGIC ? -1 : size - RAW_SIZE;
}

/* Copies guest memory for the kernel. Returns false if the message isn't such a request. */
static bool copy_for_kernel(int fd, struct raw *message, size_t data)
{
	size_t more = 0;
	switch (message->kind) {
	case RAW_READ:
		more = message->a[1];
		if (more > RAW_DATA)
			return false;
		message->error = copy_in(message->data, (const void *)message->a[0], more);
		break;
	case RAW_WRITE:
		message->error = copy_out((void *)message->a[0], message->data, data);
		break;
	default:
		return false;
	}
	return send_raw(fd, message, message->error == 0 ? more : 0, NULL, 0);
}

/* The kernel process has exited, or closed the connection since the zone was destroyed. */
static long lost(int fd)
{
	syscall_raw(SYS_close, fd);
	if (own_zone != 0)
		syscall_raw(SYS_kill, syscall_raw(SYS_getpid), SIGKILL);
	return fail(SUN_EIO);
}

static long call_on(int fd, int number, const uint64_t *arguments, int flags, const int *files, size_t count)
{
	struct raw message;
	long data;
	memset(&message, 0, RAW_SIZE);
	message.magic = RAW_MAGIC;
	message.kind = RAW_CALL;
	message.number = number;
	message.error = flags;
	memcpy(message.a, arguments, sizeof message.a);
	if (number == SUN_SYS_zone)
		zone_numbers_to_kernel(message.a);
	if (!send_raw(fd, &message, 0, files, count))
		return lost(fd);
	for (;;) {
		data = receive_raw(fd, &message);
		if (data < 0)
			return lost(fd);
		if (message.kind == RAW_DONE)
			break;
		if (!copy_for_kernel(fd, &message, (size_t)data))
			return lost(fd);
	}
	if (message.error == 0)
		return (long)message.a[0];
	fail(message.error);
	return (long)message.a[0];
}

/* Makes a system call. ENOENT if no kernel process is running and start isn't set. */
static long call(bool start, int number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	const uint64_t arguments[6] = { a, b, c, d, e, f };
	long fd = connection(start);
	if (is_error(fd))
		return result(fd);
	int before = thread.error;
	thread.error = 0;
	long answer = call_on((int)fd, number, arguments, 0, NULL, 0);
	if (thread.error != SUN_EIO)
		give_back((int)fd);
	if (thread.error == 0)
		thread.error = before;
	return answer;
}

#define CALL(number, ...) CALL_6(number, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_6(number, a, b, c, d, e, f, ...) \
	call(true, number, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), (uint64_t)(d), (uint64_t)(e), (uint64_t)(f))

enum { PRIV_WORDS = 3 };

/* Reads the guest's effective set. */
static void effective(uint32_t set[PRIV_WORDS])
{
	enum { EFFECTIVE = 0 };
	int before = thread.error;
	memset(set, 0, PRIV_WORDS * sizeof *set);
	CALL(SUN_SYS_privsys, SUN_PRIVSYS_GETPPRIV, 0, EFFECTIVE, set, PRIV_WORDS * sizeof *set);
	thread.error = before;
}

/* Whether the guest has them all; the kernel process refuses a call that needs them before it
 * looks at anything else. */
static bool all_privileges(void)
{
	uint32_t set[PRIV_WORDS];
	effective(set);
	return (set[0] & set[1] & set[2]) == ~0U;
}

void privileges_of(int pid, uint32_t uid, uint32_t set[PRIV_WORDS])
{
	memset(set, pid == 0 ? 0xff : 0, PRIV_WORDS * sizeof *set);
	if (pid == 0)
		return;
	int before = thread.error;
	call(false, KERNEL_RAW_PRIVILEGES, (uint64_t)pid, uid, (uint64_t)set, 0, 0, 0);
	/* Without a kernel process nobody has changed any. */
	if (thread.error == SUN_ENOENT || thread.error == SUN_ECONNREFUSED)
		memset(set, uid == 0 ? 0xff : 0, PRIV_WORDS * sizeof *set);
	thread.error = before;
}

bool has_privilege(int number)
{
	uint32_t set[PRIV_WORDS];
	effective(set);
	return (set[number / 32] & 1U << (31 - number % 32)) != 0;
}

/*
 * zone_create fails if a file system is mounted below the new zone's root. The structure has
 * the same members up to the address of the extended error in both of its layouts.
 */
static bool mounted_below(uint64_t definition)
{
	struct { const char *name, *root; uint64_t others[4]; int32_t *extended; } head;
	char root[SUN_MAXPATHLEN];
	const int32_t are_mounts = SUN_ZE_AREMOUNTS;
	if (copy_in(&head, (const void *)definition, sizeof head) != 0 || copy_in_string(root, head.root, sizeof root) != 0 || !mnttab_below(root))
		return false;
	copy_out(head.extended, &are_mounts, sizeof are_mounts);
	return true;
}

static long zone_call(int subcode, const uint64_t *arguments)
{
	char root[SUN_MAXPATHLEN] = "";
	if (subcode == SUN_ZONE_CREATE && mounted_below(arguments[0]))
		return fail(SUN_EBUSY);
	if (subcode == SUN_ZONE_ENTER && all_privileges() && !contract_lets_enter())
		return fail(SUN_EINVAL);
	if (subcode == SUN_ZONE_ENTER) {
		int before = thread.error;
		CALL(SUN_SYS_zone, SUN_ZONE_GETATTR, arguments[0], SUN_ZONE_ATTR_ROOT, root, sizeof root);
		thread.error = before;
	}
	enum interruption interruption = zone_interruption(subcode, arguments);
	if (interruption == INTERRUPTED_BEFORE)
		return subcode == SUN_ZONE_CREATE ? 0 : fail(SUN_EINTR);
	long answer = CALL(SUN_SYS_zone, subcode, arguments[0], arguments[1], arguments[2], arguments[3]);
	if (answer < 0)
		return answer;
	if (subcode == SUN_ZONE_ENTER) {
		own_zone = (int)arguments[0];
		strcpy(own_root, root);
		session_entered();
	}
	return interruption == INTERRUPTED_AFTER ? fail(SUN_EINTR) : answer;
}

/*
 * autofssys, read from uts/common/fs/autofs/auto_sys.c: only the global zone unmounts the
 * triggers of a zone. None are mounted here.
 */
static long autofs_call(int operation, int zone)
{
	enum { UNMOUNTALL = 0 };
	if (operation != UNMOUNTALL)
		unknown("autofssys", "operation", (unsigned long)operation);
	if (!has_privilege(KERNEL_PRIV_SYS_MOUNT) || own_zone != SUN_GLOBAL_ZONEID)
		return fail(SUN_EPERM);
	return zone == SUN_GLOBAL_ZONEID || zone_exists(zone) ? 0 : fail(SUN_EINVAL);
}

/* syscall(3C): a number and five arguments. */
GUEST static long guest_syscall(int number, long a, long b, long c, long d, long e)
{
	switch (number) {
	case SUN_SYS_zone:
		return zone_call((int)a, (const uint64_t[]){ b, c, d, e });
	case SUN_SYS_rctlsys:
	case SUN_SYS_privsys:
	case SUN_SYS_psecflags:
	case SUN_SYS_uadmin:
		return CALL(number, a, b, c, d, e);
	case SUN_SYS_modctl:
		return devfs_modctl((int)a, (int)b, (const void *)c, (size_t)d);
	case SUN_SYS_autofssys:
		return autofs_call((int)a, (int)b);
	}
	unknown("syscall", "number", (unsigned)number);
}

GUEST static long guest_getzoneid(void)
{
	return own_zone;
}

int zone_of(int pid)
{
	return pid == syscall_raw(SYS_getpid) ? own_zone : SUN_GLOBAL_ZONEID;
}

bool zone_exists(int zone)
{
	int before = thread.error;
	long answer = CALL(SUN_SYS_zone, SUN_ZONE_GETATTR, zone, SUN_ZONE_ATTR_STATUS);
	thread.error = before;
	return answer >= 0;
}

bool zone_takes_interfaces(int zone)
{
	uint32_t status = 0;
	int before = thread.error;
	long answer = CALL(SUN_SYS_zone, SUN_ZONE_GETATTR, zone, SUN_ZONE_ATTR_STATUS, &status, sizeof status);
	thread.error = before;
	return answer >= 0 && (status == SUN_ZONE_IS_READY || status == SUN_ZONE_IS_RUNNING);
}

/* Resource controls. The arguments are code, name, old, new, size, flags. */
enum { RCTL_GET, RCTL_SET, RCTL_LIST, RCTL_CTL, RCTL_PROJECT };

/*
 * Go's runtime reads zone.cpu-cap at start. That doesn't start a kernel process, which would
 * have no cap set.
 */
GUEST static long guest_getrctl(const char *name, void *old, void *new, uint32_t flags)
{
	char text[sizeof "zone.cpu-cap"];
	bool start = copy_in_string(text, name, sizeof text) != 0 || strcmp(text, "zone.cpu-cap") != 0;
	return call(start, SUN_SYS_rctlsys, RCTL_GET, (uint64_t)name, (uint64_t)old, (uint64_t)new, 0, flags);
}

GUEST static long guest_setrctl(const char *name, void *old, void *new, uint32_t flags)
{
	return CALL(SUN_SYS_rctlsys, RCTL_SET, name, old, new, 0, flags);
}

GUEST static long guest_rctllist(char *buffer, size_t size)
{
	return CALL(SUN_SYS_rctlsys, RCTL_LIST, 0, buffer, 0, size);
}

GUEST static long guest_rctlctl(const char *name, void *block, int flags)
{
	return CALL(SUN_SYS_rctlsys, RCTL_CTL, name, block, 0, 0, flags);
}

GUEST static long guest_setprojrctl(const char *name, void *blocks, size_t count, int flags)
{
	return CALL(SUN_SYS_rctlsys, RCTL_PROJECT, name, 0, blocks, count, flags);
}

/* Privileges. The library has names for the sets, the kernel has numbers. */
static int set_number(const char *guest)
{
	static const char *const names[] = { "Effective", "Inheritable", "Permitted", "Limit" };
	char name[16];
	if (copy_in_string(name, guest, sizeof name) != 0)
		return -1;
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcasecmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

enum { PRIV_SET_SIZE = 12 };

GUEST static long guest_getppriv(const char *which, void *set)
{
	return CALL(SUN_SYS_privsys, SUN_PRIVSYS_GETPPRIV, 0, set_number(which), set, PRIV_SET_SIZE);
}

GUEST static long guest_setppriv(int operation, const char *which, const void *set)
{
	return CALL(SUN_SYS_privsys, SUN_PRIVSYS_SETPPRIV, operation, set_number(which), set, PRIV_SET_SIZE);
}

GUEST static long guest_getpflags(uint32_t flag)
{
	return CALL(SUN_SYS_privsys, SUN_PRIVSYS_GETPFLAGS, flag);
}

GUEST static long guest_setpflags(uint32_t flag, uint32_t value)
{
	return CALL(SUN_SYS_privsys, SUN_PRIVSYS_SETPFLAGS, flag, value);
}

/* Security flags. The library's id becomes the kernel's set of processes. */
GUEST static long guest_psecflags(int kind, int id, int which, void *delta)
{
	enum { POP_AND = 1, P_ALL = 7, P_MYID = -1 };
	const int32_t set[] = { POP_AND, kind, id, P_ALL, P_MYID };
	return CALL(SUN_SYS_psecflags, set, which, delta);
}

GUEST static long guest_uadmin(int command, int function, uintptr_t argument)
{
	return CALL(SUN_SYS_uadmin, command, function, argument);
}

/* Mounts. Without a kernel process there are no zones. */

static bool kernel_runs(void)
{
	long fd = connection(false);
	if (is_error(fd))
		return false;
	give_back((int)fd);
	return true;
}

enum { NOT_MINE = 1 };	/* the kernel's errno for a path outside all zones */

static void record(const char *guest_special, const char *guest_point, const char *guest_type, const char *guest_options)
{
	char special[SUN_MAXPATHLEN], point[SUN_MAXPATHLEN * 2], type[16], options[SUN_MAX_MNTOPT_STR] = "";
	size_t root = strlen(strcpy(point, own_zone != 0 ? own_root : ""));
	if (copy_in_string(special, guest_special, sizeof special) == 0 && copy_in_string(point + root, guest_point, SUN_MAXPATHLEN) == 0 &&
	    copy_in_string(type, guest_type, sizeof type) == 0 && (guest_options == NULL || copy_in_string(options, guest_options, sizeof options) == 0))
		mnttab_add(special, point, type, options);
}

bool zone_mount(const char *special, const char *point, int flags, const char *type, const char *options, int room, long *answer)
{
	if (!kernel_runs())
		return false;
	*answer = CALL(SUN_SYS_mount, special, point, flags, type, options, room);
	if (*answer == 0)
		record(special, point, type, options);
	return *answer != NOT_MINE;
}

bool zone_unmount(const char *point, int flags, long *answer)
{
	if (!kernel_runs())
		return false;
	char path[SUN_MAXPATHLEN];
	int before = thread.error;
	*answer = CALL(SUN_SYS_umount2, point, flags);
	bool known = copy_in_string(path, point, sizeof path) == 0 && (*answer == 0 || thread.error != SUN_EBUSY) && mnttab_remove(path);
	/* With the embedded kernel it went when the zone was shut down, on illumos it stays. */
	if (known && *answer != 0) {
		thread.error = before;
		*answer = 0;
	}
	return *answer != NOT_MINE;
}

/* Programs in zones. */

bool zone_chdir(const char *path, long *answer)
{
	if (own_zone == 0)
		return false;
	int error = copy_in_string(zone_directory, path, sizeof zone_directory);
	*answer = error != 0 ? fail(error) : 0;
	return true;
}

/* The number of groups and the groups of the guest, which the kernel reads. */
static bool own_groups(uint32_t *words, size_t room)
{
	long count = syscall_raw(SYS_getgroups, room - 1, words + 1);
	words[0] = is_error(count) ? 0 : (uint32_t)count;
	return !is_error(count);
}

bool zone_execute(const char *path, char *const *arguments, char *const *environment, long *answer)
{
	static const int files[] = { 0, 1, 2 };
	static uint32_t groups[1024 + 1];
	char number[16];
	if (own_zone == 0)
		return false;
	long fd = connection(true);
	if (is_error(fd)) {
		*answer = result(fd);
		return true;
	}
	uint64_t user = (uint32_t)syscall_raw(SYS_geteuid) | (uint64_t)(uint32_t)syscall_raw(SYS_getegid) << 32;
	const uint64_t call[6] = {
		(uint64_t)path, (uint64_t)arguments, (uint64_t)environment,
		zone_directory[0] != '\0' ? (uint64_t)zone_directory : 0, own_groups(groups, COUNT(groups)) ? (uint64_t)groups : 0, user,
	};
	enum { SYS_EXECVE = 59 };
	/* Signals wait until the relay can pass them on. */
	const uint64_t all = ~0UL;
	uint64_t mask;
	syscall_raw(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, sizeof mask);
	/* The terminal becomes that of the program, which leads a session in the zone. */
	bool terminal = session_give_up_terminal();
	*answer = call_on((int)fd, SYS_EXECVE, call, terminal ? RAW_TERMINAL : 0, files, COUNT(files));
	if (*answer != 0) {
		if (terminal)
			syscall_raw(SYS_ioctl, 0, TIOCSCTTY, 0);
		syscall_raw(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
		if (thread.error != SUN_EIO)
			give_back((int)fd);
		return true;
	}
	/* A real exec, which ends the guest's threads, handlers and close-on-exec descriptors. */
	syscall_raw(SYS_fcntl, fd, F_SETFD, 0);
	snprintf(number, sizeof number, "%ld", fd);
	char *const relay[] = { (char *)"illumos-run", (char *)ZONE_RELAY, number, NULL };
	char *const nothing[] = { NULL };
	fatal("exec of the relay: %s", strerror((int)-syscall_raw(SYS_execve, "/proc/self/exe", relay, nothing)));
}

static int relay_fd;

static void pass_on(int signal)
{
	struct raw message;
	memset(&message, 0, RAW_SIZE);
	message.magic = RAW_MAGIC;
	message.kind = RAW_SIGNAL;
	message.a[0] = (uint64_t)signal;
	send_raw(relay_fd, &message, 0, NULL, 0);
}

/* Exits with the status of the program, for the parent. */
_Noreturn static void end_as(int code, int signal)
{
	if (signal != 0) {
		struct sigaction plain = { .sa_handler = SIG_DFL };
		sigset_t one;
		sigemptyset(&one);
		sigaddset(&one, signal);
		sigaction(signal, &plain, NULL);
		sigprocmask(SIG_UNBLOCK, &one, NULL);
		kill(getpid(), signal);
	}
	_exit(code);
}

void zone_relay(const char *fd)
{
	static const int passed[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGCONT, SIGTSTP, SIGWINCH,
	};
	static struct raw message;
	struct sigaction action = { .sa_handler = pass_on, .sa_flags = SA_RESTART };
	relay_fd = atoi(fd);
	/* The program has its own; a pipe that is open here would not be closed. */
	if (relay_fd > 0)
		syscall_raw(SYS_close_range, 0, relay_fd - 1, 0);
	syscall_raw(SYS_close_range, relay_fd + 1, ~0U, 0);
	for (size_t i = 0; i < COUNT(passed); i++)
		sigaction(passed[i], &action, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	while (receive_raw(relay_fd, &message) >= 0)
		if (message.kind == RAW_EXIT)
			end_as((int)message.a[0], (int)message.a[1]);
	/* The kernel process has exited, and the zone with it. */
	end_as(0, SIGKILL);
}

const struct symbol zonecall_symbols[] = {
	SYMBOL("libc", syscall),
	SYMBOL("libc", getzoneid),
	SYMBOL("libc", getrctl),
	SYMBOL("libc", setrctl),
	SYMBOL("libc", rctllist),
	SYMBOL("libc", rctlctl),
	SYMBOL("libc", setprojrctl),
	SYMBOL("libc", getppriv),
	SYMBOL("libc", setppriv),
	SYMBOL("libc", getpflags),
	SYMBOL("libc", setpflags),
	SYMBOL("libc", psecflags),
	SYMBOL("libc", uadmin),
	SYMBOLS_END
};
