/*
 * Doors. On Linux a door is a socket of type SOCK_SEQPACKET with a path in the file
 * system; a message is a request or a reply, with its descriptors. The Linux build of this
 * project does the same, so the two builds can call each other.
 *
 * A guest's door procedure runs on threads that this file creates. As on illumos it never
 * returns: it calls door_return, which sends the reply and continues where the thread
 * waits for the next request.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "shim.h"
#include "zonecall.h"

enum {
	MESSAGE_MAX = 128 << 10,	/* as in the Linux build */
	DESCRIPTORS_MAX = 8,
	STACK_SIZE = 2 << 20,	/* as large as the stack of an illumos server thread */
};

typedef void procedure(void *cookie, char *data, uint64_t size, struct sun_door_desc *descriptors, uint32_t count);

/* A door that this process serves. It is never freed: a thread may still use it. */
struct door {
	struct door *next;
	int fd;			/* the guest's */
	int listener;		/* a duplicate for the thread that accepts */
	procedure *procedure;
	void *cookie;
	uint32_t attributes;
	uint64_t number;
	char path[sizeof ((struct sockaddr_un *)0)->sun_path];
	bool revoked;
	struct connection *connections;
};

struct connection {
	struct connection *next;
	struct door *door;
	int fd;
	sigjmp_buf next_request;
	struct { int32_t pid; uint32_t uid, gid; } peer;
	char *buffer;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the lists */
static struct door *doors;

static struct door *door_of(int fd)
{
	for (struct door *door = doors; door != NULL; door = door->next)
		if (door->fd == fd && !door->revoked)
			return door;
	return NULL;
}

/* A door can still be called by its path, and another file can get the descriptor. */
void doors_closing(int fd)
{
	if (forked || __atomic_load_n(&doors, __ATOMIC_ACQUIRE) == NULL)
		return;
	pthread_mutex_lock(&lock);
	for (struct door *door = doors; door != NULL; door = door->next)
		if (door->fd == fd)
			door->fd = -1;
	pthread_mutex_unlock(&lock);
}

/* A word of the thread's data has the descriptor of its connection. */
static struct connection *serving(void)
{
	return (struct connection *)thread.reserved[0];
}

/* d_data of a descriptor: the descriptor, and an id of eight bytes. */
static int descriptor_of(const struct sun_door_desc *d)
{
	int32_t fd;
	memcpy(&fd, &d->d_data, sizeof fd);
	return fd;
}

static void describe(struct sun_door_desc *d, int fd)
{
	memset(d, 0, sizeof *d);
	d->d_attributes = SUN_DOOR_DESCRIPTOR;
	memcpy(&d->d_data, &(int32_t){ fd }, sizeof(int32_t));
}

/*
 * Sends a message and closes the descriptors with DOOR_RELEASE. Returns 0 or an illumos
 * errno.
 */
static int send_message(int fd, const void *data, uint64_t size, const struct sun_door_desc *descriptors, uint32_t count)
{
	union { struct cmsghdr header; char room[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))]; } control;
	struct iovec io = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1 };
	int fds[DESCRIPTORS_MAX];
	if (size > MESSAGE_MAX || count > DESCRIPTORS_MAX)
		return SUN_E2BIG;
	for (uint32_t i = 0; i < count; i++) {
		if ((descriptors[i].d_attributes & ~(uint32_t)SUN_DOOR_RELEASE) != SUN_DOOR_DESCRIPTOR)
			unknown("door", "descriptor with attributes", descriptors[i].d_attributes);
		fds[i] = descriptor_of(&descriptors[i]);
	}
	if (count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	long answer;
	do {
		answer = syscall_raw(SYS_sendmsg, fd, &message, MSG_NOSIGNAL);
	} while (answer == -EINTR);
	for (uint32_t i = 0; i < count; i++)
		if ((descriptors[i].d_attributes & SUN_DOOR_RELEASE) != 0)
			syscall_raw(SYS_close, fds[i]);
	if (answer == -EPIPE || answer == -ECONNRESET || answer == -ENOTCONN)
		return SUN_EBADF;
	return is_error(answer) ? errno_to_sun((int)-answer) : 0;
}

