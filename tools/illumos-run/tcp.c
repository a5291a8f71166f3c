/*
 * The device /dev/tcp, for the message that ends the connections of a zone. Read from illumos's
 * uts/common/inet/tcp/tcp_misc.c (tcp_ioctl_abort_conn). No connection of Linux is in a zone, so
 * none is found (ENOENT); what was asked for is a line in a file of the kernel process's
 * directory, where tests find it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "shim.h"
#include "abi_net.h"
#include "kernel_numbers.h"
#include "zonecall.h"

static const char device[] = "/dev/tcp", mark[] = "/memfd:illumos-tcp (deleted)";

/* tcp_ioc_abort_conn_t, which is packed */
struct abort_conn {
	struct { uint16_t family; char room[SUN_SIZEOF_sockaddr_storage - 2]; } local, remote;
	int32_t start, end, zone;
};
_Static_assert(sizeof(struct abort_conn) == 524, "size of tcp_ioc_abort_conn_t");

bool tcp_open(const char *guest, int flags, long *answer)
{
	char path[sizeof device + 1];
	if (copy_in_string(path, guest, sizeof path) != 0 || strcmp(path, device) != 0)
		return false;
	*answer = result(syscall_raw(SYS_memfd_create, "illumos-tcp", (flags & SUN_O_CLOEXEC) != 0 ? MFD_CLOEXEC : 0));
	return true;
}

static bool is_tcp(int fd)
{
	char link[32], name[sizeof mark] = "";
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return syscall_raw(SYS_readlink, link, name, sizeof mark) == (long)sizeof mark - 1 && memcmp(name, mark, sizeof mark - 1) == 0;
}

static void record(const struct abort_conn *asked)
{
	char path[SUN_MAXPATHLEN + 16], line[64];
	kernel_directory(path, SUN_MAXPATHLEN);
	strcat(path, "/tcp.aborted");
	long fd = syscall_raw(SYS_open, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (is_error(fd))
		return;
	int size = snprintf(line, sizeof line, "%d inet%s %d-%d\n", asked->zone, asked->local.family == SUN_AF_INET ? "" : "6", asked->start, asked->end);
	syscall_raw(SYS_write, fd, line, size);
	syscall_raw(SYS_close, fd);
}

bool tcp_message(int fd, const struct sun_strioctl *guest, long *answer)
{
	enum { ABORT_CONN = ('T' << 8) + 91, SYN_SENT = -2, TIME_WAIT = 6 };
	struct sun_strioctl message;
	struct abort_conn asked;
	if (!is_tcp(fd))
		return false;
	if (copy_in(&message, guest, sizeof message) != 0) {
		*answer = fail(SUN_EFAULT);
		return true;
	}
	if (message.ic_cmd != ABORT_CONN)
		unknown("ioctl(I_STR)", "message to /dev/tcp", (unsigned)message.ic_cmd);
	if (message.ic_timout < -1)
		*answer = fail(SUN_EINVAL);
	else if (copy_in(&asked, message.ic_dp, message.ic_len == (int)sizeof asked ? sizeof asked : 0) != 0)
		*answer = fail(SUN_EFAULT);
	else if (message.ic_len != (int)sizeof asked)
		*answer = fail(SUN_EINVAL);
	else if (!has_privilege(KERNEL_PRIV_SYS_IP_CONFIG))
		*answer = fail(SUN_EPERM);
	else if (asked.start < SYN_SENT || asked.end > TIME_WAIT || asked.start > asked.end || asked.local.family != asked.remote.family ||
		 (asked.local.family != SUN_AF_INET && asked.local.family != SUN_AF_INET6))
		*answer = fail(SUN_EINVAL);
	else {
		record(&asked);
		*answer = fail(SUN_ENOENT);
	}
	return true;
}
