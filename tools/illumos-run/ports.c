/*
 * Event ports.
 *
 * A port has an epoll instance. Descriptors associated with the port are in it for one
 * event (EPOLLONESHOT), as event ports have it, and so is an inotify instance that watches
 * files. Other events (those that are already there, are sent by the guest, or were moved
 * there to be counted) are in a queue. An eventfd is readable while there is an event in the
 * queue or an alert, or when the port is closed. The guest's descriptor is a second epoll
 * instance with the first and the eventfd in it, so that the port can be polled.
 *
 * A call waits with ppoll, which doesn't consume events, and then takes them with the lock
 * held, so that no thread can have an event whose association another one has removed. A
 * call that waits for several events leaves them in the queue until there are enough, so
 * that a signal loses none; it is woken by an eventfd of its own.
 *
 * One lock guards everything here. No system call that can block is made while it is held.
 * The child of a fork uses none of this: it has one thread, and the lock may be held by
 * another.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include "shim.h"
#include "abi_net.h"

/* Not glibc's lock, which doesn't work in a forked child. */
static _Atomic uint32_t lock_word;	/* 0: free, 1: held, 2: held, and a thread waits */

static void lock(void)
{
	uint32_t was = 0;
	if (atomic_compare_exchange_strong(&lock_word, &was, 1))
		return;
	while (atomic_exchange(&lock_word, 2) != 0)
		syscall_raw(SYS_futex, &lock_word, FUTEX_WAIT_PRIVATE, 2, NULL);
}

static void unlock(void)
{
	if (atomic_exchange(&lock_word, 0) == 2)
		syscall_raw(SYS_futex, &lock_word, FUTEX_WAKE_PRIVATE, 1);
}

struct event {
	struct event *next;
	struct sun_port_event what;
};

/*
 * A descriptor in a port. Once its event was returned it is no longer associated, but it
 * stays in the epoll instance, since Go associates it again soon.
 */
struct association {
	struct association *next;	/* of the same descriptor, in other ports */
	struct port *port;
	int fd;
	uint32_t generation;	/* an event of epoll is of the latest association */
	short events;		/* in illumos's bits */
	void *user;
	bool active;
	bool in_epoll;
};

/* A file in a port, identified by the address of the guest's struct file_obj. */
struct watch {
	struct watch *next;
	struct sun_file_obj *object;
	void *user;
	uint32_t events;
	int wd;			/* of inotify; names of one file share it */
	uint64_t device, inode;
	int64_t size;
	bool follow;
	char path[];
};

/* A call that waits for several events. */
struct waiter {
	struct waiter *next;
	int fd;			/* readable after an event was queued */
};

struct port {
	unsigned references;	/* by its descriptor and by calls in progress */
	int epoll, ready, inotify;	/* descriptors that the guest doesn't have */
	bool closed;
	bool alert;
	int alert_events;
	void *alert_user;
	struct event *first, **last;
	struct watch *watches;
	struct waiter *waiters;
};

/* Values of epoll's data that aren't associations, whose generation is never 0. */
static const uint64_t inotify_data = 0;

/* Ports and associations by descriptor. Blocks are never freed. */
enum { BLOCK = 1024, BLOCKS = 1024 };
struct slot {
	struct port *_Atomic port;
	struct association *_Atomic associations;
};
static struct slot *_Atomic slots[BLOCKS];
static uint32_t last_generation;

static struct slot *slot_of(int fd, bool make)
{
	if (fd < 0 || fd >= BLOCK * BLOCKS)
		return NULL;
	struct slot *block = atomic_load(&slots[fd / BLOCK]);
	if (block == NULL && make) {
		block = calloc(BLOCK, sizeof *block);
		atomic_store(&slots[fd / BLOCK], block);
	}
	return block == NULL ? NULL : &block[fd % BLOCK];
}

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);
	if (memory == NULL)
		fatal("out of memory");
	return memory;
}

static void notify(int eventfd)
{
	uint64_t one = 1;
	syscall_raw(SYS_write, eventfd, &one, sizeof one);
}

static void set_ready(struct port *port)
{
	uint64_t count;
	if (port->closed || port->alert || port->first != NULL)
		notify(port->ready);
	else
		syscall_raw(SYS_read, port->ready, &count, sizeof count);
}

