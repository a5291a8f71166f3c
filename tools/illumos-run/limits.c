/* Limits and settings: getrlimit, sysconf, pathconf, priorities, usage. */
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>
#include "shim.h"

static bool limit_to_linux(int resource, int *linux_resource)
{
	static const struct number resources[] = {
		{ SUN_RLIMIT_CPU, RLIMIT_CPU }, { SUN_RLIMIT_FSIZE, RLIMIT_FSIZE }, { SUN_RLIMIT_DATA, RLIMIT_DATA },
		{ SUN_RLIMIT_STACK, RLIMIT_STACK }, { SUN_RLIMIT_CORE, RLIMIT_CORE },
		{ SUN_RLIMIT_NOFILE, RLIMIT_NOFILE }, { SUN_RLIMIT_VMEM, RLIMIT_AS },
	};
	return number_to_linux(resources, COUNT(resources), resource, linux_resource);
}

static uint64_t infinity_to_sun(uint64_t value) { return value == RLIM_INFINITY ? (uint64_t)SUN_RLIM_INFINITY : value; }
static uint64_t infinity_to_linux(uint64_t value) { return value == (uint64_t)SUN_RLIM_INFINITY ? RLIM_INFINITY : value; }

GUEST static long guest_getrlimit(int resource, struct sun_rlimit *limit)
{
	struct rlimit host;
	int linux_resource;
	if (!limit_to_linux(resource, &linux_resource))
		return fail(SUN_EINVAL);
	long answer = syscall_raw(SYS_prlimit64, 0, linux_resource, NULL, &host);
	if (is_error(answer))
		return result(answer);
	struct sun_rlimit sun = { .rlim_cur = infinity_to_sun(host.rlim_cur), .rlim_max = infinity_to_sun(host.rlim_max) };
	return copy_out(limit, &sun, sizeof sun) != 0 ? fail(SUN_EFAULT) : 0;
}

GUEST static long guest_setrlimit(int resource, const struct sun_rlimit *limit)
{
	struct sun_rlimit sun;
	int linux_resource;
	if (!limit_to_linux(resource, &linux_resource))
		return fail(SUN_EINVAL);
	if (copy_in(&sun, limit, sizeof sun) != 0)
		return fail(SUN_EFAULT);
	struct rlimit host = { infinity_to_linux(sun.rlim_cur), infinity_to_linux(sun.rlim_max) };
	return result(syscall_raw(SYS_prlimit64, 0, linux_resource, &host, NULL));
}

/* RUSAGE_SELF 0, CHILDREN -1; RUSAGE_LWP and RUSAGE_THREAD are 1. The struct is the same. */
GUEST static long guest_getrusage(int who, struct rusage *usage)
{
	return result(syscall_raw(SYS_getrusage, who, usage));
}

/* PRIO_PROCESS, PRIO_PGRP and PRIO_USER are 0, 1 and 2 on both; illumos has more. */
static bool known_priority(int which) { return which >= PRIO_PROCESS && which <= PRIO_USER; }

GUEST static long guest_getpriority(int which, int who)
{
	if (!known_priority(which))
		unknown("getpriority", "which", (unsigned long)which);
	long answer = syscall_raw(SYS_getpriority, which, who);
	/* Linux's system call returns 20 minus the value, which is never negative. */
	return is_error(answer) ? result(answer) : 20 - answer;
}

GUEST static long guest_setpriority(int which, int who, int value)
{
	if (!known_priority(which))
		unknown("setpriority", "which", (unsigned long)which);
	return result(syscall_raw(SYS_setpriority, which, who, value));
}

static long usable_processors(void)
{
	unsigned long set[1024 / 64];
	long size = syscall_raw(SYS_sched_getaffinity, 0, sizeof set, set);
	long processors = 0;
	for (long i = 0; i < size / 8; i++)
		processors += __builtin_popcountl(set[i]);
	return processors > 0 ? processors : 1;
}

static uint64_t pages(bool available)
{
	struct sysinfo info;
	syscall_raw(SYS_sysinfo, &info);
	return (available ? info.freeram : info.totalram) * info.mem_unit / 4096;
}

static long open_max(void)
{
	struct rlimit limit;
	syscall_raw(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
	return (long)limit.rlim_cur;
}

GUEST static long guest_sysconf(int name)
{
	switch (name) {
	case SUN_SC_ARG_MAX: return 2096640;
	case SUN_SC_CLK_TCK: return 100;
	case SUN_SC_NGROUPS_MAX: return 1024;
	case SUN_SC_OPEN_MAX: return open_max();
	case SUN_SC_PAGESIZE: return 4096;
	case SUN_SC_NPROCESSORS_CONF:
	case SUN_SC_NPROCESSORS_ONLN: return usable_processors();
	case SUN_SC_PHYS_PAGES: return (long)pages(false);
	case SUN_SC_AVPHYS_PAGES: return (long)pages(true);
	}
	unknown("sysconf", "name", (unsigned long)name);
}

static long path_limit(const char *call, int name)
{
	switch (name) {
	case SUN_PC_LINK_MAX: return 32767;
	case SUN_PC_NAME_MAX: return 255;
	case SUN_PC_PATH_MAX: return SUN_MAXPATHLEN;
	case SUN_PC_PIPE_BUF: return SUN_PIPE_BUF;
	}
	unknown(call, "name", (unsigned long)name);
}

GUEST static long guest_pathconf(const char *path, int name)
{
	long there = syscall_raw(SYS_access, path, F_OK);
	return is_error(there) ? result(there) : path_limit("pathconf", name);
}

GUEST static long guest_fpathconf(int fd, int name)
{
	long there = syscall_raw(SYS_fcntl, fd, 1 /* F_GETFD */);
	return is_error(there) ? result(there) : path_limit("fpathconf", name);
}

const struct symbol limits_symbols[] = {
	SYMBOL("libc", getrlimit),
	SYMBOL("libc", setrlimit),
	SYMBOL("libc", getrusage),
	SYMBOL("libc", getpriority),
	SYMBOL("libc", setpriority),
	SYMBOL("libc", sysconf),
	SYMBOL("libc", pathconf),
	SYMBOL("libc", fpathconf),
	SYMBOLS_END
};