/* Receives a message. *size is also 0 if the peer has closed the connection. */
static int receive_message(int fd, void *buffer, uint64_t room, uint64_t *size, struct sun_door_desc *descriptors, uint32_t *count)
{
	union { struct cmsghdr header; char room[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))]; } control;
	struct iovec io = { .iov_base = buffer, .iov_len = room };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	long answer;
	do {
		answer = syscall_raw(SYS_recvmsg, fd, &message, MSG_CMSG_CLOEXEC);
	} while (answer == -EINTR);
	if (is_error(answer))
		return answer == -ECONNRESET ? SUN_EINTR : errno_to_sun((int)-answer);
	*size = (uint64_t)answer;
	*count = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		int fds[DESCRIPTORS_MAX];
		uint32_t n = (uint32_t)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
		for (uint32_t i = 0; i < n; i++) {
			/* illumos passes descriptors without the flag. */
			syscall_raw(SYS_fcntl, fds[i], F_SETFD, 0);
			describe(&descriptors[(*count)++], fds[i]);
		}
	}
	return (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ? SUN_E2BIG : 0;
}

/*
 * The guest opens path, a socket, which Linux can't open. A socket that no process serves is
 * opened as a file that isn't a door.
 */
bool door_open(int directory, const char *path, int sun_flags, long *answer)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct stat status;
	if (syscall_raw(SYS_newfstatat, directory, path, &status, 0) != 0 || !S_ISSOCK(status.st_mode))
		return false;
	int cloexec = (sun_flags & SUN_O_CLOEXEC) != 0 ? SOCK_CLOEXEC : 0;
	long place = syscall_raw(SYS_openat, directory, path, O_PATH | O_CLOEXEC, 0);
	if (is_error(place)) {
		*answer = result(place);
		return true;
	}
	snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%ld", place);
	long fd = syscall_raw(SYS_socket, AF_UNIX, SOCK_SEQPACKET | cloexec, 0);
	if (!is_error(fd)) {
		long connected;
		do {
			connected = syscall_raw(SYS_connect, fd, &name, sizeof name);
		} while (connected == -EINTR);
		if (is_error(connected)) {
			syscall_raw(SYS_close, fd);
			fd = connected == -ECONNREFUSED ? syscall_raw(SYS_openat, directory, "/dev/null", O_RDWR | (cloexec ? O_CLOEXEC : 0), 0) : connected;
		}
	}
	syscall_raw(SYS_close, place);
	*answer = result(fd);
	return true;
}