/* Wakes the calls that wait. */
static void wake(struct port *port)
{
	set_ready(port);
	for (struct waiter *waiter = port->waiters; waiter != NULL; waiter = waiter->next)
		notify(waiter->fd);
}

static void enqueue(struct port *port, int events, int source, uint64_t object, void *user)
{
	struct event *event = allocate(sizeof *event);
	event->what = (struct sun_port_event){
		.portev_events = events, .portev_source = (uint16_t)source, .portev_object = object, .portev_user = user,
	};
	*port->last = event;
	port->last = &event->next;
	wake(port);
}

/* Removes the queued events of an object. Returns whether there was one. */
static bool unqueue(struct port *port, int source, uint64_t object)
{
	bool found = false;
	port->last = &port->first;
	while (*port->last != NULL) {
		struct event *event = *port->last;
		if (event->what.portev_source == source && event->what.portev_object == object) {
			*port->last = event->next;
			free(event);
			found = true;
		} else {
			port->last = &event->next;
		}
	}
	set_ready(port);
	return found;
}

static void let_go(struct port *port)
{
	if (--port->references > 0)
		return;
	while (port->first != NULL) {
		struct event *event = port->first;
		port->first = event->next;
		free(event);
	}
	while (port->watches != NULL) {
		struct watch *watch = port->watches;
		port->watches = watch->next;
		free(watch);
	}
	syscall_raw(SYS_close, port->epoll);
	syscall_raw(SYS_close, port->ready);
	if (port->inotify >= 0)
		syscall_raw(SYS_close, port->inotify);
	free(port);
}

/* Returns the port with the lock held, or NULL without the lock and with errno set. */
static struct port *enter(int fd)
{
	struct slot *slot = slot_of(fd, false);
	lock();
	struct port *port = slot == NULL ? NULL : atomic_load(&slot->port);
	if (port != NULL)
		return port;
	unlock();
	fail(is_error(syscall_raw(SYS_fcntl, fd, F_GETFD)) ? SUN_EBADF : SUN_EBADFD);
	return NULL;
}

static void close_all(const long *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			syscall_raw(SYS_close, fds[i]);
}

static long private_or_error(long fd)
{
	return is_error(fd) ? fd : private_fd((int)fd);
}

/* Returns the guest's descriptor or a negative errno of Linux's. */
static long port_make(struct port *port)
{
	const long fds[] = {
		syscall_raw(SYS_epoll_create1, EPOLL_CLOEXEC),
		private_or_error(syscall_raw(SYS_epoll_create1, EPOLL_CLOEXEC)),
		private_or_error(syscall_raw(SYS_eventfd2, 0, EFD_NONBLOCK | EFD_CLOEXEC)),
	};
	struct epoll_event readable = { .events = EPOLLIN };
	long answer = 0;
	for (size_t i = 0; i < COUNT(fds) && !is_error(answer); i++)
		answer = is_error(fds[i]) ? fds[i] : i == 0 ? 0 : syscall_raw(SYS_epoll_ctl, fds[0], EPOLL_CTL_ADD, fds[i], &readable);
	if (is_error(answer)) {
		close_all(fds, COUNT(fds));
		return answer;
	}
	*port = (struct port){
		.references = 1, .epoll = (int)fds[1], .ready = (int)fds[2], .inotify = -1, .last = &port->first,
	};
	/* illumos's port is not close-on-exec. */
	syscall_raw(SYS_fcntl, fds[0], F_SETFD, 0);
	return fds[0];
}

GUEST static long guest_port_create(void)
{
	struct port *port = allocate(sizeof *port);
	long fd = port_make(port);
	struct slot *slot = is_error(fd) ? NULL : slot_of((int)fd, true);
	if (slot == NULL) {
		free(port);
		return is_error(fd) ? result(fd) : fail(SUN_EMFILE);
	}
	lock();
	atomic_store(&slot->port, port);
	unlock();
	return fd;
}

/* Descriptors. */

static struct association **find(struct slot *slot, struct port *port)
{
	struct association **at = (struct association **)&slot->associations;
	while (*at != NULL && (*at)->port != port)
		at = &(*at)->next;
	return at;
}

