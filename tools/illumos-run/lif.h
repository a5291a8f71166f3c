/* What lif.c does for ioctl.c, and logical.c for lif.c. */
#ifndef LIF_H
#define LIF_H

#include <stdbool.h>
#include "abi_net.h"
#include "shim.h"

/* <net/if.h> */
struct sun_lifreq {
	char name[32];		/* lifr_name */
	uint32_t addrlen;	/* lifr_addrlen: of the prefix, bits */
	uint32_t type;		/* lifr_type */
	union {
		struct sun_sockaddr_storage address;
		int index, mtu, zone;
		uint64_t flags;
		struct {
			uint16_t family, index;
			uint8_t type, name_size, address_size, selector_size;
			uint8_t data[244];
		} link;
		char room[336];
	} u;
};
_Static_assert(sizeof(struct sun_lifreq) == 376, "size of struct lifreq");
struct sun_lifnum {
	uint16_t family;
	int flags, count;
};
_Static_assert(sizeof(struct sun_lifnum) == 12, "size of struct lifnum");
struct sun_lifconf {
	uint16_t family;
	int flags, size;
	void *buffer;
};
_Static_assert(sizeof(struct sun_lifconf) == 24, "size of struct lifconf");
enum { LIFC_ALLZONES = 8 };

/* The number of a request: 'i', its own number, the direction of the copy, its size. */
#define LIF_REQUEST(direction, number, type) ((direction) | (sizeof(type) & 0xff) << 16 | 'i' << 8 | (number))
#define LIF_SET(number) LIF_REQUEST(0x80000000U, number, struct sun_lifreq)
#define LIF_GET(number, type) LIF_REQUEST(0xc0000000U, number, type)
enum {
	LIF_REMOVE = LIF_SET(110),	/* SIOCLIFREMOVEIF */
	LIF_ADD = LIF_GET(111, struct sun_lifreq),	/* SIOCLIFADDIF */
	LIF_SET_ADDRESS = LIF_SET(112),	/* SIOCSLIFADDR */
	LIF_GET_ADDRESS = LIF_GET(113, struct sun_lifreq),	/* SIOCGLIFADDR */
	LIF_SET_FLAGS = LIF_SET(116),	/* SIOCSLIFFLAGS */
	LIF_GET_FLAGS = LIF_GET(117, struct sun_lifreq),	/* SIOCGLIFFLAGS */
	LIF_GET_BROADCAST = LIF_GET(119, struct sun_lifreq),	/* SIOCGLIFBRDADDR */
	LIF_GET_MTU = LIF_GET(122, struct sun_lifreq),	/* SIOCGLIFMTU */
	LIF_GET_NETMASK = LIF_GET(125, struct sun_lifreq),	/* SIOCGLIFNETMASK */
	LIF_SET_NETMASK = LIF_SET(126),	/* SIOCSLIFNETMASK */
	LIF_GET_COUNT = LIF_GET(130, struct sun_lifnum),	/* SIOCGLIFNUM */
	LIF_GET_INDEX = LIF_GET(133, struct sun_lifreq),	/* SIOCGLIFINDEX */
	LIF_GET_LIST = LIF_GET(165, char[16]),	/* SIOCGLIFCONF: the size in 32 bits, for all */
	LIF_GET_ZONE = LIF_GET(170, struct sun_lifreq),	/* SIOCGLIFZONE */
	LIF_SET_ZONE = LIF_SET(171),	/* SIOCSLIFZONE */
	LIF_GET_HARDWARE = LIF_GET(192, struct sun_lifreq),	/* SIOCGLIFHWADDR */
};

/* lif_ioctl handles a request about network interfaces. It returns false for others. */
bool lif_ioctl(int fd, int request, void *argument, long *answer);

/*
 * logical.c: a request about a logical interface of this process, in illumos's numbers. It
 * returns false if there is none of that name; *error is 0 or an errno.
 */
bool logical_request(unsigned what, int family, struct sun_lifreq *request, int *error);

/* Copies those of a family that the flags select to guest, and returns how many there are. */
size_t logical_list(int family, int flags, struct sun_lifreq *guest, size_t room, int *error);

#endif
