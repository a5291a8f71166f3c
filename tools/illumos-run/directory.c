/* Directory entries: create, remove, rename, list; permissions and owners of files. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include "shim.h"
#include "zonecall.h"

int directory_to_linux(int directory)
{
	return directory == (int)SUN_AT_FDCWD ? AT_FDCWD : directory;
}

/*
 * followed returns the name to pass to Linux. For a name that ends in a slash illumos
 * follows a symbolic link even in calls that work on the link itself; Linux does not. For
 * such a link the result is buffer, with the link's target and a slash; else it is guest.
 */
static const char *followed(int directory, const char *guest, char buffer[PATH_MAX])
{
	char name[PATH_MAX], target[PATH_MAX];
	/* Linux returns the error for a name that is too long or can't be read. */
	if (copy_in_string(name, guest, sizeof name) != 0)
		return guest;
	size_t length = strlen(name);
	if (length < 2 || name[length - 1] != '/')
		return guest;
	while (length > 1 && name[length - 1] == '/')
		name[--length] = '\0';
	for (int links = 0; links < 20; links++) {
		long size = syscall_raw(SYS_readlinkat, directory, name, target, sizeof target);
		if (size < 0)
			break;
		/* A relative target is relative to the directory of the link. */
		char *last = strrchr(name, '/');
		size_t prefix = target[0] == '/' || last == NULL ? 0 : (size_t)(last + 1 - name);
		if (prefix + (size_t)size >= sizeof name)
			return guest;
		memcpy(name + prefix, target, (size_t)size);
		length = prefix + (size_t)size;
		name[length] = '\0';
		while (length > 1 && name[length - 1] == '/')
			name[--length] = '\0';
	}
	if (length + 2 > PATH_MAX)
		return guest;
	memcpy(buffer, name, length);
	memcpy(buffer + length, "/", 2);
	return buffer;
}

/* illumos returns EEXIST for a directory that is not empty. */
static long removal(long answer)
{
	return answer == -ENOTEMPTY ? fail(SUN_EEXIST) : result(answer);
}

static long make_directory(int directory, const char *path, uint32_t mode)
{
	char buffer[PATH_MAX];
	int at = directory_to_linux(directory);
	return result(syscall_raw(SYS_mkdirat, at, followed(at, path, buffer), mode));
}

GUEST static long guest_mkdir(const char *path, uint32_t mode)
{
	return make_directory((int)SUN_AT_FDCWD, path, mode);
}

GUEST static long guest_mkdirat(int directory, const char *path, uint32_t mode)
{
	return make_directory(directory, path, mode);
}

static long unlink_at(int directory, const char *path, int flags)
{
	static const struct flag known[] = { FLAG(AT_REMOVEDIR) };
	char buffer[PATH_MAX];
	int at = directory_to_linux(directory);
	uint32_t linux_flags = flags_to_linux("unlinkat", known, COUNT(known), (uint32_t)flags);
	long answer = syscall_raw(SYS_unlinkat, at, followed(at, path, buffer), linux_flags);
	/* illumos returns POSIX's errno for the unlink of a directory, Linux doesn't. */
	return answer == -EISDIR ? fail(SUN_EPERM) : removal(answer);
}

GUEST static long guest_unlink(const char *path)
{
	return unlink_at((int)SUN_AT_FDCWD, path, 0);
}

GUEST static long guest_unlinkat(int directory, const char *path, int flags)
{
	return unlink_at(directory, path, flags);
}

GUEST static long guest_rmdir(const char *path)
{
	return unlink_at((int)SUN_AT_FDCWD, path, SUN_AT_REMOVEDIR);
}

static long rename_at(int from_directory, const char *from, int to_directory, const char *to)
{
	char from_buffer[PATH_MAX], to_buffer[PATH_MAX];
	int from_at = directory_to_linux(from_directory), to_at = directory_to_linux(to_directory);
	return removal(syscall_raw(SYS_renameat, from_at, followed(from_at, from, from_buffer), to_at,
				   followed(to_at, to, to_buffer)));
}

