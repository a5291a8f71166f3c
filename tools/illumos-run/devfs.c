/*
 * The file system dev: the /dev of a zone. Linux has none, so it is only an entry in the table
 * of mounts, and its profile a file in the kernel process's directory, where tests find it.
 *
 * As in illumos's kernel (uts/common/fs/dev), the directory of the attributes comes with the
 * file system's own argument, and a profile is for a mount point that is one of dev (EINVAL).
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "shim.h"
#include "zonecall.h"

long devfs_mount(const char *point, const void *data, int data_size)
{
	struct { const char *attrdir; } arguments = { NULL };	/* struct sdev_mountargs */
	char attrdir[SUN_MAXPATHLEN] = "", options[SUN_MAXPATHLEN + 16] = "";
	struct stat status;
	int error = 0;
	if (data_size != 0 && data_size != sizeof arguments)
		return fail(SUN_EINVAL);
	if (data_size != 0)
		error = copy_in(&arguments, data, sizeof arguments);
	if (error == 0 && arguments.attrdir != NULL)
		error = copy_in_string(attrdir, arguments.attrdir, sizeof attrdir);
	if (error != 0)
		return fail(error);
	if (arguments.attrdir != NULL && attrdir[0] == '\0')
		return fail(SUN_ENOENT);
	for (const char *const *path = (const char *const[]){ point, attrdir, "", NULL }; **path != '\0'; path++) {
		long answer = syscall_raw(SYS_stat, *path, &status);
		if (is_error(answer))
			return result(answer);
		if (!S_ISDIR(status.st_mode))
			return fail(SUN_ENOTDIR);
	}
	if (mnttab_type(point, NULL))
		return fail(SUN_EBUSY);
	/* The kernel has it in no option; here it is for tests. */
	if (attrdir[0] != '\0')
		snprintf(options, sizeof options, "attrdir=%s", attrdir);
	mnttab_add("/dev", point, "dev", options);
	return 0;
}

/* The first pair of a packed list in the machine's own encoding: name and string. */
static const char *first_string(const char *list, size_t size, const char *name)
{
	enum { HEAD = 12, PAIR = 16, TYPE_STRING = 9 };
	int32_t pair_size, type;
	int16_t name_size;
	if (size < HEAD + PAIR)
		return NULL;
	memcpy(&pair_size, list + HEAD, sizeof pair_size);
	memcpy(&name_size, list + HEAD + 4, sizeof name_size);
	memcpy(&type, list + HEAD + 12, sizeof type);
	size_t value = HEAD + ((PAIR + (size_t)name_size + 7) & ~(size_t)7);
	if (type != TYPE_STRING || strcmp(list + HEAD + PAIR, name) != 0 || HEAD + (size_t)pair_size > size)
		return NULL;
	return list + value;
}

long devfs_modctl(int command, int sub, const void *buffer, size_t size)
{
	enum { MODDEVNAME = 37, MODDEVNAME_PROFILE = 3 };
	static char list[32 << 10];
	char path[SUN_MAXPATHLEN + 16];
	if (command != MODDEVNAME || sub != MODDEVNAME_PROFILE)
		unknown("modctl", "command", (unsigned long)command);
	if (size > sizeof list)
		return fail(SUN_ENOMEM);
	int error = copy_in(list, buffer, size);
	if (error != 0)
		return fail(error);
	const char *point = first_string(list, size, "prof_mountpt");
	if (point == NULL || !mnttab_type(point, "dev"))
		return fail(SUN_EINVAL);
	kernel_directory(path, SUN_MAXPATHLEN);
	strcat(path, "/dev.profile");
	long fd = syscall_raw(SYS_open, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (is_error(fd))
		return result(fd);
	syscall_raw(SYS_write, fd, list, size);
	syscall_raw(SYS_close, fd);
	return 0;
}