/* Enables epoll for one event. A regular file, which epoll refuses, is always ready. */
static long arm(struct association *association)
{
	struct epoll_event event = {
		.events = (uint16_t)poll_events_to_linux(association->events) | EPOLLONESHOT,
		.data.u64 = (uint64_t)association->generation << 32 | (uint32_t)association->fd,
	};
	struct port *port = association->port;
	long answer = -ENOENT;
	if (association->in_epoll)
		answer = syscall_raw(SYS_epoll_ctl, port->epoll, EPOLL_CTL_MOD, association->fd, &event);
	if (answer == -ENOENT)
		answer = syscall_raw(SYS_epoll_ctl, port->epoll, EPOLL_CTL_ADD, association->fd, &event);
	if (answer == -EEXIST)
		answer = syscall_raw(SYS_epoll_ctl, port->epoll, EPOLL_CTL_MOD, association->fd, &event);
	association->in_epoll = answer == 0;
	if (answer == -EPERM) {
		short ready = association->events & (SUN_POLLIN | SUN_POLLOUT | SUN_POLLRDNORM);
		if (ready != 0)
			enqueue(port, ready, SUN_PORT_SOURCE_FD, (uint64_t)association->fd, association->user);
		return 0;
	}
	return answer;
}

static void disarm(struct association *association)
{
	struct epoll_event none = { 0 };
	if (association->in_epoll)
		syscall_raw(SYS_epoll_ctl, association->port->epoll, EPOLL_CTL_DEL, association->fd, &none);
	association->in_epoll = false;
}

static void drop(struct association **at)
{
	struct association *association = *at;
	*at = association->next;
	free(association);
}

static long associate_fd(struct port *port, int fd, int events, void *user)
{
	struct slot *slot = slot_of(fd, true);
	if (slot == NULL || is_error(syscall_raw(SYS_fcntl, fd, F_GETFD)))
		return fail(SUN_EBADFD);
	struct association **at = find(slot, port);
	if (*at == NULL) {
		struct association *fresh = allocate(sizeof *fresh);
		fresh->port = port;
		fresh->fd = fd;
		*at = fresh;
	}
	struct association *association = *at;
	unqueue(port, SUN_PORT_SOURCE_FD, (uint64_t)fd);
	if (++last_generation == 0)
		last_generation = 1;
	association->generation = last_generation;
	association->events = (short)events;
	association->user = user;
	association->active = true;
	/*
	 * Linux reports a socket that isn't connected yet as hung up, illumos doesn't. So an
	 * association for no events doesn't get that.
	 */
	if (events == 0) {
		disarm(association);
		return 0;
	}
	long answer = arm(association);
	if (is_error(answer))
		drop(at);
	return result(answer);
}

/* Files. */

static long file_stat(const struct watch *watch, struct stat *stat)
{
	return syscall_raw(SYS_newfstatat, AT_FDCWD, watch->path, stat, watch->follow ? 0 : AT_SYMLINK_NOFOLLOW);
}

static bool newer(const struct timespec *now, const struct sun_timespec *then)
{
	return now->tv_sec > then->tv_sec || (now->tv_sec == then->tv_sec && now->tv_nsec > then->tv_nsec);
}

/* The events of a file since it had the times that the guest passed. */
static uint32_t events_since(const struct stat *now, const struct sun_file_obj *then)
{
	uint32_t events = 0;
	if (newer(&now->st_atim, &then->fo_atime))
		events |= SUN_FILE_ACCESS;
	if (newer(&now->st_mtim, &then->fo_mtime))
		events |= SUN_FILE_MODIFIED;
	if (newer(&now->st_ctim, &then->fo_ctime))
		events |= SUN_FILE_ATTRIB;
	return events;
}

static struct watch **find_watch(struct port *port, const struct sun_file_obj *object)
{
	struct watch **at = &port->watches;
	while (*at != NULL && (*at)->object != object)
		at = &(*at)->next;
	return at;
}

static void drop_watch(struct port *port, struct watch **at)
{
	struct watch *watch = *at;
	*at = watch->next;
	bool shared = false;
	for (struct watch *other = port->watches; other != NULL; other = other->next)
		shared |= other->wd == watch->wd;
	if (!shared && watch->wd >= 0)
		syscall_raw(SYS_inotify_rm_watch, port->inotify, watch->wd);
	free(watch);
}

static long inotify_start(struct port *port)
{
	if (port->inotify >= 0)
		return 0;
	long fd = syscall_raw(SYS_inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
	if (!is_error(fd))
		fd = private_fd((int)fd);
	if (is_error(fd))
		return fd;
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = inotify_data };
	long answer = syscall_raw(SYS_epoll_ctl, port->epoll, EPOLL_CTL_ADD, fd, &event);
	if (is_error(answer)) {
		syscall_raw(SYS_close, fd);
		return answer;
	}
	port->inotify = (int)fd;
	return 0;
}

