/* Open files: opening, reading, writing, closing. */
#include <fcntl.h>
#include <string.h>
#include "shim.h"

/* The kernel's O_LARGEFILE, which F_GETFL reports and glibc defines as 0. */
#define KERNEL_O_LARGEFILE 0100000

static const struct flag open_flags[] = {
	{ SUN_O_SYNC, O_SYNC },
	{ SUN_O_DSYNC, O_DSYNC },
	{ SUN_O_RSYNC, O_RSYNC },
	FLAG(O_APPEND), FLAG(O_NONBLOCK), FLAG(O_CREAT), FLAG(O_TRUNC), FLAG(O_EXCL), FLAG(O_NOCTTY),
	FLAG(O_NOFOLLOW), FLAG(O_CLOEXEC), FLAG(O_DIRECTORY),
	{ SUN_O_NDELAY, O_NONBLOCK },
	{ SUN_O_LARGEFILE, 0 },
};

uint32_t open_flags_to_linux(const char *call, int flags)
{
	uint32_t access = (uint32_t)flags & SUN_O_ACCMODE;
	uint32_t rest = flags_to_linux(call, open_flags, COUNT(open_flags), (uint32_t)flags & ~(uint32_t)SUN_O_ACCMODE);
	switch (access) {
	case SUN_O_RDONLY: return rest | O_RDONLY;
	case SUN_O_WRONLY: return rest | O_WRONLY;
	case SUN_O_RDWR: return rest | O_RDWR;
	case SUN_O_SEARCH: return rest | O_PATH;
	}
	unknown(call, "access mode", access);
}

/* The flags that F_GETFL reports: the access mode and the flags of the open file. */
uint32_t status_flags_to_sun(uint32_t flags)
{
	static const struct flag status_flags[] = {
		{ SUN_O_SYNC, O_SYNC }, { SUN_O_DSYNC, O_DSYNC }, FLAG(O_APPEND), FLAG(O_NONBLOCK),
		/* illumos does not report the flags for opening. */
		{ 0, O_DIRECTORY }, { 0, O_NOFOLLOW }, { 0, KERNEL_O_LARGEFILE },
	};
	if ((flags & O_PATH) != 0)
		return SUN_O_SEARCH;
	uint32_t rest = flags_to_sun("fcntl(F_GETFL)", status_flags, COUNT(status_flags), flags & ~(uint32_t)O_ACCMODE);
	return rest | (flags & O_ACCMODE);
}

/*
 * path_hidden returns whether path is a file of Linux's /proc that illumos doesn't have.
 * Such files must not be found, or programs that look for them take this for Linux. fd,
 * cwd and root of a process are the same on both systems.
 */
bool path_hidden(const char *path)
{
	char name[64];
	if (copy_in_string(name, path, sizeof name) == SUN_EFAULT)
		return false;
	name[sizeof name - 1] = '\0';
	if (strncmp(name, "/proc/", 6) != 0)
		return false;
	const char *process = name + 6;
	size_t length = strcspn(process, "/");
	if (length != strspn(process, "0123456789") && strncmp(process, "self", length) != 0)
		return true;
	const char *file = process + length;
	file += strspn(file, "/");
	size_t end = strcspn(file, "/");
	static const char *const same[] = { "fd", "cwd", "root", "" };
	for (size_t i = 0; i < COUNT(same); i++)
		if (strlen(same[i]) == end && strncmp(file, same[i], end) == 0)
			return false;
	return true;
}

static long open_at(const char *call, int directory, const char *path, int flags, uint32_t mode)
{
	long answer;
	if (path_hidden(path))
		return fail(SUN_ENOENT);
	if (contract_open(path, flags, &answer) || mnttab_open(path, &answer) || kstat_open(path, &answer) || zcons_open(path, flags, &answer) ||
	    utmpx_open(path, flags, &answer) || tcp_open(path, flags, &answer) || conslog_open(path, flags, &answer))
		return answer;
	long opened = syscall_raw(SYS_openat, directory_to_linux(directory), path, open_flags_to_linux(call, flags), mode);
	if (opened == -ENXIO && door_open(directory_to_linux(directory), path, flags, &answer))
		return answer;
	return result(opened);
}

GUEST static long guest_open(const char *path, int flags, uint32_t mode)
{
	return open_at("open", (int)SUN_AT_FDCWD, path, flags, mode);
}

GUEST static long guest_openat(int directory, const char *path, int flags, uint32_t mode)
{
	return open_at("openat", directory, path, flags, mode);
}

GUEST static long guest_creat(const char *path, uint32_t mode)
{
	return open_at("creat", (int)SUN_AT_FDCWD, path, SUN_O_WRONLY | SUN_O_CREAT | SUN_O_TRUNC, mode);
}

