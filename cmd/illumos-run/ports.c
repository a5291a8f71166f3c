/*
 * Event ports, on epoll. The port's descriptor is the epoll descriptor itself.
 *
 * An event port differs from epoll in what a waiter sees: a queue, of which one
 * may ask for the length or wait for a number of entries, and an alert that every
 * waiter gets until it is cleared. So events are moved from epoll to a queue here
 * (pump), under the port's lock; waiters sleep in poll(2) on the epoll descriptor,
 * which does not consume, and on two eventfds: one is readable while the queue has
 * entries, the other while an alert is set or the port is being closed.
 *
 * The port_ functions are called neither in signal handlers nor in the child of a
 * fork, so they may take locks and use malloc.
 */
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <pthread.h>
#include <time.h>
#include "shim.h"

/* A descriptor that is associated with a port, or an event that a program sent. */
struct association {
	struct association *next;	/* in the queue */
	int fd;				/* -1 for a sent event */
	uint32_t generation;		/* of the descriptor's number, for events that come late */
	int events;			/* asked for, illumos's bits */
	int happened;			/* while queued: illumos's bits */
	uint16_t source;
	bool queued;
	void *user;
};

struct port {
	struct port *next;
	int fd;			/* the epoll descriptor, the guest's */
	int queue_fd;		/* readable while the queue has entries */
	int alert_fd;		/* readable while there is an alert, and when closing */
	bool closing;
	int users;		/* calls in progress: the last one out frees */
	bool alert;
	int alert_events;
	void *alert_user;
	uint32_t generation;
	struct association *first, **last;
	uint32_t queued;
	struct association **by_fd;	/* indexed by descriptor */
	int by_fd_size;
};

/* Guards the list of ports and everything in them. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct port *ports;

static void make_readable(int fd, bool readable)
{
	uint64_t value = 1;
	if (readable)
		syscall_raw(SYS_write, fd, &value, sizeof value);
	else
		syscall_raw(SYS_read, fd, &value, sizeof value);
}

static struct port *find(int fd)
{
	struct port *port = ports;
	while (port != NULL && port->fd != fd)
		port = port->next;
	return port;
}

static void enqueue(struct port *port, struct association *association, int happened)
{
	association->happened = happened;
	association->queued = true;
	association->next = NULL;
	*port->last = association;
	port->last = &association->next;
	if (port->queued++ == 0)
		make_readable(port->queue_fd, true);
}

static void unqueue(struct port *port, struct association *association)
{
	struct association **at = &port->first;
	while (*at != association)
		at = &(*at)->next;
	*at = association->next;
	if (port->last == &association->next)
		port->last = at;
	association->queued = false;
	if (--port->queued == 0)
		make_readable(port->queue_fd, false);
}

/* Moves what happened from epoll to the queue. */
static void pump(struct port *port)
{
	enum { BATCH = 128 };
	struct epoll_event ready[BATCH];
	long count;
	do {
		count = syscall_raw(SYS_epoll_wait, port->fd, ready, BATCH, 0);
		for (long i = 0; i < count; i++) {
			int fd = (int)(uint32_t)ready[i].data.u64;
			uint32_t generation = (uint32_t)(ready[i].data.u64 >> 32);
			struct association *association = fd < port->by_fd_size ? port->by_fd[fd] : NULL;
			if (association == NULL || association->generation != generation || association->queued)
				continue;
			int asked = association->events | SUN_POLLERR | SUN_POLLHUP | SUN_POLLNVAL;
			enqueue(port, association, poll_events_to_sun((short)ready[i].events) & asked);
		}
	} while (count == BATCH);
}

static struct association *forget(struct port *port, int fd)
{
	struct association *association = port->by_fd[fd];
	port->by_fd[fd] = NULL;
	if (association->queued)
		unqueue(port, association);
	return association;
}

static void destroy(struct port *port)
{
	for (int fd = 0; fd < port->by_fd_size; fd++)
		if (port->by_fd[fd] != NULL)
			free(forget(port, fd));
	while (port->first != NULL) {
		struct association *sent = port->first;
		unqueue(port, sent);
		free(sent);
	}
	syscall_raw(SYS_close, port->queue_fd);
	syscall_raw(SYS_close, port->alert_fd);
	free(port->by_fd);
	free(port);
}

/* A call on a port begins with enter, which takes the lock, and ends with leave. */
static struct port *enter(int fd)
{
	pthread_mutex_lock(&lock);
	struct port *port = find(fd);
	if (port == NULL) {
		pthread_mutex_unlock(&lock);
		return NULL;
	}
	port->users++;
	return port;
}

static void leave(struct port *port)
{
	if (--port->users == 0 && port->closing)
		destroy(port);
	pthread_mutex_unlock(&lock);
}

