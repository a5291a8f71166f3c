/*
 * Sessions, process groups and controlling terminals. They are Linux's, except that
 * zone_enter moves a process into the session and the process group of the zone's zsched
 * (uts/common/os/zone.c, end of zone_enter). Linux can't do that to a running process: it is
 * recorded here, until the guest makes a session or a group of its own.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include "shim.h"
#include "zonecall.h"

enum { ZSCHED = 0 };	/* the id of zsched's session and group, which no process of a guest has */

static bool zscheds_session, zscheds_group;
static bool leads_on_linux;	/* a session that it made before it entered */

static int own_pid(void)
{
	return (int)syscall_raw(SYS_getpid);
}

void session_entered(void)
{
	zscheds_session = zscheds_group = true;
	leads_on_linux = syscall_raw(SYS_getsid, 0) == own_pid();
	/* A signal to the group that it was in must not reach it. */
	if (!leads_on_linux)
		syscall_raw(SYS_setpgid, 0, syscall_raw(SYS_getpgid, syscall_raw(SYS_getppid)));
}

GUEST static long guest_getpgrp(void)
{
	return zscheds_group ? ZSCHED : result(syscall_raw(SYS_getpgid, 0));
}

GUEST static long guest_getpgid(int pid)
{
	bool own = pid == 0 || pid == own_pid();
	return own && zscheds_group ? ZSCHED : result(syscall_raw(SYS_getpgid, pid));
}

GUEST static long guest_getsid(int pid)
{
	bool own = pid == 0 || pid == own_pid();
	return own && zscheds_session ? ZSCHED : result(syscall_raw(SYS_getsid, pid));
}

GUEST static long guest_setpgid(int pid, int group)
{
	bool own = (pid == 0 || pid == own_pid()) && (group == 0 || group == own_pid());
	if (!own || !zscheds_group)
		return result(syscall_raw(SYS_setpgid, pid, group));
	long answer = leads_on_linux ? 0 : syscall_raw(SYS_setpgid, 0, 0);
	zscheds_group = is_error(answer);
	return result(answer);
}

GUEST static long guest_setsid(void)
{
	if (!zscheds_group)
		return result(syscall_raw(SYS_setsid));
	long answer = leads_on_linux ? own_pid() : syscall_raw(SYS_setsid);
	zscheds_session = zscheds_group = is_error(answer);
	return result(answer);
}

/* TIOCSCTTY. All that Linux refuses with EPERM is ENOTTY on illumos. */
long session_take_terminal(int fd)
{
	long answer = zscheds_session ? -EPERM : syscall_raw(SYS_ioctl, fd, TIOCSCTTY, 0);
	return answer == -EPERM ? fail(SUN_ENOTTY) : result(answer);
}

/*
 * Gives up the controlling terminal if it is standard input and the guest leads its session.
 * Linux sends SIGHUP then, which must not end the guest.
 */
bool session_give_up_terminal(void)
{
	struct { uint64_t handler, flags, restorer, mask; } ignore = { .handler = (uint64_t)SIG_IGN }, before;
	int session = 0;
	if (is_error(syscall_raw(SYS_ioctl, 0, TIOCGSID, &session)) || session != own_pid())
		return false;
	syscall_raw(SYS_rt_sigaction, SIGHUP, &ignore, &before, sizeof ignore.mask);
	bool given_up = !is_error(syscall_raw(SYS_ioctl, 0, TIOCNOTTY, 0));
	/* A blocked signal is not ignored but kept. Ignoring it again discards it. */
	syscall_raw(SYS_rt_sigaction, SIGHUP, &ignore, NULL, sizeof ignore.mask);
	syscall_raw(SYS_rt_sigaction, SIGHUP, &before, NULL, sizeof before.mask);
	return given_up;
}

const struct symbol session_symbols[] = {
	SYMBOL("libc", getpgrp),
	SYMBOL("libc", getpgid),
	SYMBOL("libc", getsid),
	SYMBOL("libc", setpgid),
	SYMBOL("libc", setsid),
	SYMBOLS_END
};
