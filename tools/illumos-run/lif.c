/*
 * Requests to a socket about the network interfaces of the host. A logical interface
 * has one address; the second one of a family on a link is called "name:1".
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include "shim.h"
#include "abi_net.h"
#include "lif.h"
#include "sockets.h"

/* IFF_*: the flags up to ALLMULTI are the same. */
enum { SAME_FLAGS = 0x3ff, SUN_IFF_MULTICAST = 0x800, SUN_IFF_IPV4 = 0x01000000, SUN_IFF_IPV6 = 0x02000000 };
enum { IFT_ETHER = 6, IFT_SOFTWARE_LOOPBACK = 24 };

/* Calls visit for each logical interface of a family, until it returns true. */
typedef bool visit(const struct ifaddrs *address, const char *name, void *argument);

static bool each(int family, visit *visitor, void *argument)
{
	struct ifaddrs *list;
	bool found = false;
	if (getifaddrs(&list) != 0)
		return false;
	for (const struct ifaddrs *at = list; at != NULL && !found; at = at->ifa_next) {
		int before = 0;
		char name[32];
		if (at->ifa_addr == NULL || at->ifa_addr->sa_family != family)
			continue;
		for (const struct ifaddrs *other = list; other != at; other = other->ifa_next)
			before += other->ifa_addr != NULL && other->ifa_addr->sa_family == family && strcmp(other->ifa_name, at->ifa_name) == 0;
		snprintf(name, sizeof name, before > 0 ? "%s:%d" : "%s", at->ifa_name, before);
		found = visitor(at, name, argument);
	}
	freeifaddrs(list);
	return found;
}

static uint32_t type_of(const struct ifaddrs *address)
{
	return (address->ifa_flags & IFF_LOOPBACK) != 0 ? IFT_SOFTWARE_LOOPBACK : IFT_ETHER;
}

static void put_address(struct sun_lifreq *request, const struct sockaddr *address)
{
	struct host_address host = { .size = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in) };
	uint32_t room = sizeof request->u.address;
	memcpy(&host.storage, address, host.size);
	address_to_guest(&host, &request->u.address, &room);
}

struct list {
	struct sun_lifreq *at;
	size_t count, room;
	int error;
};

static bool add(const struct ifaddrs *address, const char *name, void *argument)
{
	struct list *list = argument;
	if (list->count < list->room) {
		struct sun_lifreq entry = { .type = type_of(address) };
		strcpy(entry.name, name);
		put_address(&entry, address->ifa_addr);
		if (copy_out(&list->at[list->count], &entry, sizeof entry) != 0)
			list->error = SUN_EFAULT;
	}
	list->count++;
	return false;
}

/* Of the flags, LIFC_ALLZONES has an effect: the other kinds of interfaces don't exist here. */
static long get_count(struct sun_lifnum *guest)
{
	struct sun_lifnum number;
	struct list list = { .count = 0 };
	if (copy_in(&number, guest, sizeof number) != 0)
		return fail(SUN_EFAULT);
	if (number.family == SUN_AF_UNSPEC || number.family == SUN_AF_INET)
		each(AF_INET, add, &list);
	if (number.family == SUN_AF_UNSPEC || number.family == SUN_AF_INET6)
		each(AF_INET6, add, &list);
	list.count += logical_list(number.family, number.flags, NULL, 0, &list.error);
	number.count = (int)list.count;
	return copy_out(guest, &number, sizeof number) != 0 ? fail(SUN_EFAULT) : 0;
}

static long get_list(struct sun_lifconf *guest)
{
	struct sun_lifconf conf;
	if (copy_in(&conf, guest, sizeof conf) != 0)
		return fail(SUN_EFAULT);
	if (conf.size < 0)
		return fail(SUN_EINVAL);
	struct list list = { .at = conf.buffer, .room = (size_t)conf.size / sizeof(struct sun_lifreq) };
	if (conf.family == SUN_AF_UNSPEC || conf.family == SUN_AF_INET)
		each(AF_INET, add, &list);
	if (conf.family == SUN_AF_UNSPEC || conf.family == SUN_AF_INET6)
		each(AF_INET6, add, &list);
	size_t used = list.count < list.room ? list.count : list.room;
	list.count += logical_list(conf.family, conf.flags, list.at + used, list.room - used, &list.error);
	if (list.error != 0)
		return fail(list.error);
	conf.size = (int)((list.count < list.room ? list.count : list.room) * sizeof(struct sun_lifreq));
	return copy_out(guest, &conf, sizeof conf) != 0 ? fail(SUN_EFAULT) : 0;
}

struct question {
	unsigned what;
	int fd, family;
	struct sun_lifreq *request;
	int error;
};

