/* User ids, names of the host, random numbers. */
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "shim.h"

#define PLAIN_0(name) \
	GUEST static long guest_##name(void) { return result(syscall_raw(SYS_##name)); }

PLAIN_0(getpid)
PLAIN_0(getppid)
PLAIN_0(getuid)
PLAIN_0(geteuid)
PLAIN_0(getgid)
PLAIN_0(getegid)

GUEST static long guest_getgroups(int size, uint32_t *groups)
{
	return result(syscall_raw(SYS_getgroups, size, groups));
}

/*
 * Ids are of the process on illumos and of the thread on Linux, where glibc changes those
 * of all threads. The child of a fork has one thread, but glibc's list of threads there is
 * the parent's.
 */
#define FOR_ALL_THREADS(call, raw) (forked ? result(raw) : glibc_result(call))

static long glibc_result(int answer)
{
	return answer == 0 ? 0 : fail(errno_to_sun(errno));
}

GUEST static long guest_setuid(uint32_t id)
{
	return FOR_ALL_THREADS(setuid(id), syscall_raw(SYS_setuid, id));
}

GUEST static long guest_setgid(uint32_t id)
{
	return FOR_ALL_THREADS(setgid(id), syscall_raw(SYS_setgid, id));
}

GUEST static long guest_seteuid(uint32_t id)
{
	return FOR_ALL_THREADS(seteuid(id), syscall_raw(SYS_setresuid, -1, id, -1));
}

GUEST static long guest_setegid(uint32_t id)
{
	return FOR_ALL_THREADS(setegid(id), syscall_raw(SYS_setresgid, -1, id, -1));
}

GUEST static long guest_setreuid(uint32_t real, uint32_t effective)
{
	return FOR_ALL_THREADS(setreuid(real, effective), syscall_raw(SYS_setreuid, real, effective));
}

GUEST static long guest_setregid(uint32_t real, uint32_t effective)
{
	return FOR_ALL_THREADS(setregid(real, effective), syscall_raw(SYS_setregid, real, effective));
}

GUEST static long guest_setgroups(int count, const uint32_t *groups)
{
	return FOR_ALL_THREADS(setgroups((size_t)count, groups), syscall_raw(SYS_setgroups, count, groups));
}

GUEST static long guest_uname(struct sun_utsname *name)
{
	struct utsname host;
	struct sun_utsname answer;
	syscall_raw(SYS_uname, &host);
	memset(&answer, 0, sizeof answer);
	strcpy(answer.sysname, "SunOS");
	strcpy(answer.nodename, host.nodename);
	strcpy(answer.release, "5.11");
	strcpy(answer.version, "illumos-run");
	strcpy(answer.machine, "i86pc");
	/* Any value that is not negative is success. */
	return copy_out(name, &answer, sizeof answer) != 0 ? fail(SUN_EFAULT) : 1;
}

GUEST static long guest_gethostname(char *name, size_t size)
{
	struct utsname host;
	syscall_raw(SYS_uname, &host);
	size_t length = strlen(host.nodename) + 1;
	/* A short buffer gets as much as fits, without a NUL. */
	return copy_out(name, host.nodename, length < size ? length : size) != 0 ? fail(SUN_EFAULT) : 0;
}

GUEST static long guest_sethostname(const char *name, size_t size)
{
	return result(syscall_raw(SYS_sethostname, name, size));
}

/* GRND_NONBLOCK is 1 and GRND_RANDOM 2 on both. */
GUEST static long guest_getrandom(void *buffer, size_t size, unsigned flags)
{
	if ((flags & ~3U) != 0)
		unknown("getrandom", "flag bits", flags);
	return result(syscall_raw(SYS_getrandom, buffer, size, flags));
}

GUEST static long guest_arc4random_buf(char *buffer, size_t size)
{
	while (size > 0) {
		long got = syscall_raw(SYS_getrandom, buffer, size, 0);
		if (got == -EINTR)
			continue;
		if (got < 0)
			fatal("arc4random_buf: errno %ld", -got);
		buffer += got;
		size -= (size_t)got;
	}
	return 0;
}

const struct symbol identity_symbols[] = {
	SYMBOL("libc", getpid),
	SYMBOL("libc", getppid),
	SYMBOL("libc", getuid),
	SYMBOL("libc", geteuid),
	SYMBOL("libc", getgid),
	SYMBOL("libc", getegid),
	SYMBOL("libc", getgroups),
	SYMBOL("libc", setuid),
	SYMBOL("libc", setgid),
	SYMBOL("libc", seteuid),
	SYMBOL("libc", setegid),
	SYMBOL("libc", setreuid),
	SYMBOL("libc", setregid),
	SYMBOL("libc", setgroups),
	SYMBOL("libc", uname),
	SYMBOL("libc", gethostname),
	SYMBOL("libc", sethostname),
	SYMBOL("libc", getrandom),
	SYMBOL("libc", arc4random_buf),
	SYMBOLS_END
};