/* The events of a file for an event of inotify. */
static uint32_t file_event(struct watch *watch, const struct inotify_event *event)
{
	struct stat now;
	/*
	 * Of events in a directory, only changes of its entries are changes of the directory
	 * itself.
	 */
	if (event->len > 0)
		return (event->mask & (IN_CREATE | IN_DELETE | IN_MOVE)) != 0 ? SUN_FILE_MODIFIED | SUN_FILE_ATTRIB : 0;
	uint32_t events = 0;
	if ((event->mask & IN_ACCESS) != 0)
		events |= SUN_FILE_ACCESS;
	if ((event->mask & IN_MODIFY) != 0) {
		events |= SUN_FILE_MODIFIED;
		if (!is_error(file_stat(watch, &now))) {
			if (now.st_size < watch->size)
				events |= SUN_FILE_TRUNC;
			watch->size = now.st_size;
		}
	}
	if ((event->mask & IN_MOVE_SELF) != 0)
		events |= SUN_FILE_RENAME_FROM;
	if ((event->mask & IN_UNMOUNT) != 0)
		events |= SUN_UNMOUNTED;
	if ((event->mask & (IN_ATTRIB | IN_DELETE_SELF)) != 0) {
		/* Removing a name first changes the count of links. */
		if (is_error(file_stat(watch, &now)))
			events |= SUN_FILE_DELETE;
		else if (now.st_dev != watch->device || now.st_ino != watch->inode)
			events |= SUN_FILE_RENAME_TO;
		else
			events |= SUN_FILE_ATTRIB;
	}
	return events;
}

static const uint32_t always_told = SUN_FILE_DELETE | SUN_FILE_RENAME_TO | SUN_FILE_RENAME_FROM | SUN_UNMOUNTED | SUN_MOUNTEDOVER;

/* Moves the events of inotify to the queue. */
static void read_inotify(struct port *port)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	for (;;) {
		long size = syscall_raw(SYS_read, port->inotify, buffer, sizeof buffer);
		if (size <= 0)
			return;
		for (char *at = buffer; at < buffer + size;) {
			struct inotify_event *event = (struct inotify_event *)at;
			at += sizeof *event + event->len;
			for (struct watch **watch = &port->watches; *watch != NULL;) {
				uint32_t events = 0;
				if ((*watch)->wd == event->wd)
					events = file_event(*watch, event) & ((*watch)->events | always_told);
				if (events == 0) {
					watch = &(*watch)->next;
					continue;
				}
				enqueue(port, (int)events, SUN_PORT_SOURCE_FILE, (uint64_t)(*watch)->object, (*watch)->user);
				drop_watch(port, watch);
			}
		}
	}
}

static const uint32_t file_events = SUN_FILE_ACCESS | SUN_FILE_MODIFIED | SUN_FILE_ATTRIB | SUN_FILE_TRUNC | SUN_FILE_NOFOLLOW;

static long associate_file(struct port *port, struct sun_file_obj *object, int events, void *user)
{
	struct sun_file_obj given;
	struct stat now;
	char path[1024];
	if (copy_in(&given, object, sizeof given) != 0)
		return fail(SUN_EFAULT);
	if (((uint32_t)events & ~file_events) != 0)
		return fail(SUN_EINVAL);
	int error = copy_in_string(path, given.fo_name, sizeof path);
	if (error != 0)
		return fail(error);
	long answer = inotify_start(port);
	if (is_error(answer))
		return result(answer);
	/* Events until here are for the existing associations. */
	read_inotify(port);
	struct watch *watch = allocate(sizeof *watch + strlen(path) + 1);
	watch->object = object;
	watch->user = user;
	watch->events = (uint32_t)events;
	watch->follow = ((uint32_t)events & SUN_FILE_NOFOLLOW) == 0;
	strcpy(watch->path, path);
	/* Later events are reported from here on; then look for earlier ones. */
	const uint32_t all = IN_ACCESS | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE | IN_MOVE_SELF;
	answer = syscall_raw(SYS_inotify_add_watch, port->inotify, path, watch->follow ? all : all | IN_DONT_FOLLOW);
	watch->wd = (int)answer;
	if (!is_error(answer))
		answer = file_stat(watch, &now);
	if (is_error(answer)) {
		free(watch);
		return result(answer);
	}
	watch->device = now.st_dev;
	watch->inode = now.st_ino;
	watch->size = now.st_size;
	unqueue(port, SUN_PORT_SOURCE_FILE, (uint64_t)object);
	struct watch **old = find_watch(port, object);
	if (*old != NULL) {
		/* Not the watch of the new file, or inotify would lose that. */
		if ((*old)->wd == watch->wd)
			(*old)->wd = -1;
		drop_watch(port, old);
	}
	watch->next = port->watches;
	port->watches = watch;
	uint32_t since = events_since(&now, &given) & (uint32_t)events;
	if (since != 0) {
		enqueue(port, (int)since, SUN_PORT_SOURCE_FILE, (uint64_t)object, user);
		drop_watch(port, &port->watches);
	}
	return 0;
}
/* The calls. */

