/*
 * Event channels (libsysevent). The only one is that of zones' states. This project's kernel
 * process sends the events as JSON; a thread here packs each as illumos's kernel does and
 * calls the guest's handler.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "nvlist.h"
#include "shim.h"
#include "zonecall.h"

#define CHANNEL "com.sun:zones:status"	/* ZONE_EVENT_CHANNEL */
#define CLASS "status"			/* ZONE_EVENT_STATUS_CLASS */
#define SUBCLASS "change"		/* ZONE_EVENT_STATUS_SUBCLASS */
#define PUBLISHER "sun.com:kernel"

enum { EVENT_MAX = 4096, SUBSCRIBER_MAX = 16 };

/* <sys/sysevent_impl.h>: sysevent_impl_t. The name of the class starts at se_class_name. */
struct event {
	uint64_t sequence;
	int64_t time;
	uint32_t version;
	uint32_t flag;
	uint32_t class;
	uint32_t subclass;
	int32_t payload;
	uint16_t subclass_at;
	uint16_t publisher_at;
	uint64_t attributes_at;
	uint64_t class_name;
	uint64_t subclass_name;
	uint64_t publisher;
	uint64_t attributes;
};
_Static_assert(sizeof(struct event) == 80, "sysevent_impl_t");
_Static_assert(offsetof(struct event, class_name) == 48, "sysevent_hdr_t");
#define PACKED 1	/* SE_PACKED_BUF */

/* A binding to a channel, with at most one subscription: evchan_t. */
struct channel {
	pthread_t thread;
	bool subscribed;
	_Atomic bool ending;	/* the guest has ended the subscription */
	int fd;
	char subscriber[SUBSCRIBER_MAX];
	int (*handler)(struct event *event, void *cookie);
	void *cookie;
	uint64_t sequence;
};

/* These functions return an error number and leave errno alone. */

GUEST static long guest_sysevent_evc_bind(const char *name, struct channel **to, uint32_t flags)
{
	char channel[256];
	int error = copy_in_string(channel, name, sizeof channel);
	if (error != 0)
		return error == SUN_ENAMETOOLONG ? SUN_EINVAL : error;
	if ((flags & ~(uint32_t)SUN_EVCH_B_FLAGS) != 0)
		return SUN_EINVAL;
	if ((flags & ~(uint32_t)SUN_EVCH_CREAT) != 0)
		unknown("sysevent_evc_bind", "flags", flags);
	if (strcmp(channel, CHANNEL) != 0)
		fatal("sysevent_evc_bind: illumos-run does not have the channel %s", channel);
	/* glibc's malloc: this isn't called in a signal handler or after a fork. */
	struct channel *made = calloc(1, sizeof *made);
	if (made == NULL)
		return SUN_ENOMEM;
	error = copy_out(to, &made, sizeof made);
	if (error != 0)
		free(made);
	return error;
}

static size_t text_pair(unsigned char *at, const char *name, const char *text)
{
	return nv_pair(at, name, SUN_DATA_TYPE_STRING, 1, text, strlen(text) + 1);
}

struct change {
	int32_t id;
	char name[64], old[32], new[32];
};

