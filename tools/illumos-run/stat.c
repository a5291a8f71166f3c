/* stat, statvfs and times of files. */
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include "shim.h"

/* illumos's dev_t has the major number in its upper half. */
static uint64_t device_to_sun(uint64_t device)
{
	return (uint64_t)major(device) << 32 | minor(device);
}

static uint64_t device_to_linux(uint64_t device)
{
	return makedev((unsigned)(device >> 32), (unsigned)device);
}

GUEST static long guest___makedev(int version, uint32_t major_number, uint32_t minor_number)
{
	(void)version;
	return (long)((uint64_t)major_number << 32 | minor_number);
}

GUEST static long guest___major(int version, uint64_t device)
{
	(void)version;
	return (long)(device >> 32);
}

GUEST static long guest___minor(int version, uint64_t device)
{
	(void)version;
	return (long)(uint32_t)device;
}

static long stat_out(long answer, const struct stat *host, struct sun_stat *guest)
{
	if (is_error(answer))
		return result(answer);
	struct sun_stat sun;
	memset(&sun, 0, sizeof sun);
	sun.st_dev = device_to_sun(host->st_dev);
	sun.st_ino = host->st_ino;
	sun.st_mode = host->st_mode;
	sun.st_nlink = (uint32_t)host->st_nlink;
	sun.st_uid = host->st_uid;
	sun.st_gid = host->st_gid;
	sun.st_rdev = device_to_sun(host->st_rdev);
	sun.st_size = host->st_size;
	sun.st_atim = (struct sun_timespec){ host->st_atim.tv_sec, host->st_atim.tv_nsec };
	sun.st_mtim = (struct sun_timespec){ host->st_mtim.tv_sec, host->st_mtim.tv_nsec };
	sun.st_ctim = (struct sun_timespec){ host->st_ctim.tv_sec, host->st_ctim.tv_nsec };
	sun.st_blksize = (int32_t)host->st_blksize;
	sun.st_blocks = host->st_blocks;
	/* Always zfs, to save a second system call. */
	strcpy(sun.st_fstype, "zfs");
	return copy_out(guest, &sun, sizeof sun) != 0 ? fail(SUN_EFAULT) : 0;
}

static long stat_at(int directory, const char *path, struct sun_stat *guest, int linux_flags)
{
	struct stat host;
	if (path_hidden(path))
		return fail(SUN_ENOENT);
	return stat_out(syscall_raw(SYS_newfstatat, directory, path, &host, linux_flags), &host, guest);
}

GUEST static long guest_stat(const char *path, struct sun_stat *status)
{
	return stat_at(AT_FDCWD, path, status, 0);
}