GUEST static long guest_port_associate(int fd, int source, uint64_t object, int events, void *user)
{
	struct port *port = enter(fd);
	if (port == NULL)
		return -1;
	long answer;
	switch (source) {
	case SUN_PORT_SOURCE_FD:
		answer = associate_fd(port, (int)object, events, user);
		break;
	case SUN_PORT_SOURCE_FILE:
		answer = associate_file(port, (struct sun_file_obj *)object, events, user);
		break;
	default:
		answer = fail(SUN_EINVAL);
	}
	unlock();
	return answer;
}

static bool dissociate_fd(struct port *port, int fd)
{
	struct slot *slot = slot_of(fd, false);
	struct association **at = slot == NULL ? NULL : find(slot, port);
	if (at == NULL || *at == NULL || !(*at)->active)
		return false;
	unqueue(port, SUN_PORT_SOURCE_FD, (uint64_t)fd);
	disarm(*at);
	drop(at);
	return true;
}

/* A file whose event is in the queue is no longer associated; a descriptor still is. */
static bool dissociate_file(struct port *port, const struct sun_file_obj *object)
{
	if (port->inotify >= 0)
		read_inotify(port);
	struct watch **at = find_watch(port, object);
	if (*at == NULL)
		return false;
	drop_watch(port, at);
	return true;
}

GUEST static long guest_port_dissociate(int fd, int source, uint64_t object)
{
	struct port *port = enter(fd);
	if (port == NULL)
		return -1;
	int error = 0;
	if (source == SUN_PORT_SOURCE_FD)
		error = dissociate_fd(port, (int)object) ? 0 : SUN_ENOENT;
	else if (source == SUN_PORT_SOURCE_FILE)
		error = dissociate_file(port, (struct sun_file_obj *)object) ? 0 : SUN_ENOENT;
	else
		error = SUN_EINVAL;
	unlock();
	return error != 0 ? fail(error) : 0;
}

GUEST static long guest_port_send(int fd, int events, void *user)
{
	struct port *port = enter(fd);
	if (port == NULL)
		return -1;
	enqueue(port, events, SUN_PORT_SOURCE_USER, 0, user);
	unlock();
	return 0;
}

GUEST static long guest_port_alert(int fd, int flags, int events, void *user)
{
	struct port *port = enter(fd);
	if (port == NULL)
		return -1;
	long answer = 0;
	if ((flags & ~SUN_PORT_ALERT_INVALID) != 0)
		unknown("port_alert", "flag bits", (unsigned long)flags);
	/* UPDATE sets an alert unless there is one, SET replaces it, 0 clears it. */
	if (flags == SUN_PORT_ALERT_INVALID) {
		answer = fail(SUN_EINVAL);
	} else if (flags == SUN_PORT_ALERT_UPDATE && port->alert) {
		answer = fail(SUN_EBUSY);
	} else {
		port->alert = flags != 0;
		port->alert_events = events;
		port->alert_user = user;
		wake(port);
	}
	unlock();
	return answer;
}

/* Returns the association of an event of epoll; NULL if it was removed. */
static struct association *current(struct port *port, int fd, uint32_t generation)
{
	struct slot *slot = slot_of(fd, false);
	struct association **at = slot == NULL ? NULL : find(slot, port);
	if (at == NULL || *at == NULL || !(*at)->active || (*at)->generation != generation)
		return NULL;
	return *at;
}