/* Packs an event. The buffer is cleared and large enough for the longest names. */
static void pack(struct channel *channel, const struct change *change, unsigned char *buffer)
{
	static const char *const names[] = { CLASS, SUBCLASS, PUBLISHER };
	struct event *event = (struct event *)buffer;
	struct timespec now;
	size_t at = offsetof(struct event, class_name), places[3];
	for (size_t i = 0; i < COUNT(names); i++) {
		places[i] = at;
		strcpy((char *)buffer + at, names[i]);
		at = (at + strlen(names[i]) + 1 + 7) & ~7UL;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t when = now.tv_sec * 1000000000L + now.tv_nsec;
	size_t list = at;
	at += nv_head(buffer + at);
	at += text_pair(buffer + at, "zonename", change->name);
	at += text_pair(buffer + at, "newstate", change->new);
	at += text_pair(buffer + at, "oldstate", change->old);
	at += nv_pair(buffer + at, "zoneid", SUN_DATA_TYPE_INT32, 1, &change->id, sizeof change->id);
	at += nv_pair(buffer + at, "when", SUN_DATA_TYPE_UINT64, 1, &when, sizeof when);
	at = (at + 4 + 7) & ~7UL;
	event->sequence = ++channel->sequence;
	event->time = when;
	event->flag = PACKED;
	event->payload = (int32_t)(at - sizeof *event);
	event->subclass_at = (uint16_t)places[1];
	event->publisher_at = (uint16_t)places[2];
	event->attributes_at = list;
}

/* Copies a string field of the JSON object that ends at end. Names have no escapes. */
static bool json_text(const char *object, const char *end, const char *key, char *to, size_t size)
{
	const char *at = strstr(object, key);
	if (at == NULL || at >= end)
		return false;
	at += strlen(key);
	size_t length = strcspn(at, "\"");
	if (length >= size || memchr(at, '\\', length) != NULL)
		return false;
	memcpy(to, at, length);
	to[length] = '\0';
	return true;
}

static void deliver(struct channel *channel, const char *object, const char *end)
{
	struct change change;
	const char *id = strstr(object, "\"id\":");
	if (id == NULL || id >= end || !json_text(object, end, "\"name\":\"", change.name, sizeof change.name) ||
	    !json_text(object, end, "\"old\":\"", change.old, sizeof change.old) || !json_text(object, end, "\"new\":\"", change.new, sizeof change.new))
		fatal("unexpected JSON of an event from the kernel process: %.*s", (int)(end - object), object);
	change.id = atoi(id + 5);
	unsigned char buffer[EVENT_MAX] __attribute__((aligned(8))) = { 0 };
	pack(channel, &change, buffer);
	int answer;
	while ((answer = channel->handler((struct event *)buffer, channel->cookie)) == SUN_EAGAIN)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	if (answer != 0)
		unknown("sysevent handler", "result", (unsigned long)answer);
}

static void *bring(void *argument)
{
	struct channel *channel = argument;
	char *message = NULL;
	const char *at;
	thread.id = (int32_t)syscall_raw(SYS_gettid);
	while (kernel_reply(channel->fd, &message, &at) == 0) {
		while ((at = strchr(at, '{')) != NULL) {
			const char *end = strchr(at, '}');
			if (end == NULL)
				break;
			deliver(channel, at, end);
			at = end;
		}
	}
	free(message);
	/* The kernel process has exited, which is like a shutdown of the host. */
	if (!channel->ending)
		syscall_raw(SYS_kill, syscall_raw(SYS_getpid), SIGKILL);
	return NULL;
}

GUEST static long guest_sysevent_evc_subscribe(struct channel *channel, const char *subscriber, const char *class,
    int (*handler)(struct event *, void *), void *cookie, uint32_t flags)
{
	char wanted[64], *message = NULL;
	const char *body;
	sigset_t all, old;
	int error = copy_in_string(channel->subscriber, subscriber, sizeof channel->subscriber);
	if (error == 0)
		error = copy_in_string(wanted, class, sizeof wanted);
	if (error != 0)
		return error == SUN_ENAMETOOLONG ? SUN_EINVAL : error;
	if (flags != 0)
		unknown("sysevent_evc_subscribe", "flags", flags);
	if (channel->subscribed)
		unknown("sysevent_evc_subscribe", "a second subscription of a channel binding", 0);
	if (strcmp(wanted, CLASS) != 0)
		fatal("sysevent_evc_subscribe: illumos-run does not have the class %s", wanted);
	long fd = kernel_connect(true);
	if (is_error(fd))
		return errno_to_sun((int)-fd);
	error = is_error(kernel_ask((int)fd, "watch")) ? SUN_EIO : kernel_reply((int)fd, &message, &body);
	free(message);
	if (error != 0) {
		syscall_raw(SYS_close, fd);
		return error;
	}
	channel->fd = (int)fd;
	channel->ending = false;
	channel->handler = handler;
	channel->cookie = cookie;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&channel->thread, NULL, bring, channel);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error != 0) {
		syscall_raw(SYS_close, fd);
		return errno_to_sun(error);
	}
	channel->subscribed = true;
	return 0;
}

/* Returns when no handler is running. */
static void unsubscribe(struct channel *channel)
{
	channel->ending = true;
	syscall_raw(SYS_shutdown, channel->fd, SHUT_RDWR);
	pthread_join(channel->thread, NULL);
	syscall_raw(SYS_close, channel->fd);
	channel->subscribed = false;
}

GUEST static long guest_sysevent_evc_unsubscribe(struct channel *channel, const char *subscriber)
{
	char name[64];
	int error = copy_in_string(name, subscriber, sizeof name);
	if (error != 0)
		return error;
	if (!channel->subscribed || strcmp(name, channel->subscriber) != 0)
		return SUN_EINVAL;
	unsubscribe(channel);
	return 0;
}

GUEST static long guest_sysevent_evc_unbind(struct channel *channel)
{
	if (channel->subscribed)
		unsubscribe(channel);
	free(channel);
	return 0;
}

GUEST static long guest_sysevent_get_size(const struct event *event)
{
	return (long)sizeof *event + event->payload;
}

const struct symbol sysevents_symbols[] = {
	SYMBOL("libsysevent", sysevent_evc_bind), SYMBOL("libsysevent", sysevent_evc_unbind),
	SYMBOL("libsysevent", sysevent_evc_subscribe), SYMBOL("libsysevent", sysevent_evc_unsubscribe),
	SYMBOL("libsysevent", sysevent_get_size),
	SYMBOLS_END
};
