/* fcntl: the commands, struct flock and flags differ. */
#include <fcntl.h>
#include <string.h>
#include "shim.h"

static const struct number lock_types[] = {
	{ SUN_F_RDLCK, F_RDLCK }, { SUN_F_WRLCK, F_WRLCK }, { SUN_F_UNLCK, F_UNLCK },
};

static long lock(int fd, int command, struct sun_flock *guest)
{
	struct sun_flock sun;
	int type;
	if (copy_in(&sun, guest, sizeof sun) != 0)
		return fail(SUN_EFAULT);
	if (!number_to_linux(lock_types, COUNT(lock_types), sun.l_type, &type))
		return fail(SUN_EINVAL);
	struct flock host = {
		.l_type = (short)type, .l_whence = sun.l_whence, .l_start = sun.l_start, .l_len = sun.l_len,
		/* A lock of the open file has no owner: Linux requires l_pid 0. */
		.l_pid = 0,
	};
	long answer = syscall_raw(SYS_fcntl, fd, command, &host);
	if (is_error(answer) || (command != F_GETLK && command != F_OFD_GETLK))
		return result(answer);
	if (!number_to_sun(lock_types, COUNT(lock_types), host.l_type, &type))
		unknown("fcntl", "lock type from Linux", (unsigned long)host.l_type);
	sun.l_type = (short)type;
	/* For a free range only the type is changed. */
	if (host.l_type != F_UNLCK) {
		sun.l_whence = host.l_whence;
		sun.l_start = host.l_start;
		sun.l_len = host.l_len;
		sun.l_sysid = 0;
		sun.l_pid = host.l_pid;
	}
	return copy_out(guest, &sun, sizeof sun) != 0 ? fail(SUN_EFAULT) : 0;
}

/* Frees space. Only truncating is implemented, as by most file systems of illumos. */
static long free_space(int fd, const struct sun_flock *guest)
{
	struct sun_flock sun;
	if (copy_in(&sun, guest, sizeof sun) != 0)
		return fail(SUN_EFAULT);
	if (sun.l_len != 0 || sun.l_whence != SEEK_SET)
		return fail(SUN_EINVAL);
	return result(syscall_raw(SYS_ftruncate, fd, sun.l_start));
}

static long put_on(int fd, int onto, bool close_on_exec)
{
	if (close_on_exec && fd == onto)
		return fail(SUN_EINVAL);
	if (fd != onto)
		ports_closing(onto);
	return result(close_on_exec ? syscall_raw(SYS_dup3, fd, onto, O_CLOEXEC) : syscall_raw(SYS_dup2, fd, onto));
}

GUEST static long guest_fcntl(int fd, int command, long argument)
{
	switch (command) {
	case SUN_F_DUPFD: return result(syscall_raw(SYS_fcntl, fd, F_DUPFD, argument));
	case SUN_F_DUPFD_CLOEXEC: return result(syscall_raw(SYS_fcntl, fd, F_DUPFD_CLOEXEC, argument));
	case SUN_F_DUP2FD: return put_on(fd, (int)argument, false);
	case SUN_F_DUP2FD_CLOEXEC: return put_on(fd, (int)argument, true);
	case SUN_F_GETFD: return result(syscall_raw(SYS_fcntl, fd, F_GETFD));
	case SUN_F_SETFD:
		/* FD_CLOEXEC is 1 on both, and the only flag. */
		if ((argument & ~1L) != 0)
			unknown("fcntl(F_SETFD)", "flag bits", (unsigned long)argument);
		return result(syscall_raw(SYS_fcntl, fd, F_SETFD, argument));
	case SUN_F_GETFL: {
		long flags = syscall_raw(SYS_fcntl, fd, F_GETFL);
		return is_error(flags) ? result(flags) : (long)status_flags_to_sun((uint32_t)flags);
	}
	case SUN_F_SETFL:
		return result(syscall_raw(SYS_fcntl, fd, F_SETFL, open_flags_to_linux("fcntl(F_SETFL)", (int)argument)));
	case SUN_F_GETOWN: return result(syscall_raw(SYS_fcntl, fd, F_GETOWN));
	case SUN_F_SETOWN: return result(syscall_raw(SYS_fcntl, fd, F_SETOWN, argument));
	case SUN_F_GETLK: return lock(fd, F_GETLK, (struct sun_flock *)argument);
	case SUN_F_SETLK: return lock(fd, F_SETLK, (struct sun_flock *)argument);
	case SUN_F_SETLKW: return lock(fd, F_SETLKW, (struct sun_flock *)argument);
	case SUN_F_OFD_GETLK: return lock(fd, F_OFD_GETLK, (struct sun_flock *)argument);
	case SUN_F_OFD_SETLK: return lock(fd, F_OFD_SETLK, (struct sun_flock *)argument);
	case SUN_F_OFD_SETLKW: return lock(fd, F_OFD_SETLKW, (struct sun_flock *)argument);
	case SUN_F_FREESP: return free_space(fd, (const struct sun_flock *)argument);
	}
	unknown("fcntl", "command", (unsigned long)command);
}

/* LOCK_SH, LOCK_EX, LOCK_NB and LOCK_UN are 1, 2, 4 and 8 on both. */
GUEST static long guest_flock(int fd, int operation)
{
	if ((operation & ~15) != 0)
		unknown("flock", "flag bits", (unsigned long)operation);
	return result(syscall_raw(SYS_flock, fd, operation));
}

const struct symbol fcntl_symbols[] = {
	SYMBOL("libc", fcntl),
	SYMBOL("libc", flock),
	SYMBOLS_END
};