/* What a descriptor that is no port is worth to a port function. */
static long no_port(int fd)
{
	long open = syscall_raw(SYS_fcntl, fd, 1 /* F_GETFD */);
	return fail(is_error(open) ? SUN_EBADF : SUN_EBADFD);
}

GUEST static long guest_port_create(void)
{
	struct port *port = calloc(1, sizeof *port);
	if (port == NULL)
		return fail(SUN_ENOMEM);
	long fd = syscall_raw(SYS_epoll_create1, EPOLL_CLOEXEC);
	long queue_fd = syscall_raw(SYS_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK);
	long alert_fd = syscall_raw(SYS_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd >= 0 && queue_fd >= 0 && alert_fd >= 0) {
		queue_fd = private_fd((int)queue_fd);
		alert_fd = private_fd((int)alert_fd);
	}
	if (fd < 0 || queue_fd < 0 || alert_fd < 0) {
		const long open[] = { fd, queue_fd, alert_fd };
		for (size_t i = 0; i < COUNT(open); i++)
			if (open[i] >= 0)
				syscall_raw(SYS_close, open[i]);
		free(port);
		return fail(SUN_EAGAIN);
	}
	port->fd = (int)fd;
	port->queue_fd = (int)queue_fd;
	port->alert_fd = (int)alert_fd;
	port->last = &port->first;
	pthread_mutex_lock(&lock);
	port->next = ports;
	ports = port;
	pthread_mutex_unlock(&lock);
	return fd;
}

static struct association *associated(struct port *port, int fd)
{
	if (fd >= port->by_fd_size) {
		int size = port->by_fd_size == 0 ? 64 : port->by_fd_size;
		while (size <= fd)
			size *= 2;
		struct association **table = realloc(port->by_fd, (size_t)size * sizeof *table);
		if (table == NULL)
			return NULL;
		memset(table + port->by_fd_size, 0, (size_t)(size - port->by_fd_size) * sizeof *table);
		port->by_fd = table;
		port->by_fd_size = size;
	}
	if (port->by_fd[fd] == NULL) {
		port->by_fd[fd] = calloc(1, sizeof *port->by_fd[fd]);
		if (port->by_fd[fd] != NULL)
			port->by_fd[fd]->fd = fd;
	}
	return port->by_fd[fd];
}

/* Returns 0 or Linux's negative errno. */
static long arm(struct port *port, struct association *association)
{
	/*
	 * epoll reports a hang-up also to who asked for nothing, and a TCP socket that
	 * is not connected yet counts as hung up on Linux, but not on illumos.
	 */
	if (association->events == 0) {
		syscall_raw(SYS_epoll_ctl, port->fd, EPOLL_CTL_DEL, association->fd, NULL);
		return 0;
	}
	struct epoll_event event = {
		.events = (uint32_t)poll_events_to_linux((short)association->events) | EPOLLONESHOT,
		.data.u64 = (uint64_t)association->generation << 32 | (uint32_t)association->fd,
	};
	long answer = syscall_raw(SYS_epoll_ctl, port->fd, EPOLL_CTL_MOD, association->fd, &event);
	if (answer == -ENOENT)
		answer = syscall_raw(SYS_epoll_ctl, port->fd, EPOLL_CTL_ADD, association->fd, &event);
	return answer;
}

static long associate_fd(struct port *port, int fd, int events, void *user)
{
	if (is_error(syscall_raw(SYS_fcntl, fd, 1 /* F_GETFD */)))
		return fail(SUN_EBADF);
	struct association *association = associated(port, fd);
	if (association == NULL)
		return fail(SUN_ENOMEM);
	/* Associating again replaces, also what is in the queue. */
	if (association->queued)
		unqueue(port, association);
	association->generation = ++port->generation;
	association->source = SUN_PORT_SOURCE_FD;
	association->events = events;
	association->user = user;
	long answer = arm(port, association);
	/* A regular file: epoll refuses what can always be read and written. */
	if (answer == -EPERM) {
		enqueue(port, association, events & (SUN_POLLIN | SUN_POLLOUT | SUN_POLLRDNORM));
		return 0;
	}
	if (is_error(answer))
		free(forget(port, fd));
	return result(answer);
}

GUEST static long guest_port_associate(int fd, int source, uintptr_t object, int events, void *user)
{
	struct port *port = enter(fd);
	if (port == NULL)
		return no_port(fd);
	long answer;
	switch (source) {
	case SUN_PORT_SOURCE_FD:
		answer = associate_fd(port, (int)object, events, user);
		break;
	default:
		unknown("port_associate", "source", (unsigned long)source);
	}
	leave(port);
	return answer;
}