static int fd_events(const struct association *association, int events)
{
	return events & (association->events | SUN_POLLERR | SUN_POLLHUP | SUN_POLLNVAL);
}

/*
 * For a descriptor's event in the queue: returns whether the descriptor is still ready, and
 * waits for it again if not.
 */
static bool still(struct port *port, struct sun_port_event *what)
{
	struct slot *slot = slot_of((int)what->portev_object, false);
	struct association **at = slot == NULL ? NULL : find(slot, port);
	if (at == NULL || *at == NULL || !(*at)->active)
		return false;
	struct pollfd now = { .fd = (*at)->fd, .events = poll_events_to_linux((*at)->events) };
	syscall_raw(SYS_poll, &now, 1, 0);
	what->portev_events = fd_events(*at, poll_events_to_sun(now.revents));
	if (what->portev_events != 0) {
		(*at)->active = false;
		return true;
	}
	arm(*at);
	return false;
}

enum { AT_ONCE = 64 };

/* Takes up to room events, with the lock held. Events of files go through the queue. */
static unsigned take(struct port *port, struct sun_port_event *list, unsigned room)
{
	struct epoll_event ready[AT_ONCE];
	unsigned taken = 0;
	if (port->inotify >= 0)
		read_inotify(port);
	/* still() may queue an event again at the end: look at each only once. */
	struct event *end = NULL;
	while (taken < room && port->first != NULL && port->first != end) {
		struct event *event = port->first;
		port->first = event->next;
		if (port->first == NULL)
			port->last = &port->first;
		list[taken] = event->what;
		free(event);
		struct event **last = port->last;
		if (list[taken].portev_source != SUN_PORT_SOURCE_FD || still(port, &list[taken]))
			taken++;
		else if (end == NULL)
			end = *last;
	}
	set_ready(port);
	/* epoll also reports our own descriptors, so a turn may give no event. */
	for (int idle = 0; taken < room && idle < 3; idle++) {
		unsigned most = room - taken < AT_ONCE ? room - taken : AT_ONCE;
		long count = syscall_raw(SYS_epoll_wait, port->epoll, ready, most, 0);
		if (count <= 0)
			break;
		for (long i = 0; i < count; i++) {
			uint64_t data = ready[i].data.u64;
			if (data == inotify_data)
				continue;
			idle = -1;
			struct association *association = current(port, (int)(uint32_t)data, (uint32_t)(data >> 32));
			if (association == NULL)
				continue;
			int events = fd_events(association, poll_events_to_sun((short)ready[i].events));
			if (events == 0) {
				arm(association);
				continue;
			}
			association->active = false;
			list[taken++] = (struct sun_port_event){
				.portev_events = events, .portev_source = SUN_PORT_SOURCE_FD,
				.portev_object = (uint64_t)association->fd, .portev_user = association->user,
			};
		}
	}
	return taken;
}

/* Puts an event back that was taken. */
static void put_back(struct port *port, const struct sun_port_event *what)
{
	struct event *event = allocate(sizeof *event);
	event->what = *what;
	event->next = port->first;
	port->first = event;
	if (event->next == NULL)
		port->last = &event->next;
	if (what->portev_source == SUN_PORT_SOURCE_FD) {
		struct slot *slot = slot_of((int)what->portev_object, false);
		struct association **at = slot == NULL ? NULL : find(slot, port);
		if (at != NULL && *at != NULL)
			(*at)->active = true;
	}
	set_ready(port);
}

/* Moves all events to the queue and returns their number. */
static unsigned pending(struct port *port)
{
	struct epoll_event ready[AT_ONCE];
	if (port->inotify >= 0)
		read_inotify(port);
	for (int idle = 0; idle < 3; idle++) {
		long more = syscall_raw(SYS_epoll_wait, port->epoll, ready, AT_ONCE, 0);
		for (long i = 0; i < more; i++) {
			uint64_t data = ready[i].data.u64;
			if (data == inotify_data)
				continue;
			idle = -1;
			struct association *association = current(port, (int)(uint32_t)data, (uint32_t)(data >> 32));
			if (association != NULL)
				enqueue(port, fd_events(association, poll_events_to_sun((short)ready[i].events)),
					SUN_PORT_SOURCE_FD, (uint64_t)association->fd, association->user);
		}
	}
	unsigned count = 0;
	for (struct event *each = port->first; each != NULL; each = each->next)
		count++;
	return count;
}