/* is_door returns whether fd is a door that was opened. */
static bool is_door(int fd)
{
	int type = 0, domain = 0, size = sizeof(int);
	return syscall_raw(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET &&
	    syscall_raw(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

GUEST static long guest_door_info(int fd, struct sun_door_info *to)
{
	struct sun_door_info info;
	memset(&info, 0, sizeof info);
	pthread_mutex_lock(&lock);
	struct door *door = door_of(fd);
	pthread_mutex_unlock(&lock);
	if (door != NULL) {
		info.di_target = (int32_t)syscall_raw(SYS_getpid);
		info.di_attributes = door->attributes | SUN_DOOR_LOCAL;
		memcpy(&info.di_proc, &door->procedure, sizeof info.di_proc);
		memcpy(&info.di_data, &door->cookie, sizeof info.di_data);
		memcpy(&info.di_uniquifier, &door->number, sizeof info.di_uniquifier);
	} else {
		struct { int32_t pid; uint32_t uid, gid; } peer;
		struct pollfd end = { .fd = fd };
		struct stat status;
		int size = sizeof peer;
		if (!is_door(fd))
			return fail(SUN_EBADF);
		if (syscall_raw(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
			info.di_target = peer.pid;
		if (syscall_raw(SYS_poll, &end, 1, 0) == 1 && (end.revents & POLLHUP) != 0) {
			info.di_attributes |= SUN_DOOR_REVOKED;
			info.di_target = -1;
		}
		if (syscall_raw(SYS_fstat, fd, &status) == 0)
			memcpy(&info.di_uniquifier, &status.st_ino, sizeof info.di_uniquifier);
	}
	int error = copy_out(to, &info, sizeof info);
	return error != 0 ? fail(error) : 0;
}

/* One call at a time on a connection, so that the next reply is the caller's. */
static pthread_mutex_t calls[64];
__attribute__((constructor)) static void calls_start(void)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		pthread_mutex_init(&calls[i], NULL);
}

GUEST static long guest_door_call(int fd, struct sun_door_arg *params)
{
	struct sun_door_arg arg;
	struct sun_door_desc in[DESCRIPTORS_MAX], out[DESCRIPTORS_MAX];
	uint64_t size = 0;
	uint32_t count = 0;
	int error = copy_in(&arg, params, sizeof arg);
	if (error == 0 && arg.desc_num > DESCRIPTORS_MAX)
		error = SUN_ENFILE;
	if (error == 0 && arg.desc_num > 0)
		error = copy_in(in, (void *)arg.desc_ptr, arg.desc_num * sizeof in[0]);
	if (error == 0 && !is_door(fd))
		error = SUN_EBADF;
	if (error != 0)
		return fail(error);
	char *reply = malloc(MESSAGE_MAX);
	if (reply == NULL)
		return fail(SUN_ENOMEM);
	pthread_mutex_t *one = &calls[(unsigned)fd % COUNT(calls)];
	pthread_mutex_lock(one);
	error = send_message(fd, (void *)arg.data_ptr, arg.data_size, in, arg.desc_num);
	if (error == 0)
		error = receive_message(fd, reply, MESSAGE_MAX, &size, out, &count);
	pthread_mutex_unlock(one);
	if (error == 0) {
		/* Descriptors follow the data, aligned to eight bytes. */
		uint64_t at = (size + 7) & ~7UL, need = at + count * sizeof out[0];
		if (need > arg.rsize) {
			uint64_t room = (need + 4095) & ~4095UL;
			long mapped = syscall_raw(SYS_mmap, 0, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (is_error(mapped)) {
				error = errno_to_sun((int)-mapped);
			} else {
				arg.rbuf = (void *)mapped;
				arg.rsize = room;
			}
		}
		if (error == 0) {
			arg.data_ptr = arg.rbuf;
			arg.data_size = size;
			arg.desc_ptr = (void *)((char *)arg.rbuf + at);
			arg.desc_num = count;
			error = copy_out((void *)arg.rbuf, reply, size);
			if (error == 0 && count > 0)
				error = copy_out((void *)arg.desc_ptr, out, count * sizeof out[0]);
			if (error == 0)
				error = copy_out(params, &arg, sizeof arg);
		}
	}
	free(reply);
	return error != 0 ? fail(error) : 0;
}

static void forget(struct connection *connection)
{
	pthread_mutex_lock(&lock);
	struct connection **at = &connection->door->connections;
	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	pthread_mutex_unlock(&lock);
	syscall_raw(SYS_close, connection->fd);
	free(connection->buffer);
	free(connection);
}

/* illumos passes the request to the procedure on the thread's stack. */
static void *serve(void *argument)
{
	struct connection *volatile connection = argument;
	struct sun_door_desc descriptors[DESCRIPTORS_MAX];
	uint64_t size;
	uint32_t count;
	thread.id = (int32_t)syscall_raw(SYS_gettid);
	thread.reserved[0] = (uint64_t)connection;
	sigsetjmp(connection->next_request, 0);
	if (receive_message(connection->fd, connection->buffer, MESSAGE_MAX, &size, descriptors, &count) != 0 || size == 0) {
		forget(connection);
		return NULL;
	}
	if (count > 0 && (connection->door->attributes & SUN_DOOR_REFUSE_DESC) != 0)
		unknown("door", "descriptors for a door that refuses them, number", count);
	connection->door->procedure(connection->door->cookie, connection->buffer, size, count > 0 ? descriptors : NULL, count);
	fatal("a door's procedure returned");
}

GUEST static long guest_door_return(const char *data, uint64_t size, const struct sun_door_desc *descriptors, uint32_t count)
{
	struct connection *connection = serving();
	if (connection == NULL)
		unknown("door_return", "by a thread that serves nobody", 0);
	int error = send_message(connection->fd, data, size, descriptors, count);
	if (error == SUN_E2BIG || error == SUN_EFAULT || error == SUN_EINVAL)
		return fail(error);
	/* The server doesn't learn whether the caller is still there. */
	siglongjmp(connection->next_request, 1);
}

GUEST static long guest_door_ucred(struct sun_ucred **to)
{
	struct connection *connection = serving();
	if (connection == NULL)
		return fail(SUN_EINVAL);
	/* Calls of the kernel itself are made by its process 0. */
	int pid = connection->peer.pid == kernel_pid() ? 0 : connection->peer.pid;
	return ucred_give(pid, connection->peer.uid, connection->peer.gid, to);
}

/* A server thread. It blocks all signals, as the guest did when it created the door. */
static bool start_thread(void *(*function)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t made;
	sigset_t all, old;
	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int error = pthread_create(&made, &attributes, function, argument);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	return error == 0;
}

static void *accept_callers(void *argument)
{
	struct door *door = argument;
	thread.id = (int32_t)syscall_raw(SYS_gettid);
	for (;;) {
		long fd = syscall_raw(SYS_accept4, door->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd == -EINTR || fd == -ECONNABORTED)
			continue;
		if (is_error(fd)) { /* revoked */
			syscall_raw(SYS_close, door->listener);
			return NULL;
		}
		struct connection *connection = calloc(1, sizeof *connection);
		int size = sizeof connection->peer;
		if (connection == NULL || (connection->buffer = malloc(MESSAGE_MAX)) == NULL)
			fatal("no memory for a door's caller");
		connection->door = door;
		connection->fd = private_fd((int)fd);
		syscall_raw(SYS_getsockopt, connection->fd, SOL_SOCKET, SO_PEERCRED, &connection->peer, &size);
		pthread_mutex_lock(&lock);
		bool revoked = door->revoked;
		connection->next = door->connections;
		door->connections = connection;
		pthread_mutex_unlock(&lock);
		if (revoked || !start_thread(serve, connection))
			forget(connection);
	}
}

GUEST static long guest_door_create(procedure *procedure, void *cookie, uint32_t attributes)
{
	static uint64_t numbers;
	if ((attributes & ~(uint32_t)(SUN_DOOR_NO_CANCEL | SUN_DOOR_REFUSE_DESC)) != 0)
		unknown("door_create", "attributes", attributes);
	/* illumos's descriptor is close-on-exec. */
	long fd = syscall_raw(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (is_error(fd))
		return result(fd);
	struct door *door = calloc(1, sizeof *door);
	if (door == NULL) {
		syscall_raw(SYS_close, fd);
		return fail(SUN_ENOMEM);
	}
	door->fd = (int)fd;
	door->procedure = procedure;
	door->cookie = cookie;
	door->attributes = attributes;
	pthread_mutex_lock(&lock);
	door->number = ++numbers;
	door->next = doors;
	doors = door;
	pthread_mutex_unlock(&lock);
	return fd;
}

/* The socket replaces the file; illumos mounts the door on it. */
GUEST static long guest_fattach(int fd, const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct stat status;
	pthread_mutex_lock(&lock);
	struct door *door = door_of(fd);
	pthread_mutex_unlock(&lock);
	if (door == NULL)
		unknown("fattach", "of a file that is not a door, descriptor", (unsigned long)fd);
	if (door->path[0] != '\0')
		unknown("fattach", "of a door twice, descriptor", (unsigned long)fd);
	long answer = syscall_raw(SYS_newfstatat, AT_FDCWD, path, &status, 0);
	if (is_error(answer))
		return result(answer);
	/* Bound to a short name in the same directory, since socket names are short, and renamed. */
	char parent[4096];
	const char *slash = strrchr(path, '/');
	int error = copy_in_string(parent, path, sizeof parent);
	if (error != 0)
		return fail(error);
	parent[slash == NULL ? 0 : slash - path + 1] = '\0';
	long place = syscall_raw(SYS_openat, AT_FDCWD, parent[0] == '\0' ? "." : parent, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (is_error(place))
		return result(place);
	char temporary[64];
	snprintf(temporary, sizeof temporary, ".door.%ld.%d", syscall_raw(SYS_getpid), fd);
	snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%ld/%s", place, temporary);
	answer = syscall_raw(SYS_bind, fd, &name, sizeof name);
	if (!is_error(answer))
		answer = syscall_raw(SYS_listen, fd, 128);
	if (!is_error(answer))
		answer = syscall_raw(SYS_fchmodat, place, temporary, status.st_mode & 07777);
	if (!is_error(answer))
		answer = syscall_raw(SYS_renameat, place, temporary, AT_FDCWD, path);
	if (is_error(answer))
		syscall_raw(SYS_unlinkat, place, temporary, 0);
	syscall_raw(SYS_close, place);
	if (is_error(answer))
		return result(answer);
	snprintf(door->path, sizeof door->path, "%s", path);
	answer = syscall_raw(SYS_dup, fd);
	if (is_error(answer))
		return result(answer);
	door->listener = private_fd((int)answer);
	if (!start_thread(accept_callers, door))
		return fail(SUN_EAGAIN);
	return 0;
}

/* The file is empty now; its contents are lost. */
GUEST static long guest_fdetach(const char *path)
{
	struct stat status;
	long answer = syscall_raw(SYS_newfstatat, AT_FDCWD, path, &status, 0);
	if (is_error(answer))
		return result(answer);
	if (!S_ISSOCK(status.st_mode))
		return fail(SUN_EINVAL);
	answer = syscall_raw(SYS_unlinkat, AT_FDCWD, path, 0);
	if (is_error(answer))
		return result(answer);
	long fd = syscall_raw(SYS_openat, AT_FDCWD, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, status.st_mode & 07777);
	if (is_error(fd))
		return result(fd);
	syscall_raw(SYS_close, fd);
	return 0;
}

/*
 * Refuses new connections. Calls that are being served get their reply: only the reading
 * side of the connections is shut down, so that their threads exit at the next request.
 */
GUEST static long guest_door_revoke(int fd)
{
	pthread_mutex_lock(&lock);
	struct door *door = door_of(fd);
	if (door != NULL) {
		door->revoked = true;
		syscall_raw(SYS_shutdown, door->fd, SHUT_RDWR);
		for (struct connection *c = door->connections; c != NULL; c = c->next)
			syscall_raw(SYS_shutdown, c->fd, SHUT_RD);
	}
	pthread_mutex_unlock(&lock);
	if (door == NULL)
		return fail(is_door(fd) ? SUN_EPERM : SUN_EBADF);
	return 0;
}

GUEST static long guest_door_getparam(int fd, int param, uint64_t *to)
{
	uint64_t value;
	if (!is_door(fd))
		return fail(SUN_EBADF);
	switch (param) {
	case SUN_DOOR_PARAM_DATA_MAX: value = MESSAGE_MAX; break;
	case SUN_DOOR_PARAM_DATA_MIN: value = 0; break;
	case SUN_DOOR_PARAM_DESC_MAX: value = DESCRIPTORS_MAX; break;
	default: return fail(SUN_EINVAL);
	}
	int error = copy_out(to, &value, sizeof value);
	return error != 0 ? fail(error) : 0;
}

const struct symbol doors_symbols[] = {
	SYMBOL("libc", door_call), SYMBOL("libc", door_info), SYMBOL("libc", door_create), SYMBOL("libc", door_revoke),
	SYMBOL("libc", door_return), SYMBOL("libc", door_ucred), SYMBOL("libc", door_getparam),
	SYMBOL("libc", fattach), SYMBOL("libc", fdetach),
	SYMBOLS_END
};