static long dissociate_fd(struct port *port, int fd)
{
	if (fd < 0)
		return fail(SUN_EBADF);
	if (fd >= port->by_fd_size || port->by_fd[fd] == NULL)
		return fail(SUN_ENOENT);
	syscall_raw(SYS_epoll_ctl, port->fd, EPOLL_CTL_DEL, fd, NULL);
	free(forget(port, fd));
	return 0;
}

GUEST static long guest_port_dissociate(int fd, int source, uintptr_t object)
{
	struct port *port = enter(fd);
	if (port == NULL)
		return no_port(fd);
	long answer;
	switch (source) {
	case SUN_PORT_SOURCE_FD:
		answer = dissociate_fd(port, (int)object);
		break;
	default:
		unknown("port_dissociate", "source", (unsigned long)source);
	}
	leave(port);
	return answer;
}

GUEST static long guest_port_send(int fd, int events, void *user)
{
	struct port *port = enter(fd);
	if (port == NULL)
		return no_port(fd);
	struct association *sent = calloc(1, sizeof *sent);
	if (sent == NULL) {
		leave(port);
		return fail(SUN_ENOMEM);
	}
	sent->fd = -1;
	sent->source = SUN_PORT_SOURCE_USER;
	sent->user = user;
	enqueue(port, sent, events);
	leave(port);
	return 0;
}

GUEST static long guest_port_alert(int fd, int flags, int events, void *user)
{
	struct port *port = enter(fd);
	if (port == NULL)
		return no_port(fd);
	long answer = 0;
	if ((flags & ~SUN_PORT_ALERT_INVALID) != 0)
		unknown("port_alert", "flag bits", (unsigned long)flags);
	if (flags == SUN_PORT_ALERT_INVALID || (flags != 0 && events == 0)) {
		answer = fail(SUN_EINVAL);
	} else if (flags == SUN_PORT_ALERT_SET && port->alert) {
		answer = fail(SUN_EBUSY);
	} else {
		bool alert = flags != 0;
		if (alert != port->alert)
			make_readable(port->alert_fd, alert);
		port->alert = alert;
		port->alert_events = events;
		port->alert_user = user;
	}
	leave(port);
	return answer;
}

/*
 * Takes the first event of the queue. A descriptor's association ends with it; the
 * guest associates again.
 */
static struct sun_port_event take(struct port *port)
{
	struct association *association = port->first;
	unqueue(port, association);
	struct sun_port_event event = {
		.portev_events = association->happened,
		.portev_source = association->source,
		.portev_object = (uint64_t)association->fd,
		.portev_user = association->user,
	};
	if (association->source == SUN_PORT_SOURCE_FD)
		port->by_fd[association->fd] = NULL;
	else
		event.portev_object = 0;
	free(association);
	return event;
}

/*
 * Sleeps until something may have happened: 0, or Linux's negative errno. With
 * has_entries, what is in the queue is too little and is not waited for. Called
 * with the lock held, which it gives up meanwhile.
 */
static long wait_for_event(struct port *port, bool has_entries, const struct timespec *deadline)
{
	struct pollfd sources[] = {
		{ port->fd, POLLIN, 0 }, { port->alert_fd, POLLIN, 0 }, { port->queue_fd, POLLIN, 0 },
	};
	struct timespec left, *timeout = NULL;
	if (deadline != NULL) {
		struct timespec now;
		clock_gettime(CLOCK_MONOTONIC, &now);
		left.tv_sec = deadline->tv_sec - now.tv_sec;
		left.tv_nsec = deadline->tv_nsec - now.tv_nsec;
		if (left.tv_nsec < 0) {
			left.tv_nsec += 1000000000;
			left.tv_sec--;
		}
		if (left.tv_sec < 0)
			return -ETIME;
		timeout = &left;
	}
	pthread_mutex_unlock(&lock);
	long answer = syscall_raw(SYS_ppoll, sources, has_entries ? 2 : 3, timeout, NULL, 8);
	pthread_mutex_lock(&lock);
	return answer == 0 ? -ETIME : answer < 0 ? answer : 0;
}

