/* Waiting for descriptors without an event port: poll and select. */
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/select.h>
#include "shim.h"

/* POLLWRNORM is POLLOUT on illumos and a separate bit on Linux. */
static const struct flag events[] = {
	FLAG(POLLIN), FLAG(POLLPRI), FLAG(POLLOUT), FLAG(POLLERR), FLAG(POLLHUP), FLAG(POLLNVAL),
	FLAG(POLLRDNORM), FLAG(POLLRDBAND), FLAG(POLLWRBAND), FLAG(POLLRDHUP),
	{ SUN_POLLWRNORM, POLLWRNORM },
};

short poll_events_to_linux(short sun_events)
{
	return (short)flags_to_linux("poll", events, COUNT(events), (uint16_t)sun_events);
}

short poll_events_to_sun(short linux_events)
{
	return (short)flags_to_sun("poll", events, COUNT(events), (uint16_t)linux_events);
}

static long poll_list(struct pollfd *host, struct sun_pollfd *sun, struct sun_pollfd *guest, size_t count, int timeout)
{
	if (copy_in(sun, guest, count * sizeof *sun) != 0)
		return fail(SUN_EFAULT);
	for (size_t i = 0; i < count; i++) {
		host[i].fd = sun[i].fd;
		host[i].events = poll_events_to_linux((short)sun[i].events);
		host[i].revents = 0;
	}
	long answer = syscall_raw(SYS_poll, host, count, timeout);
	if (is_error(answer))
		return result(answer);
	for (size_t i = 0; i < count; i++) {
		/* Linux reports two bits for one of illumos. */
		short asked = (short)sun[i].events | SUN_POLLERR | SUN_POLLHUP | SUN_POLLNVAL;
		sun[i].revents = poll_events_to_sun(host[i].revents) & asked;
	}
	return copy_out(guest, sun, count * sizeof *sun) != 0 ? fail(SUN_EFAULT) : answer;
}

GUEST static long guest_poll(struct sun_pollfd *guest, size_t count, int timeout)
{
	enum { FEW = 64, MANY = 1 << 20 };
	struct pollfd few[FEW];
	struct sun_pollfd few_sun[FEW];
	if (count <= FEW)
		return poll_list(few, few_sun, guest, count, timeout);
	if (count > MANY)
		return fail(SUN_EINVAL);
	size_t size = count * (sizeof few[0] + sizeof few_sun[0]);
	char *memory = (char *)syscall_raw(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (is_error((long)memory))
		return result((long)memory);
	long answer = poll_list((struct pollfd *)memory, (struct sun_pollfd *)(memory + count * sizeof few[0]), guest, count, timeout);
	syscall_raw(SYS_munmap, memory, size);
	return answer;
}

/*
 * The sets are bits in 64-bit words on both systems, and the time has the same form.
 * Linux's call changes the timeout to the remaining time, illumos's doesn't.
 */
GUEST static long guest_select(int count, void *read, void *write, void *except, const struct sun_timeval *timeout)
{
	struct sun_timeval left;
	if (timeout != NULL && copy_in(&left, timeout, sizeof left) != 0)
		return fail(SUN_EFAULT);
	return result(syscall_raw(SYS_select, count, read, write, except, timeout != NULL ? &left : NULL));
}

const struct symbol poll_symbols[] = {
	SYMBOL("libc", poll),
	SYMBOL("libc", select),
	SYMBOLS_END
};
