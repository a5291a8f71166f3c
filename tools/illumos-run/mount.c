/*
 * Mounts. File systems that Linux has too are mounted in the caller's mount namespace.
 */
#include <string.h>
#include <sys/mount.h>
#include "shim.h"
#include "zonecall.h"

/* The option nosub of lofs, which is no flag of Linux: without what is mounted below. */
#define NO_SUB (1UL << 40)

/* A mount option and Linux's flag for it, which the option sets if on, else clears. */
struct option {
	const char *name;
	unsigned long flag;
	bool on;
};

/*
 * Options of every file system. illumos returns those in effect.
 */
static const struct option options[] = {
	{ "ro", MS_RDONLY, true }, { "rw", MS_RDONLY, false },
	{ "nosuid", MS_NOSUID | MS_NODEV, true }, { "suid", MS_NOSUID, false },
	{ "nosetuid", MS_NOSUID, true }, { "setuid", MS_NOSUID, false },
	{ "nodevices", MS_NODEV, true }, { "devices", MS_NODEV, false },
	{ "noexec", MS_NOEXEC, true }, { "exec", MS_NOEXEC, false },
	{ "nosub", NO_SUB, true }, { "sub", NO_SUB, false },
};

/* Sets the flags of the options, and copies those of the file system (size=) to data. */
static int read_options(char *text, unsigned long *flags, char *data, size_t size)
{
	char *rest = text;
	data[0] = '\0';
	for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ",")) {
		bool found = name[0] == '\0';
		for (size_t i = 0; i < COUNT(options) && !found; i++)
			if (strcmp(options[i].name, name) == 0) {
				found = true;
				*flags = options[i].on ? *flags | options[i].flag : *flags & ~options[i].flag;
			}
		if (found)
			continue;
		if (strchr(name, '=') == NULL)
			fatal("mount: unknown option \"%s\"; illumos-run does not implement it", name);
		if (strlen(data) + strlen(name) + 2 > size)
			return SUN_E2BIG;
		strcat(strcat(data, data[0] != '\0' ? "," : ""), name);
	}
	return 0;
}

static void write_options(unsigned long flags, const char *data, char *text)
{
	strcpy(text, flags & MS_RDONLY ? "ro" : "rw");
	strcat(text, flags & MS_NOSUID ? ",nosetuid" : ",setuid");
	strcat(text, flags & MS_NODEV ? ",nodevices" : ",devices");
	strcat(text, flags & MS_NOEXEC ? ",noexec" : ",exec");
	if (flags & NO_SUB)
		strcat(text, ",nosub");
	if (data[0] != '\0')
		strcat(strcat(text, ","), data);
}

static long do_mount(const char *special, const char *point, const char *type, unsigned long flags, const char *data)
{
	static const char *const same[] = { "tmpfs", "proc" };
	if (flags & NO_SUB && strcmp(type, "lofs") != 0)
		fatal("mount: option nosub of %s; illumos-run does not implement it", type);
	/* lofs is a bind mount, whose flags are set by a second call. */
	if (strcmp(type, "lofs") == 0) {
		long answer = syscall_raw(SYS_mount, special, point, NULL, MS_BIND | (flags & NO_SUB ? 0 : MS_REC), NULL);
		flags &= ~NO_SUB;
		if (answer == 0 && flags != 0)
			answer = syscall_raw(SYS_mount, NULL, point, NULL, MS_REMOUNT | MS_BIND | flags, NULL);
		return answer;
	}
	for (size_t i = 0; i < COUNT(same); i++)
		if (strcmp(type, same[i]) == 0)
			return syscall_raw(SYS_mount, special, point, type, flags, data);
	/* Linux doesn't have the file system. */
	return -EINVAL;
}

GUEST static long guest_mount(const char *guest_special, const char *guest_point, int sun_flags, const char *guest_type,
			      const void *guest_data, int data_size, char *guest_options, int options_size)
{
	static const struct flag known[] = {
		{ SUN_MS_RDONLY, MS_RDONLY }, { SUN_MS_NOSUID, MS_NOSUID | MS_NODEV }, { SUN_MS_REMOUNT, MS_REMOUNT },
		{ SUN_MS_DATA, 0 }, { SUN_MS_OPTIONSTR, 0 },
		/* Linux always allows it. */
		{ SUN_MS_OVERLAY, 0 },
	};
	char special[SUN_MAXPATHLEN], point[SUN_MAXPATHLEN], type[16];
	char text[SUN_MAX_MNTOPT_STR] = "", data[SUN_MAX_MNTOPT_STR];
	unsigned long flags = flags_to_linux("mount", known, COUNT(known), (uint32_t)sun_flags);
	int error;
	if ((error = copy_in_string(special, guest_special, sizeof special)) != 0 ||
	    (error = copy_in_string(point, guest_point, sizeof point)) != 0 ||
	    (error = copy_in_string(type, guest_type, sizeof type)) != 0)
		return fail(error);
	if (strcmp(type, "dev") == 0)
		return devfs_mount(point, guest_data, data_size);
	/* /proc/self/fd, to which the /dev/fd of every zone leads here, is what fdfs would be. */
	if (strcmp(type, "fd") == 0 && strcmp(point, "/dev/fd") == 0)
		return 0;
	if (guest_data != NULL && data_size != 0)
		unknown("mount", "data of a file system, size", (unsigned long)data_size);
	bool has_options = (sun_flags & SUN_MS_OPTIONSTR) != 0 && guest_options != NULL;
	if (has_options) {
		if (options_size < 1 || options_size > (int)sizeof text)
			return fail(SUN_EINVAL);
		if ((error = copy_in_string(text, guest_options, (size_t)options_size)) != 0)
			return fail(error == SUN_ENAMETOOLONG ? SUN_EINVAL : error);
	}
	if ((error = read_options(text, &flags, data, sizeof data)) != 0)
		return fail(error);
	long answer;
	if (zcons_special(special, special, sizeof special))
		guest_special = special;
	if (zone_mount(guest_special, guest_point, sun_flags, guest_type, has_options ? guest_options : NULL, options_size, &answer))
		return answer;
	answer = do_mount(special, point, type, flags, data);
	if (is_error(answer) || !has_options)
		return result(answer);
	write_options(flags, data, text);
	size_t length = strlen(text) + 1;
	if (length > (size_t)options_size)
		return fail(SUN_EOVERFLOW);
	return copy_out(guest_options, text, length) != 0 ? fail(SUN_EFAULT) : 0;
}

GUEST static long guest_umount2(const char *point, int sun_flags)
{
	/* MS_FORCE unmounts in spite of open files, as MNT_DETACH does. */
	static const struct flag known[] = { { SUN_MS_FORCE, MNT_DETACH } };
	long answer;
	if (zone_unmount(point, sun_flags, &answer))
		return answer;
	return result(syscall_raw(SYS_umount2, point, flags_to_linux("umount2", known, COUNT(known), (uint32_t)sun_flags)));
}

GUEST static long guest_umount(const char *point)
{
	return result(syscall_raw(SYS_umount2, point, 0));
}

const struct symbol mount_symbols[] = {
	SYMBOL("libc", mount),
	SYMBOL("libc", umount),
	SYMBOL("libc", umount2),
	SYMBOLS_END
};