/* Returns 0 or an illumos errno; *got events are in events. */
static int get(struct port *port, struct sun_port_event *events, uint32_t max, uint32_t want, const struct timespec *timeout,
	       uint32_t *got)
{
	struct timespec deadline;
	if (timeout != NULL) {
		clock_gettime(CLOCK_MONOTONIC, &deadline);
		deadline.tv_sec += timeout->tv_sec + (deadline.tv_nsec + timeout->tv_nsec) / 1000000000;
		deadline.tv_nsec = (deadline.tv_nsec + timeout->tv_nsec) % 1000000000;
	}
	bool poll_only = timeout != NULL && timeout->tv_sec == 0 && timeout->tv_nsec == 0;
	*got = 0;
	for (;;) {
		if (port->closing)
			return SUN_EBADF;
		if (port->alert) {
			events[0] = (struct sun_port_event){
				.portev_events = port->alert_events,
				.portev_source = SUN_PORT_SOURCE_ALERT,
				.portev_user = port->alert_user,
			};
			*got = 1;
			return 0;
		}
		pump(port);
		long waited = poll_only ? -ETIME : port->queued >= want ? 0 : wait_for_event(port, port->queued > 0, timeout != NULL ? &deadline : NULL);
		if (waited == -EINTR)
			return SUN_EINTR;
		if (waited == -ETIME || port->queued >= want) {
			while (*got < max && port->queued > 0)
				events[(*got)++] = take(port);
			return waited == -ETIME && !poll_only ? SUN_ETIME : 0;
		}
	}
}

static int check_timeout(const struct sun_timespec *guest, struct timespec *timeout)
{
	struct sun_timespec sun;
	if (copy_in(&sun, guest, sizeof sun) != 0)
		return SUN_EFAULT;
	if (sun.tv_sec < 0 || sun.tv_nsec < 0 || sun.tv_nsec >= 1000000000)
		return SUN_EINVAL;
	*timeout = (struct timespec){ sun.tv_sec, sun.tv_nsec };
	return 0;
}

GUEST static long guest_port_get(int fd, struct sun_port_event *guest, const struct sun_timespec *guest_timeout)
{
	struct timespec timeout;
	struct sun_port_event event;
	uint32_t got;
	int error = guest_timeout == NULL ? 0 : check_timeout(guest_timeout, &timeout);
	if (error != 0)
		return fail(error);
	struct port *port = enter(fd);
	if (port == NULL)
		return no_port(fd);
	error = get(port, &event, 1, 1, guest_timeout == NULL ? NULL : &timeout, &got);
	leave(port);
	if (got == 0)
		return fail(error != 0 ? error : SUN_ETIME);
	return copy_out(guest, &event, sizeof event) != 0 ? fail(SUN_EFAULT) : 0;
}

GUEST static long guest_port_getn(int fd, struct sun_port_event *guest, uint32_t max, uint32_t *guest_count,
				  const struct sun_timespec *guest_timeout)
{
	enum { MOST = 256 };
	struct timespec timeout;
	struct sun_port_event events[MOST];
	uint32_t want, got = 0;
	int error = copy_in(&want, guest_count, sizeof want);
	if (error == 0 && guest_timeout != NULL)
		error = check_timeout(guest_timeout, &timeout);
	if (error != 0)
		return fail(error);
	struct port *port = enter(fd);
	if (port == NULL)
		return no_port(fd);
	if (max == 0) {
		/* The question is how many there are. */
		pump(port);
		got = port->queued;
	} else if (want > max) {
		error = SUN_EINVAL;
	} else {
		error = get(port, events, max < MOST ? max : MOST, want < MOST ? want : MOST, guest_timeout == NULL ? NULL : &timeout, &got);
		if (copy_out(guest, events, got * sizeof events[0]) != 0)
			error = SUN_EFAULT;
	}
	leave(port);
	if (copy_out(guest_count, &got, sizeof got) != 0)
		error = SUN_EFAULT;
	return error != 0 ? fail(error) : 0;
}

static void close_port(struct port *port)
{
	struct port **at = &ports;
	while (*at != port)
		at = &(*at)->next;
	*at = port->next;
	port->closing = true;
	/* Who sleeps on it wakes up and finds it closed; the last one destroys it. */
	if (port->users > 0)
		make_readable(port->alert_fd, true);
	else
		destroy(port);
}

void ports_closing(int fd)
{
	/* Without ports there is nothing to do, and the child of a fork has no lock. */
	if (forked || __atomic_load_n(&ports, __ATOMIC_ACQUIRE) == NULL)
		return;
	pthread_mutex_lock(&lock);
	struct port *closed = find(fd);
	if (closed != NULL)
		close_port(closed);
	for (struct port *port = ports; port != NULL; port = port->next)
		if (fd >= 0 && fd < port->by_fd_size && port->by_fd[fd] != NULL) {
			syscall_raw(SYS_epoll_ctl, port->fd, EPOLL_CTL_DEL, fd, NULL);
			free(forget(port, fd));
		}
	pthread_mutex_unlock(&lock);
}

const struct symbol ports_symbols[] = {
	SYMBOL("libc", port_create),
	SYMBOL("libc", port_associate),
	SYMBOL("libc", port_dissociate),
	SYMBOL("libc", port_send),
	SYMBOL("libc", port_alert),
	SYMBOL("libc", port_get),
	SYMBOL("libc", port_getn),
	SYMBOLS_END
};
