/*
 * Credentials of this process, of other processes, and of peers of sockets.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "shim.h"
#include "zonecall.h"

/* Opaque to the guest. Linux has only the effective ids of a socket's peer. */
struct sun_ucred {
	int pid;
	uint32_t euid, ruid, suid;
	uint32_t egid, rgid, sgid;
	int zone;
	uint32_t effective[3];	/* privileges */
};

/* Fills in a guest's ucred, which is allocated if it is NULL. */
static long give(const struct sun_ucred *ucred, struct sun_ucred **guest)
{
	struct sun_ucred *room;
	if (copy_in(&room, guest, sizeof room) != 0)
		return fail(SUN_EFAULT);
	if (room == NULL) {
		room = malloc(sizeof *room);
		if (room == NULL)
			return fail(SUN_ENOMEM);
		if (copy_out(guest, &room, sizeof room) != 0) {
			free(room);
			return fail(SUN_EFAULT);
		}
	}
	return copy_out(room, ucred, sizeof *ucred) != 0 ? fail(SUN_EFAULT) : 0;
}

long ucred_give(int pid, uint32_t uid, uint32_t gid, struct sun_ucred **guest)
{
	struct sun_ucred ucred = {
		.pid = pid, .euid = uid, .ruid = uid, .suid = uid,
		.egid = gid, .rgid = gid, .sgid = gid, .zone = zone_of(pid),
	};
	privileges_of(pid, uid, ucred.effective);
	return give(&ucred, guest);
}

GUEST static long guest_getpeerucred(int fd, struct sun_ucred **guest)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	long answer = syscall_raw(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	if (is_error(answer))
		return result(answer);
	/* Linux has the peers of local sockets only. */
	if (peer.pid == 0)
		return fail(SUN_ENOTSUP);
	return ucred_give(peer.pid, peer.uid, peer.gid, guest);
}

static long own(struct sun_ucred *ucred)
{
	ucred->pid = (int)syscall_raw(SYS_getpid);
	syscall_raw(SYS_getresgid, &ucred->rgid, &ucred->egid, &ucred->sgid);
	return syscall_raw(SYS_getresuid, &ucred->ruid, &ucred->euid, &ucred->suid);
}

/* The credentials of another process are read from /proc. */
static long other(int pid, struct sun_ucred *ucred)
{
	char text[4096];
	snprintf(text, sizeof text, "/proc/%d/status", pid);
	long fd = syscall_raw(SYS_open, text, O_RDONLY | O_CLOEXEC);
	if (is_error(fd))
		return fd == -ENOENT ? -ESRCH : fd;
	long size = syscall_raw(SYS_read, fd, text, sizeof text - 1);
	syscall_raw(SYS_close, fd);
	if (size < 0)
		return size;
	text[size] = '\0';
	const char *uids = strstr(text, "\nUid:"), *gids = strstr(text, "\nGid:");
	ucred->pid = pid;
	if (uids == NULL || sscanf(uids, "\nUid: %u %u %u", &ucred->ruid, &ucred->euid, &ucred->suid) != 3 ||
	    gids == NULL || sscanf(gids, "\nGid: %u %u %u", &ucred->rgid, &ucred->egid, &ucred->sgid) != 3)
		return -EACCES;
	return 0;
}

GUEST static long guest_ucred_get(int pid)
{
	enum { MYSELF = -1 };	/* P_MYID */
	struct sun_ucred ucred = { .pid = 0 }, *made = NULL;
	long answer = pid == MYSELF || pid == syscall_raw(SYS_getpid) ? own(&ucred) : other(pid, &ucred);
	if (is_error(answer)) {
		result(answer);
		return 0;
	}
	ucred.zone = zone_of(ucred.pid);
	privileges_of(ucred.pid, ucred.euid, ucred.effective);
	return give(&ucred, &made) == 0 ? (long)made : 0;
}

GUEST static long guest_ucred_free(struct sun_ucred *ucred)
{
	free(ucred);
	return 0;
}

GUEST static long guest_ucred_size(void)
{
	return sizeof(struct sun_ucred);
}

#define FIELD(name, field) \
	GUEST static long guest_ucred_get##name(const struct sun_ucred *ucred) { return (long)(int)ucred->field; }
FIELD(pid, pid)
FIELD(euid, euid)
FIELD(ruid, ruid)
FIELD(suid, suid)
FIELD(egid, egid)
FIELD(rgid, rgid)
FIELD(sgid, sgid)
FIELD(zoneid, zone)

/* The address of a set in the ucred_t. Only the effective one is known. */
GUEST static long guest_ucred_getprivset(const struct sun_ucred *ucred, const char *guest_name)
{
	char name[16];
	int error = copy_in_string(name, guest_name, sizeof name);
	if (error == 0 && strcmp(name, "Effective") != 0)
		unknown("ucred_getprivset", "set, of letters", (unsigned long)strlen(name));
	if (error != 0) {
		fail(SUN_EINVAL);
		return 0;
	}
	return (long)ucred->effective;
}

GUEST static long guest_getzoneid(void)
{
	return zone_of((int)syscall_raw(SYS_getpid));
}

const struct symbol ucred_symbols[] = {
	SYMBOL("libc", getzoneid),
	SYMBOL("libc", getpeerucred),
	SYMBOL("libc", ucred_get),
	SYMBOL("libc", ucred_free),
	SYMBOL("libc", ucred_size),
	SYMBOL("libc", ucred_getpid),
	SYMBOL("libc", ucred_geteuid),
	SYMBOL("libc", ucred_getruid),
	SYMBOL("libc", ucred_getsuid),
	SYMBOL("libc", ucred_getegid),
	SYMBOL("libc", ucred_getrgid),
	SYMBOL("libc", ucred_getsgid),
	SYMBOL("libc", ucred_getzoneid),
	SYMBOL("libc", ucred_getprivset),
	SYMBOLS_END
};
