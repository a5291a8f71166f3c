/*
 * Logical interfaces that the guest adds to an interface of the host, and gives to zones that
 * share its network stack. They exist in this process only: Linux has nothing like them, and
 * one process, the daemon of a zone, adds and removes them.
 *
 * What illumos's kernel does about them (uts/common/inet/ip/ip_if.c):
 *   - an interface is added without an address, down, and in the global zone; ENXIO if the
 *     host doesn't have what it is added to;
 *   - it can be given only to a zone that is ready or runs, EINVAL for others;
 *   - an address that another interface has, and is up, can be set. Only bringing the
 *     interface up fails, with EADDRNOTAVAIL. On the loopback interface each zone may have
 *     it once;
 *   - it stays when its zone is destroyed;
 *   - SIOCGLIFCONF lists those of the caller's zone, and those of all with LIFC_ALLZONES.
 */
#include <ifaddrs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "shim.h"
#include "lif.h"
#include "zonecall.h"

enum { INTERFACES_MAX = 64, SUN_IFF_UP = 1 };

static struct logical {
	char name[32];		/* net0:1 */
	uint16_t family;	/* 0: a free entry */
	bool up;
	int zone;
	struct sun_sockaddr_storage address, mask;
} table[INTERFACES_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* guards table */

static struct logical *find(const char *name, uint16_t family)
{
	for (size_t i = 0; i < INTERFACES_MAX; i++)
		if (table[i].family == family && strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

/*
 * The host's IP interfaces are those of Linux, lo0, and those in ILLUMOS_RUN_INTERFACES,
 * separated by commas, which are no links as dlmgmtd knows them.
 */
static bool exists(const char *name)
{
	const char *more = getenv("ILLUMOS_RUN_INTERFACES");
	struct ifaddrs *list;
	bool found = strcmp(name, "lo0") == 0;
	for (; more != NULL && *more != '\0' && !found; more += strcspn(more, ","), more += *more == ',')
		found = strcspn(more, ",") == strlen(name) && strncmp(more, name, strlen(name)) == 0;
	if (found || getifaddrs(&list) != 0)
		return found;
	for (const struct ifaddrs *at = list; at != NULL && !found; at = at->ifa_next)
		found = strcmp(at->ifa_name, name) == 0;
	freeifaddrs(list);
	return found;
}

static int add(struct sun_lifreq *request, uint16_t family)
{
	struct logical *made = NULL;
	char name[32];
	if (!exists(request->name))
		return SUN_ENXIO;
	for (size_t i = 0; i < INTERFACES_MAX && made == NULL; i++)
		if (table[i].family == 0)
			made = &table[i];
	if (made == NULL)
		return SUN_ENOBUFS;
	for (int number = 1;; number++) {
		if (snprintf(name, sizeof name, "%s:%d", request->name, number) >= (int)sizeof name)
			return SUN_EINVAL;
		if (find(name, family) == NULL)
			break;
	}
	*made = (struct logical){ .family = family };
	strcpy(made->name, name);
	strcpy(request->name, name);
	return 0;
}

static const void *bytes(const struct sun_sockaddr_storage *address, size_t *size)
{
	*size = address->ss_family == SUN_AF_INET6 ? 16 : 4;
	return (const char *)address + (address->ss_family == SUN_AF_INET6 ? 8 : 4);
}

static bool same(const struct sun_sockaddr_storage *a, const struct sun_sockaddr_storage *b)
{
	size_t size, other;
	const void *left = bytes(a, &size), *right = bytes(b, &other);
	return a->ss_family == b->ss_family && memcmp(left, right, size) == 0;
}

static int set_flags(struct logical *logical, uint64_t flags)
{
	bool loopback = strncmp(logical->name, "lo0:", 4) == 0;
	for (size_t i = 0; i < INTERFACES_MAX && (flags & SUN_IFF_UP) != 0; i++) {
		const struct logical *other = &table[i];
		if (other == logical || other->family != logical->family || !other->up || !same(&other->address, &logical->address))
			continue;
		if (!loopback || other->zone == logical->zone)
			return SUN_EADDRNOTAVAIL;
	}
	logical->up = (flags & SUN_IFF_UP) != 0;
	return 0;
}

static int change(struct logical *logical, unsigned what, struct sun_lifreq *request)
{
	switch (what) {
	case LIF_REMOVE:
		logical->family = 0;
		return 0;
	case LIF_SET_ADDRESS:
	case LIF_SET_NETMASK:
		if (request->u.address.ss_family != logical->family)
			return SUN_EAFNOSUPPORT;
		*(what == LIF_SET_ADDRESS ? &logical->address : &logical->mask) = request->u.address;
		return 0;
	case LIF_SET_ZONE:
		if (!zone_takes_interfaces(request->u.zone))
			return SUN_EINVAL;
		logical->zone = request->u.zone;
		return 0;
	case LIF_SET_FLAGS:
		return set_flags(logical, request->u.flags);
	}
	memset(&request->u, 0, sizeof request->u);
	switch (what) {
	case LIF_GET_ADDRESS:
		request->u.address = logical->address;
		return 0;
	case LIF_GET_NETMASK:
		request->u.address = logical->mask;
		return 0;
	case LIF_GET_ZONE:
		request->u.zone = logical->zone;
		return 0;
	case LIF_GET_FLAGS:
		request->u.flags = logical->up ? SUN_IFF_UP : 0;
		return 0;
	}
	unknown("ioctl of a logical interface", "request", what);
}

bool logical_request(unsigned what, int family, struct sun_lifreq *request, int *error)
{
	uint16_t wanted = (uint16_t)family;
	pthread_mutex_lock(&lock);
	struct logical *logical = find(request->name, wanted);
	*error = 0;
	bool mine = true;
	if (what == LIF_ADD)
		*error = add(request, wanted);
	else if (logical != NULL)
		*error = change(logical, what, request);
	else
		mine = false;
	pthread_mutex_unlock(&lock);
	return mine;
}

size_t logical_list(int family, int flags, struct sun_lifreq *guest, size_t room, int *error)
{
	size_t count = 0;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < INTERFACES_MAX; i++) {
		struct sun_lifreq entry = { .type = 0 };
		if (table[i].family == 0 || (family != SUN_AF_UNSPEC && table[i].family != family))
			continue;
		if ((flags & LIFC_ALLZONES) == 0 && table[i].zone != zone_of((int)syscall_raw(SYS_getpid)))
			continue;
		strcpy(entry.name, table[i].name);
		entry.u.address = table[i].address;
		entry.u.address.ss_family = table[i].family;
		if (count < room && copy_out(&guest[count], &entry, sizeof entry) != 0)
			*error = SUN_EFAULT;
		count++;
	}
	pthread_mutex_unlock(&lock);
	return count;
}