GUEST static long guest_rename(const char *from, const char *to)
{
	return rename_at((int)SUN_AT_FDCWD, from, (int)SUN_AT_FDCWD, to);
}

GUEST static long guest_renameat(int from_directory, const char *from, int to_directory, const char *to)
{
	return rename_at(from_directory, from, to_directory, to);
}

/* link(2) follows symbolic links on neither system. */
GUEST static long guest_link(const char *from, const char *to)
{
	return result(syscall_raw(SYS_link, from, to));
}

GUEST static long guest_linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
	static const struct flag known[] = { FLAG(AT_SYMLINK_FOLLOW) };
	return result(syscall_raw(SYS_linkat, directory_to_linux(from_directory), from, directory_to_linux(to_directory), to,
				  flags_to_linux("linkat", known, COUNT(known), (uint32_t)flags)));
}

GUEST static long guest_symlink(const char *target, const char *path)
{
	return result(syscall_raw(SYS_symlink, target, path));
}

GUEST static long guest_symlinkat(const char *target, int directory, const char *path)
{
	return result(syscall_raw(SYS_symlinkat, target, directory_to_linux(directory), path));
}

GUEST static long guest_readlink(const char *path, char *buffer, size_t size)
{
	long answer;
	if (zcons_readlink(path, buffer, size, &answer) || fault_readlink(path, buffer, size, &answer))
		return answer;
	return path_hidden(path) ? fail(SUN_ENOENT) : result(syscall_raw(SYS_readlink, path, buffer, size));
}

GUEST static long guest_readlinkat(int directory, const char *path, char *buffer, size_t size)
{
	if (path_hidden(path))
		return fail(SUN_ENOENT);
	return result(syscall_raw(SYS_readlinkat, directory_to_linux(directory), path, buffer, size));
}

/* R_OK, W_OK, X_OK and F_OK are 4, 2, 1 and 0 on both. */
GUEST static long guest_access(const char *path, int mode)
{
	return path_hidden(path) ? fail(SUN_ENOENT) : result(syscall_raw(SYS_access, path, mode));
}

GUEST static long guest_faccessat(int directory, const char *path, int mode, int flags)
{
	static const struct flag known[] = { FLAG(AT_EACCESS) };
	return result(syscall_raw(SYS_faccessat2, directory_to_linux(directory), path, mode,
				  flags_to_linux("faccessat", known, COUNT(known), (uint32_t)flags)));
}

GUEST static long guest_chmod(const char *path, uint32_t mode)
{
	return result(syscall_raw(SYS_chmod, path, mode));
}

GUEST static long guest_fchmod(int fd, uint32_t mode)
{
	return result(syscall_raw(SYS_fchmod, fd, mode));
}

