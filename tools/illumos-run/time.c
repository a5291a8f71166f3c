/* Clocks and timers. */
#include <sys/time.h>
#include <time.h>
#include "shim.h"

static int clock_to_linux(const char *call, int clock)
{
	static const struct number clocks[] = {
		{ SUN_CLOCK_REALTIME, CLOCK_REALTIME }, { SUN_CLOCK_MONOTONIC, CLOCK_MONOTONIC },
		{ SUN_CLOCK_PROCESS_CPUTIME_ID, CLOCK_PROCESS_CPUTIME_ID },
		{ SUN_CLOCK_THREAD_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID },
	};
	int linux_clock;
	if (!number_to_linux(clocks, COUNT(clocks), clock, &linux_clock))
		unknown(call, "clock", (unsigned long)clock);
	return linux_clock;
}

/*
 * glibc's function, which reads the time without a system call and keeps no state: Go reads
 * it very often.
 */
GUEST static long guest_clock_gettime(int clock, struct timespec *time)
{
	return clock_gettime(clock_to_linux("clock_gettime", clock), time) == 0 ? 0 : fail(errno_to_sun(errno));
}

GUEST static long guest_clock_getres(int clock, struct timespec *resolution)
{
	return result(syscall_raw(SYS_clock_getres, clock_to_linux("clock_getres", clock), resolution));
}

GUEST static long guest_gettimeofday(struct timeval *time, void *zone)
{
	return result(syscall_raw(SYS_gettimeofday, time, zone));
}

GUEST static long guest_nanosleep(const struct timespec *time, struct timespec *left)
{
	return result(syscall_raw(SYS_nanosleep, time, left));
}

GUEST static long guest_usleep(unsigned microseconds)
{
	struct timespec time = { microseconds / 1000000, microseconds % 1000000 * 1000L };
	return result(syscall_raw(SYS_nanosleep, &time, NULL));
}

static void check_timer(const char *call, int which)
{
	/* ITIMER_REAL, VIRTUAL and PROF are 0, 1 and 2 on both; illumos has a 3. */
	if (which < ITIMER_REAL || which > ITIMER_PROF)
		unknown(call, "timer", (unsigned long)which);
}

GUEST static long guest_setitimer(int which, const struct itimerval *value, struct itimerval *old)
{
	check_timer("setitimer", which);
	return result(syscall_raw(SYS_setitimer, which, value, old));
}

GUEST static long guest_getitimer(int which, struct itimerval *value)
{
	check_timer("getitimer", which);
	return result(syscall_raw(SYS_getitimer, which, value));
}

GUEST static long guest_times(void *times)
{
	return result(syscall_raw(SYS_times, times));
}

/* glibc's function, which is a single system call. */
GUEST static long guest_adjtime(const struct timeval *change, struct timeval *left)
{
	return adjtime(change, left) == 0 ? 0 : fail(errno_to_sun(errno));
}

const struct symbol time_symbols[] = {
	SYMBOL("libc", clock_gettime),
	SYMBOL("libc", clock_getres),
	SYMBOL("libc", gettimeofday),
	SYMBOL("libc", nanosleep),
	SYMBOL("libc", usleep),
	SYMBOL("libc", setitimer),
	SYMBOL("libc", getitimer),
	SYMBOL("libc", times),
	SYMBOL("libc", adjtime),
	SYMBOLS_END
};