GUEST static long guest_lstat(const char *path, struct sun_stat *status)
{
	return stat_at(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

GUEST static long guest_fstat(int fd, struct sun_stat *status)
{
	struct stat host;
	return stat_out(syscall_raw(SYS_fstat, fd, &host), &host, status);
}

GUEST static long guest_fstatat(int directory, const char *path, struct sun_stat *status, int flags)
{
	static const struct flag known[] = { FLAG(AT_SYMLINK_NOFOLLOW) };
	/* Without a name the descriptor itself is meant. */
	if (path == NULL)
		return guest_fstat(directory, status);
	return stat_at(directory_to_linux(directory), path, status, (int)flags_to_linux("fstatat", known, COUNT(known), (uint32_t)flags));
}

GUEST static long guest_mknod(const char *path, uint32_t mode, uint64_t device)
{
	return result(syscall_raw(SYS_mknod, path, mode, device_to_linux(device)));
}

GUEST static long guest_mknodat(int directory, const char *path, uint32_t mode, uint64_t device)
{
	return result(syscall_raw(SYS_mknodat, directory_to_linux(directory), path, mode, device_to_linux(device)));
}

GUEST static long guest_mkfifo(const char *path, uint32_t mode)
{
	return result(syscall_raw(SYS_mknod, path, (mode & 07777) | S_IFIFO, 0));
}

GUEST static long guest_mkfifoat(int directory, const char *path, uint32_t mode)
{
	return result(syscall_raw(SYS_mknodat, directory_to_linux(directory), path, (mode & 07777) | S_IFIFO, 0));
}

static struct timespec time_to_linux(struct sun_timespec time)
{
	if (time.tv_nsec == SUN_UTIME_NOW)
		return (struct timespec){ 0, UTIME_NOW };
	if (time.tv_nsec == SUN_UTIME_OMIT)
		return (struct timespec){ 0, UTIME_OMIT };
	return (struct timespec){ time.tv_sec, time.tv_nsec };
}

GUEST static long guest_utimensat(int directory, const char *path, const struct sun_timespec *times, int flags)
{
	static const struct flag known[] = { FLAG(AT_SYMLINK_NOFOLLOW) };
	struct sun_timespec sun[2];
	struct timespec host[2];
	if (times != NULL) {
		if (copy_in(sun, times, sizeof sun) != 0)
			return fail(SUN_EFAULT);
		host[0] = time_to_linux(sun[0]);
		host[1] = time_to_linux(sun[1]);
	}
	return result(syscall_raw(SYS_utimensat, directory_to_linux(directory), path, times != NULL ? host : NULL,
				  flags_to_linux("utimensat", known, COUNT(known), (uint32_t)flags)));
}

/* struct timeval and struct utimbuf are the same on both. */
GUEST static long guest_utimes(const char *path, const void *times)
{
	return result(syscall_raw(SYS_utimes, path, times));
}

GUEST static long guest_futimesat(int directory, const char *path, const void *times)
{
	return result(syscall_raw(SYS_futimesat, directory_to_linux(directory), path, times));
}

GUEST static long guest_utime(const char *path, const void *times)
{
	return result(syscall_raw(SYS_utime, path, times));
}

static const char *file_system_name(long magic)
{
	switch (magic) {
	case TMPFS_MAGIC: return "tmpfs";
	case PROC_SUPER_MAGIC: return "proc";
	case NFS_SUPER_MAGIC: return "nfs";
	case 0x2fc12fc1: return "zfs";
	}
	/* A local disk. */
	return "ufs";
}

static long statvfs_out(long answer, const struct statfs *host, struct sun_statvfs *guest)
{
	/* ST_RDONLY and ST_NOSUID, of illumos's <sys/statvfs.h>, are 1 and 2 as on Linux. */
	enum { READ_ONLY = 1, NO_SUID = 2 };
	if (is_error(answer))
		return result(answer);
	struct sun_statvfs sun;
	memset(&sun, 0, sizeof sun);
	sun.f_bsize = (uint64_t)host->f_bsize;
	sun.f_frsize = (uint64_t)(host->f_frsize != 0 ? host->f_frsize : host->f_bsize);
	sun.f_blocks = host->f_blocks;
	sun.f_bfree = host->f_bfree;
	sun.f_bavail = host->f_bavail;
	sun.f_files = host->f_files;
	sun.f_ffree = sun.f_favail = host->f_ffree;
	memcpy(&sun.f_fsid, &host->f_fsid, sizeof sun.f_fsid);
	strcpy(sun.f_basetype, file_system_name(host->f_type));
	sun.f_flag = (uint64_t)host->f_flags & (READ_ONLY | NO_SUID);
	sun.f_namemax = (uint64_t)host->f_namelen;
	return copy_out(guest, &sun, sizeof sun) != 0 ? fail(SUN_EFAULT) : 0;
}

GUEST static long guest_statvfs(const char *path, struct sun_statvfs *status)
{
	struct statfs host;
	return statvfs_out(syscall_raw(SYS_statfs, path, &host), &host, status);
}

GUEST static long guest_fstatvfs(int fd, struct sun_statvfs *status)
{
	struct statfs host;
	return statvfs_out(syscall_raw(SYS_fstatfs, fd, &host), &host, status);
}

const struct symbol stat_symbols[] = {
	SYMBOL("libc", __makedev),
	SYMBOL("libc", __major),
	SYMBOL("libc", __minor),
	SYMBOL("libc", stat),
	SYMBOL("libc", lstat),
	SYMBOL("libc", fstat),
	SYMBOL("libc", fstatat),
	SYMBOL("libc", mknod),
	SYMBOL("libc", mknodat),
	SYMBOL("libc", mkfifo),
	SYMBOL("libc", mkfifoat),
	SYMBOL("libc", utimensat),
	SYMBOL("libc", utimes),
	SYMBOL("libc", futimesat),
	SYMBOL("libc", utime),
	SYMBOL("libc", statvfs),
	SYMBOL("libc", fstatvfs),
	SYMBOLS_END
};
