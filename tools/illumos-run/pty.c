/* Pseudo-terminals: functions of libc and requests to the manager's driver. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "shim.h"

/* Returns the number of a manager's terminal, or a negative errno of Linux. */
static long terminal_number(int manager)
{
	unsigned number;
	long answer = syscall_raw(SYS_ioctl, manager, TIOCGPTN, &number);
	return is_error(answer) ? answer : (long)number;
}

/* illumos returns EINVAL for a descriptor that isn't a manager. */
static long no_manager(long answer)
{
	return answer == -ENOTTY ? fail(SUN_EINVAL) : result(answer);
}

/* devpts makes the caller the owner of the terminal. */
GUEST static long guest_grantpt(int manager)
{
	long number = terminal_number(manager);
	return number < 0 ? no_manager(number) : 0;
}

/* Only a new terminal is locked. Linux gives it the number of one that has gone. */
static long unlock(int manager)
{
	int locked = 0, unlocked = 0;
	char name[32];
	struct stat status;
	long number = terminal_number(manager);
	if (number >= 0 && syscall_raw(SYS_ioctl, manager, TIOCGPTLCK, &locked) == 0 && locked != 0) {
		snprintf(name, sizeof name, "/dev/pts/%ld", number);
		if (syscall_raw(SYS_stat, name, &status) == 0)
			stream_forget(status.st_rdev);
	}
	return syscall_raw(SYS_ioctl, manager, TIOCSPTLCK, &unlocked);
}

GUEST static long guest_unlockpt(int manager)
{
	long answer = unlock(manager);
	return answer < 0 ? no_manager(answer) : 0;
}

/* One buffer for all callers, as in libc. */
GUEST static long guest_ptsname(int manager)
{
	static char name[32];
	long number = terminal_number(manager);
	if (number < 0) {
		no_manager(number);
		return 0;
	}
	snprintf(name, sizeof name, "/dev/pts/%ld", number);
	return (long)name;
}

/* OWNERPT's argument. */
struct owner {
	int32_t user, group;
};

long pty_message(int manager, const struct sun_strioctl *guest)
{
	struct sun_strioctl message;
	struct owner owner;
	int32_t zone;
	char name[32];
	if (copy_in(&message, guest, sizeof message) != 0)
		return fail(SUN_EFAULT);
	long number = terminal_number(manager);
	if (number < 0)
		return no_manager(number);
	snprintf(name, sizeof name, "/dev/pts/%ld", number);
	switch (message.ic_cmd) {
	case SUN_ISPTM:
		return 0;
	case SUN_UNLKPT:
		return result(unlock(manager));
	case SUN_ZONEPT:
		if (message.ic_len != sizeof zone)
			return fail(SUN_EINVAL);
		if (copy_in(&zone, message.ic_dp, sizeof zone) != 0)
			return fail(SUN_EFAULT);
		/* All zones have the same terminals here; only the existence of the zone is checked. */
		return zone == SUN_GLOBAL_ZONEID || zone_exists(zone) ? 0 : fail(SUN_EINVAL);
	case SUN_OWNERPT:
		if (message.ic_len != sizeof owner)
			return fail(SUN_EINVAL);
		if (copy_in(&owner, message.ic_dp, sizeof owner) != 0)
			return fail(SUN_EFAULT);
		return result(syscall_raw(SYS_chown, name, owner.user, owner.group));
	}
	unknown("ioctl(I_STR)", "message to a pseudo-terminal", (unsigned)message.ic_cmd);
}

const struct symbol pty_symbols[] = {
	SYMBOL("libc", grantpt),
	SYMBOL("libc", unlockpt),
	SYMBOL("libc", ptsname),
	SYMBOLS_END
};