/* The time left until a deadline; false if it has passed. */
static bool time_left(const struct timespec *deadline, struct timespec *left)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left->tv_sec = deadline->tv_sec - now.tv_sec;
	left->tv_nsec = deadline->tv_nsec - now.tv_nsec;
	if (left->tv_nsec < 0) {
		left->tv_sec--;
		left->tv_nsec += 1000000000;
	}
	return left->tv_sec >= 0;
}

/*
 * Waits for an event or the deadline. Returns 0 or a negative errno of Linux. A call for
 * several events waits on its own eventfd instead of the port's.
 */
static long sleep_on(const struct port *port, const struct waiter *waiter, const struct timespec *deadline)
{
	struct pollfd wait[] = {
		{ .fd = port->epoll, .events = POLLIN }, { .fd = waiter != NULL ? waiter->fd : port->ready, .events = POLLIN },
	};
	struct timespec left;
	if (deadline != NULL && !time_left(deadline, &left))
		return -ETIME;
	long answer = syscall_raw(SYS_ppoll, wait, COUNT(wait), deadline != NULL ? &left : NULL, NULL, 0);
	return answer == 0 ? -ETIME : is_error(answer) ? answer : 0;
}

static long join(struct port *port, struct waiter *waiter)
{
	long fd = private_or_error(syscall_raw(SYS_eventfd2, 0, EFD_NONBLOCK | EFD_CLOEXEC));
	if (is_error(fd))
		return fd;
	*waiter = (struct waiter){ .next = port->waiters, .fd = (int)fd };
	port->waiters = waiter;
	return 0;
}

static void part(struct port *port, struct waiter *waiter)
{
	struct waiter **at = &port->waiters;
	while (*at != waiter)
		at = &(*at)->next;
	*at = waiter->next;
	syscall_raw(SYS_close, waiter->fd);
}

/* How long a call waits. */
struct patience {
	bool none;	/* no waiting */
	bool limited;
	struct timespec deadline;
};

/*
 * Waits for at least least events, takes up to most and sets *taken to their number.
 * Returns an errno of illumos; only ETIME comes together with events.
 */
static int wait_and_take(struct port *port, struct sun_port_event *list, unsigned least, unsigned most,
			 const struct patience *patience, struct waiter *waiter, unsigned *taken)
{
	*taken = 0;
	for (;;) {
		uint64_t count;
		if (port->closed)
			return SUN_EBADFD;
		if (port->alert) {
			list[0] = (struct sun_port_event){
				.portev_events = port->alert_events, .portev_source = SUN_PORT_SOURCE_ALERT, .portev_user = port->alert_user,
			};
			*taken = 1;
			return 0;
		}
		if (waiter != NULL)
			syscall_raw(SYS_read, waiter->fd, &count, sizeof count);
		if (patience->none || waiter == NULL || pending(port) >= least) {
			*taken = take(port, list, most);
			if (*taken >= least || (patience->none && *taken < least))
				return 0;
			/* Some of the counted events no longer hold: wait again. */
			for (unsigned i = *taken; i > 0; i--)
				put_back(port, &list[i - 1]);
			*taken = 0;
		}
		unlock();
		long answer = sleep_on(port, waiter, patience->limited ? &patience->deadline : NULL);
		lock();
		if (answer == -ETIME) {
			*taken = take(port, list, most);
			return *taken >= least ? 0 : SUN_ETIME;
		}
		if (is_error(answer))
			return errno_to_sun((int)-answer);
	}
}

static int get(int fd, struct sun_port_event *list, unsigned least, unsigned most, const struct patience *patience, unsigned *taken)
{
	struct port *port = enter(fd);
	struct waiter waiter;
	bool several = least > 1 && !patience->none;
	if (port == NULL)
		return thread.error;
	long answer = several ? join(port, &waiter) : 0;
	int error = is_error(answer) ? errno_to_sun((int)-answer) : 0;
	if (error == 0) {
		port->references++;
		error = wait_and_take(port, list, least, most, patience, several ? &waiter : NULL, taken);
		if (several)
			part(port, &waiter);
		let_go(port);
	}
	unlock();
	return error;
}