GUEST static long guest_close(int fd)
{
	ports_closing(fd);
	contract_closing(fd);
	mnttab_closing(fd);
	kstat_closing(fd);
	zcons_closing(fd);
	doors_closing(fd);
	return result(syscall_raw(SYS_close, fd));
}

GUEST static long guest_dup(int fd)
{
	return result(syscall_raw(SYS_dup, fd));
}

GUEST static long guest_dup2(int fd, int onto)
{
	if (fd != onto)
		ports_closing(onto);
	if (fd != onto) {
		contract_closing(onto);
		mnttab_closing(onto);
		kstat_closing(onto);
		zcons_closing(onto);
		doors_closing(onto);
	}
	return result(syscall_raw(SYS_dup2, fd, onto));
}

GUEST static long guest_pipe2(int *ends, int flags)
{
	return result(syscall_raw(SYS_pipe2, ends, open_flags_to_linux("pipe2", flags)));
}

/* Go calls the library function, which stores both ends in memory. */
GUEST static long guest_pipe(int *ends)
{
	return result(syscall_raw(SYS_pipe2, ends, 0));
}

GUEST static long guest_read(int fd, void *buffer, size_t size)
{
	return result(syscall_raw(SYS_read, fd, buffer, size));
}

GUEST static long guest_write(int fd, const void *buffer, size_t size)
{
	return result(syscall_raw(SYS_write, fd, buffer, size));
}

GUEST static long guest_readv(int fd, const void *vector, int count)
{
	return result(syscall_raw(SYS_readv, fd, vector, count));
}

GUEST static long guest_writev(int fd, const void *vector, int count)
{
	return result(syscall_raw(SYS_writev, fd, vector, count));
}

GUEST static long guest_pread(int fd, void *buffer, size_t size, int64_t offset)
{
	return result(syscall_raw(SYS_pread64, fd, buffer, size, offset));
}

GUEST static long guest_pwrite(int fd, const void *buffer, size_t size, int64_t offset)
{
	return result(syscall_raw(SYS_pwrite64, fd, buffer, size, offset));
}

/* Linux has the offset in two arguments; the upper half is unused on 64 bits. */
GUEST static long guest_preadv(int fd, const void *vector, int count, int64_t offset)
{
	return result(syscall_raw(SYS_preadv, fd, vector, count, offset, 0));
}

GUEST static long guest_pwritev(int fd, const void *vector, int count, int64_t offset)
{
	return result(syscall_raw(SYS_pwritev, fd, vector, count, offset, 0));
}

/* SEEK_SET, CUR and END are 0, 1 and 2 on both; 3 and 4 are DATA and HOLE. */
GUEST static long guest_lseek(int fd, int64_t offset, int whence)
{
	return result(syscall_raw(SYS_lseek, fd, offset, whence));
}

GUEST static long guest_sendfile(int to, int from, int64_t *offset, size_t size)
{
	return result(syscall_raw(SYS_sendfile, to, from, offset, size));
}

GUEST static long guest_fsync(int fd)
{
	return result(syscall_raw(SYS_fsync, fd));
}

GUEST static long guest_fdatasync(int fd)
{
	return result(syscall_raw(SYS_fdatasync, fd));
}

GUEST static long guest_sync(void)
{
	return result(syscall_raw(SYS_sync));
}

GUEST static long guest_ftruncate(int fd, int64_t size)
{
	return result(syscall_raw(SYS_ftruncate, fd, size));
}

GUEST static long guest_truncate(const char *path, int64_t size)
{
	return result(syscall_raw(SYS_truncate, path, size));
}

GUEST static long guest_acct(const char *path)
{
	return result(syscall_raw(SYS_acct, path));
}

const struct symbol files_symbols[] = {
	SYMBOL("libc", open),
	SYMBOL("libc", openat),
	SYMBOL("libc", creat),
	SYMBOL("libc", close),
	SYMBOL("libc", dup),
	SYMBOL("libc", dup2),
	SYMBOL("libc", pipe),
	SYMBOL("libc", pipe2),
	SYMBOL("libc", read),
	SYMBOL("libc", write),
	SYMBOL("libc", readv),
	SYMBOL("libc", writev),
	SYMBOL("libc", pread),
	SYMBOL("libc", pwrite),
	SYMBOL("libc", preadv),
	SYMBOL("libc", pwritev),
	SYMBOL("libc", lseek),
	SYMBOL("libsendfile", sendfile),
	SYMBOL("libc", fsync),
	SYMBOL("libc", fdatasync),
	SYMBOL("libc", sync),
	SYMBOL("libc", acct),
	SYMBOL("libc", ftruncate),
	SYMBOL("libc", truncate),
	SYMBOLS_END
};