/* Linux's system call has no flags. Neither system can change the mode of a link. */
GUEST static long guest_fchmodat(int directory, const char *path, uint32_t mode, int flags)
{
	static const struct flag known[] = { FLAG(AT_SYMLINK_NOFOLLOW) };
	int at = directory_to_linux(directory);
	struct stat host;
	if (flags_to_linux("fchmodat", known, COUNT(known), (uint32_t)flags) != 0 &&
	    syscall_raw(SYS_newfstatat, at, path, &host, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(host.st_mode))
		return fail(SUN_EOPNOTSUPP);
	return result(syscall_raw(SYS_fchmodat, at, path, mode));
}

GUEST static long guest_chown(const char *path, uint32_t user, uint32_t group)
{
	return result(syscall_raw(SYS_chown, path, user, group));
}

GUEST static long guest_lchown(const char *path, uint32_t user, uint32_t group)
{
	return result(syscall_raw(SYS_lchown, path, user, group));
}

GUEST static long guest_fchown(int fd, uint32_t user, uint32_t group)
{
	return result(syscall_raw(SYS_fchown, fd, user, group));
}

GUEST static long guest_fchownat(int directory, const char *path, uint32_t user, uint32_t group, int flags)
{
	static const struct flag known[] = { FLAG(AT_SYMLINK_NOFOLLOW) };
	return result(syscall_raw(SYS_fchownat, directory_to_linux(directory), path, user, group,
				  flags_to_linux("fchownat", known, COUNT(known), (uint32_t)flags)));
}

GUEST static long guest_umask(uint32_t mask)
{
	return result(syscall_raw(SYS_umask, mask));
}

GUEST static long guest_chdir(const char *path)
{
	long answer;
	if (zone_chdir(path, &answer))
		return answer;
	return result(syscall_raw(SYS_chdir, path));
}

GUEST static long guest_fchdir(int fd)
{
	return result(syscall_raw(SYS_fchdir, fd));
}

GUEST static long guest_chroot(const char *path)
{
	return result(syscall_raw(SYS_chroot, path));
}

/* The library function returns the buffer, or NULL. */
GUEST static long guest_getcwd(char *buffer, size_t size)
{
	long answer = syscall_raw(SYS_getcwd, buffer, size);
	if (!is_error(answer))
		return (long)buffer;
	result(answer);
	return 0;
}

/*
 * illumos's entry has no type before the name, so each of Linux's entries is shortened by
 * a byte in place. The buffer is accessible: Linux has just written to it.
 */
GUEST static long guest_getdents(int fd, char *buffer, size_t size)
{
	/* getdents64's, which glibc's headers call struct dirent64. */
	enum { NAME = offsetof(struct dirent64, d_name) };
	_Static_assert(offsetof(struct dirent64, d_ino) == offsetof(struct sun_dirent, d_ino), "d_ino");
	_Static_assert(offsetof(struct dirent64, d_off) == offsetof(struct sun_dirent, d_off), "d_off");
	_Static_assert(offsetof(struct dirent64, d_reclen) == offsetof(struct sun_dirent, d_reclen), "d_reclen");
	_Static_assert(NAME > (int)offsetof(struct sun_dirent, d_name), "the entry only shrinks");
	long got = syscall_raw(SYS_getdents64, fd, buffer, size);
	if (is_error(got))
		return result(got);
	for (long at = 0; at < got;) {
		struct sun_dirent *entry = (struct sun_dirent *)(buffer + at);
		const char *name = buffer + at + NAME;
		size_t length = strlen(name);
		memmove(entry->d_name, name, length);
		memset(entry->d_name + length, 0, entry->d_reclen - offsetof(struct sun_dirent, d_name) - length);
		at += entry->d_reclen;
	}
	return got;
}

const struct symbol directory_symbols[] = {
	SYMBOL("libc", mkdir),
	SYMBOL("libc", mkdirat),
	SYMBOL("libc", unlink),
	SYMBOL("libc", unlinkat),
	SYMBOL("libc", rmdir),
	SYMBOL("libc", rename),
	SYMBOL("libc", renameat),
	SYMBOL("libc", link),
	SYMBOL("libc", linkat),
	SYMBOL("libc", symlink),
	SYMBOL("libc", symlinkat),
	SYMBOL("libc", readlink),
	SYMBOL("libc", readlinkat),
	SYMBOL("libc", access),
	SYMBOL("libc", faccessat),
	SYMBOL("libc", chmod),
	SYMBOL("libc", fchmod),
	SYMBOL("libc", fchmodat),
	SYMBOL("libc", chown),
	SYMBOL("libc", lchown),
	SYMBOL("libc", fchown),
	SYMBOL("libc", fchownat),
	SYMBOL("libc", umask),
	SYMBOL("libc", chdir),
	SYMBOL("libc", fchdir),
	SYMBOL("libc", chroot),
	SYMBOL("libc", getcwd),
	SYMBOL("libc", getdents),
	SYMBOLS_END
};