/* Reads a guest's time-out. */
static int read_timeout(const struct sun_timespec *guest, struct patience *patience)
{
	struct sun_timespec sun;
	*patience = (struct patience){ .limited = guest != NULL };
	if (guest == NULL)
		return 0;
	if (copy_in(&sun, guest, sizeof sun) != 0)
		return SUN_EFAULT;
	if (sun.tv_sec < 0 || sun.tv_nsec < 0 || sun.tv_nsec >= 1000000000)
		return SUN_EINVAL;
	patience->none = sun.tv_sec == 0 && sun.tv_nsec == 0;
	struct timespec *deadline = &patience->deadline;
	clock_gettime(CLOCK_MONOTONIC, deadline);
	const int64_t far = INT32_MAX;	/* seconds; a longer time is as good as for ever */
	deadline->tv_sec += sun.tv_sec < far ? sun.tv_sec : far;
	deadline->tv_nsec += sun.tv_nsec;
	if (deadline->tv_nsec >= 1000000000) {
		deadline->tv_sec++;
		deadline->tv_nsec -= 1000000000;
	}
	return 0;
}

GUEST static long guest_port_get(int fd, struct sun_port_event *guest, const struct sun_timespec *timeout)
{
	struct sun_port_event event;
	struct patience patience;
	unsigned taken = 0;
	int error = read_timeout(timeout, &patience);
	if (error == 0)
		error = get(fd, &event, 1, 1, &patience, &taken);
	if (error == 0 && taken == 0)
		error = SUN_ETIME;
	if (error == 0)
		error = copy_out(guest, &event, sizeof event);
	return error != 0 ? fail(error) : 0;
}

/* With no room it returns the number of events. */
static long count_events(int fd, unsigned *number)
{
	struct port *port = enter(fd);
	if (port == NULL)
		return -1;
	unsigned count = pending(port);
	unlock();
	return copy_out(number, &count, sizeof count) != 0 ? fail(SUN_EFAULT) : 0;
}

/* With a time-out of 0 it returns the pending events, and having none isn't a time-out. */
GUEST static long guest_port_getn(int fd, struct sun_port_event *guest, unsigned most, unsigned *number, const struct sun_timespec *timeout)
{
	enum { FEW = 128, MOST = 65536 };	/* MOST: as many events as a port of illumos can have */
	struct sun_port_event few[FEW], *list = few;
	struct patience patience;
	unsigned least, taken = 0;
	if (copy_in(&least, number, sizeof least) != 0)
		return fail(SUN_EFAULT);
	int error = read_timeout(timeout, &patience);
	if (error == 0 && most > 0 && (least > most || most > MOST))
		error = SUN_EINVAL;
	if (error != 0)
		return fail(error);
	if (most == 0)
		return count_events(fd, number);
	if (least == 0)
		return 0;
	if (most > FEW && (list = malloc(most * sizeof *list)) == NULL)
		return fail(SUN_ENOMEM);
	error = get(fd, list, least, most, &patience, &taken);
	if (copy_out(guest, list, taken * sizeof *list) != 0 || copy_out(number, &taken, sizeof taken) != 0)
		error = SUN_EFAULT;
	if (list != few)
		free(list);
	return error != 0 ? fail(error) : 0;
}

void ports_closing(int fd)
{
	struct slot *slot = slot_of(fd, false);
	if (forked || slot == NULL || (atomic_load(&slot->port) == NULL && atomic_load(&slot->associations) == NULL))
		return;
	lock();
	/* An association is with a descriptor, not a file: closing the descriptor ends it. */
	for (struct association **at = (struct association **)&slot->associations; *at != NULL;) {
		unqueue((*at)->port, SUN_PORT_SOURCE_FD, (uint64_t)fd);
		disarm(*at);
		drop(at);
	}
	struct port *port = atomic_load(&slot->port);
	if (port != NULL) {
		atomic_store(&slot->port, NULL);
		for (size_t block = 0; block < BLOCKS; block++) {
			struct slot *others = atomic_load(&slots[block]);
			for (size_t i = 0; others != NULL && i < BLOCK; i++) {
				struct association **at = find(&others[i], port);
				if (*at != NULL)
					drop(at);
			}
		}
		port->closed = true;
		wake(port);
		let_go(port);
	}
	unlock();
}

const struct symbol ports_symbols[] = {
	SYMBOL("libc", port_create),
	SYMBOL("libc", port_associate),
	SYMBOL("libc", port_dissociate),
	SYMBOL("libc", port_get),
	SYMBOL("libc", port_getn),
	SYMBOL("libc", port_send),
	SYMBOL("libc", port_alert),
	SYMBOLS_END
};