static uint32_t prefix_length(const struct sockaddr *mask)
{
	const uint8_t *bytes = mask->sa_family == AF_INET6 ? (const uint8_t *)&((const struct sockaddr_in6 *)mask)->sin6_addr
		: (const uint8_t *)&((const struct sockaddr_in *)mask)->sin_addr;
	uint32_t length = 0;
	for (size_t i = 0; i < (mask->sa_family == AF_INET6 ? 16 : 4); i++)
		length += (uint32_t)__builtin_popcount(bytes[i]);
	return length;
}

/* Makes a request to Linux about the link of a logical interface. */
static int link_request(const struct question *question, const struct ifaddrs *address, unsigned long what, struct ifreq *answer)
{
	memset(answer, 0, sizeof *answer);
	strncpy(answer->ifr_name, address->ifa_name, sizeof answer->ifr_name - 1);
	long result = syscall_raw(SYS_ioctl, question->fd, what, answer);
	return is_error(result) ? errno_to_sun((int)-result) : 0;
}

static bool reply(const struct ifaddrs *address, const char *name, void *argument)
{
	struct question *question = argument;
	struct sun_lifreq *request = question->request;
	struct ifreq link;
	if (strcmp(name, request->name) != 0)
		return false;
	request->type = type_of(address);
	memset(&request->u, 0, sizeof request->u);
	switch (question->what) {
	case LIF_GET_ADDRESS:
		request->addrlen = address->ifa_netmask != NULL ? prefix_length(address->ifa_netmask) : 0;
		put_address(request, address->ifa_addr);
		break;
	case LIF_GET_NETMASK:
		if (address->ifa_netmask != NULL)
			put_address(request, address->ifa_netmask);
		break;
	case LIF_GET_BROADCAST:
		if ((address->ifa_flags & IFF_BROADCAST) == 0 || address->ifa_broadaddr == NULL)
			question->error = SUN_EADDRNOTAVAIL;
		else
			put_address(request, address->ifa_broadaddr);
		break;
	case LIF_GET_FLAGS:
		request->u.flags = (address->ifa_flags & SAME_FLAGS) |
			((address->ifa_flags & IFF_MULTICAST) != 0 ? SUN_IFF_MULTICAST : 0) |
			(question->family == AF_INET ? SUN_IFF_IPV4 : SUN_IFF_IPV6);
		break;
	case LIF_GET_INDEX:
		question->error = link_request(question, address, SIOCGIFINDEX, &link);
		request->u.index = link.ifr_ifindex;
		break;
	case LIF_GET_MTU:
		question->error = link_request(question, address, SIOCGIFMTU, &link);
		request->u.mtu = link.ifr_mtu;
		break;
	case LIF_GET_ZONE: /* Linux's interfaces are the global zone's */
		break;
	case LIF_GET_HARDWARE:
		question->error = (address->ifa_flags & IFF_LOOPBACK) != 0 ? SUN_EADDRNOTAVAIL
			: link_request(question, address, SIOCGIFHWADDR, &link);
		request->u.link.family = SUN_AF_LINK;
		request->u.link.type = IFT_ETHER;
		request->u.link.address_size = 6;
		memcpy(request->u.link.data, link.ifr_hwaddr.sa_data, 6);
		break;
	}
	return true;
}

/* The family is that of the socket. */
static long ask(int fd, unsigned what, struct sun_lifreq *guest)
{
	struct sun_lifreq request;
	int family;
	socklen_t size = sizeof family;
	if (copy_in(&request, guest, sizeof request) != 0)
		return fail(SUN_EFAULT);
	request.name[sizeof request.name - 1] = '\0';
	long answer = syscall_raw(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
	if (is_error(answer))
		return result(answer);
	int error;
	if (logical_request(what, family == AF_INET6 ? SUN_AF_INET6 : SUN_AF_INET, &request, &error)) {
		if (error == 0)
			error = copy_out(guest, &request, sizeof request);
		return error != 0 ? fail(error) : 0;
	}
	struct question question = { .what = what, .fd = fd, .family = family, .request = &request };
	if (!each(family, reply, &question))
		return fail(SUN_ENXIO);
	if (question.error != 0)
		return fail(question.error);
	return copy_out(guest, &request, sizeof request) != 0 ? fail(SUN_EFAULT) : 0;
}

bool lif_ioctl(int fd, int request, void *argument, long *answer)
{
	switch ((unsigned)request) {
	case LIF_GET_COUNT:
		*answer = get_count(argument);
		return true;
	case LIF_GET_LIST:
		*answer = get_list(argument);
		return true;
	case LIF_ADD: case LIF_REMOVE: case LIF_SET_ADDRESS: case LIF_SET_FLAGS: case LIF_SET_NETMASK: case LIF_SET_ZONE: case LIF_GET_ZONE:
	case LIF_GET_ADDRESS: case LIF_GET_FLAGS: case LIF_GET_BROADCAST: case LIF_GET_MTU: case LIF_GET_NETMASK: case LIF_GET_INDEX: case LIF_GET_HARDWARE:
		*answer = ask(fd, (unsigned)request, argument);
		return true;
	}
	return false;
}
