/*
 * Sockets. The numbers of families, types and options differ, an IPv6 address is four bytes
 * longer, and control messages have smaller heads.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include "shim.h"
#include "abi_net.h"
#include "sockets.h"

static const struct number families[] = {
	{ SUN_AF_UNSPEC, AF_UNSPEC }, { SUN_AF_UNIX, AF_UNIX }, { SUN_AF_INET, AF_INET }, { SUN_AF_INET6, AF_INET6 },
};

static const struct number types[] = {
	{ SUN_SOCK_STREAM, SOCK_STREAM }, { SUN_SOCK_DGRAM, SOCK_DGRAM }, { SUN_SOCK_RAW, SOCK_RAW },
	{ SUN_SOCK_RDM, SOCK_RDM }, { SUN_SOCK_SEQPACKET, SOCK_SEQPACKET },
};

static const struct flag type_flags[] = {
	FLAG(SOCK_CLOEXEC), FLAG(SOCK_NONBLOCK), { SUN_SOCK_NDELAY, SOCK_NONBLOCK },
};

static const struct flag message_flags[] = {
	FLAG(MSG_OOB), FLAG(MSG_PEEK), FLAG(MSG_DONTROUTE), FLAG(MSG_EOR), FLAG(MSG_CTRUNC), FLAG(MSG_TRUNC),
	FLAG(MSG_WAITALL), FLAG(MSG_DONTWAIT), FLAG(MSG_NOSIGNAL),
	/* Marks a caller built for X/Open, whose behaviour all calls have here. */
	{ SUN_MSG_XPG4_2, 0 },
};

static int message_flags_to_linux(const char *call, int flags)
{
	return (int)flags_to_linux(call, message_flags, COUNT(message_flags), (uint32_t)flags);
}

/* Addresses. */

int address_to_linux(const void *guest, uint32_t size, struct host_address *host)
{
	struct sun_sockaddr_storage sun;
	if (size > sizeof sun)
		return SUN_EINVAL;
	memset(&sun, 0, sizeof sun);
	if (copy_in(&sun, guest, size) != 0)
		return SUN_EFAULT;
	uint16_t family;
	int host_family;
	if (size < sizeof family)
		return SUN_EINVAL;
	memcpy(&family, &sun, sizeof family);
	if (!number_to_linux(families, COUNT(families), family, &host_family))
		return SUN_EAFNOSUPPORT;
	host->size = size;
	memset(&host->storage, 0, sizeof host->storage);
	if (family == SUN_AF_INET6) {
		if (size < sizeof(struct sun_sockaddr_in6))
			return SUN_EINVAL;
		/* Linux's address lacks the source id at the end. */
		host->size = sizeof(struct sockaddr_in6);
	}
	if (host->size > sizeof host->storage)
		return SUN_EINVAL;
	memcpy(&host->storage, &sun, host->size);
	host->storage.ss_family = (sa_family_t)host_family;
	if (family == SUN_AF_UNIX) {
		/*
		 * illumos has no abstract names: an empty path is no name there, but Linux takes a
		 * zero byte at the start for one.
		 */
		struct sockaddr_un *un = (struct sockaddr_un *)&host->storage;
		if (size <= offsetof(struct sockaddr_un, sun_path) || un->sun_path[0] == '\0')
			return SUN_EINVAL;
		/* The path ends at its NUL, whatever the length is. */
		size_t room = host->size - offsetof(struct sockaddr_un, sun_path);
		host->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strnlen(un->sun_path, room));
		if (host->size < sizeof *un)
			host->size++;
	}
	return 0;
}

/* Returns the size of the address on illumos. */
static uint32_t address_convert(const struct host_address *host, struct sun_sockaddr_storage *sun)
{
	memset(sun, 0, sizeof *sun);
	if (host->size < sizeof(sa_family_t))
		return 0;
	int family;
	if (!number_to_sun(families, COUNT(families), host->storage.ss_family, &family))
		unknown("sockaddr", "family from Linux", host->storage.ss_family);
	memcpy(sun, &host->storage, host->size < sizeof host->storage ? host->size : sizeof host->storage);
	uint16_t sun_family = (uint16_t)family;
	memcpy(sun, &sun_family, sizeof sun_family);
	if (family == SUN_AF_INET6)
		return sizeof(struct sun_sockaddr_in6);
	return host->size;
}

int address_to_guest(const struct host_address *host, void *guest, uint32_t *size)
{
	struct sun_sockaddr_storage sun;
	uint32_t room;
	if (guest == NULL)
		return 0;
	if (copy_in(&room, size, sizeof room) != 0)
		return SUN_EFAULT;
	uint32_t whole = address_convert(host, &sun);
	if (copy_out(guest, &sun, whole < room ? whole : room) != 0 || copy_out(size, &whole, sizeof whole) != 0)
		return SUN_EFAULT;
	/* A path has a NUL if there is room, since readers look for it. */
	if (host->storage.ss_family == AF_UNIX && whole < room && copy_out((char *)guest + whole, "", 1) != 0)
		return SUN_EFAULT;
	return 0;
}

/* Creation of sockets. */

static long type_to_linux(const char *call, int type)
{
	int host;
	if (!number_to_linux(types, COUNT(types), type & SUN_SOCK_TYPE_MASK, &host))
		return -EPROTOTYPE;
	return host | (long)flags_to_linux(call, type_flags, COUNT(type_flags), (uint32_t)(type & ~SUN_SOCK_TYPE_MASK));
}

GUEST static long guest_socket(int family, int type, int protocol)
{
	int host_family;
	long host_type = type_to_linux("socket", type);
	if (!number_to_linux(families, COUNT(families), family, &host_family) || family == SUN_AF_UNSPEC)
		return fail(SUN_EAFNOSUPPORT);
	if (is_error(host_type))
		return result(host_type);
	return result(syscall_raw(SYS_socket, host_family, host_type, protocol));
}

GUEST static long guest___xnet_socket(int family, int type, int protocol)
{
	return guest_socket(family, type, protocol);
}

GUEST static long guest_socketpair(int family, int type, int protocol, int *ends)
{
	int host_family;
	long host_type = type_to_linux("socketpair", type);
	if (!number_to_linux(families, COUNT(families), family, &host_family))
		return fail(SUN_EAFNOSUPPORT);
	if (is_error(host_type))
		return result(host_type);
	return result(syscall_raw(SYS_socketpair, host_family, host_type, protocol, ends));
}

GUEST static long guest___xnet_socketpair(int family, int type, int protocol, int *ends)
{
	return guest_socketpair(family, type, protocol, ends);
}

GUEST static long guest___xnet_bind(int fd, const void *address, uint32_t size)
{
	struct host_address host;
	int error = address_to_linux(address, size, &host);
	return error != 0 ? fail(error) : result(syscall_raw(SYS_bind, fd, &host.storage, host.size));
}

GUEST static long guest___xnet_connect(int fd, const void *address, uint32_t size)
{
	struct host_address host;
	int error = address_to_linux(address, size, &host);
	return error != 0 ? fail(error) : result(syscall_raw(SYS_connect, fd, &host.storage, host.size));
}

GUEST static long guest___xnet_listen(int fd, int backlog)
{
	return result(syscall_raw(SYS_listen, fd, backlog));
}

GUEST static long guest_shutdown(int fd, int how)
{
	return result(syscall_raw(SYS_shutdown, fd, how));
}

static long accept_with(int fd, void *address, uint32_t *size, int flags)
{
	struct host_address host = { .size = sizeof host.storage };
	/* An accepted socket is non-blocking if the listener is. */
	long status = syscall_raw(SYS_fcntl, fd, F_GETFL);
	if (!is_error(status) && (status & O_NONBLOCK) != 0)
		flags |= SOCK_NONBLOCK;
	long accepted = syscall_raw(SYS_accept4, fd, &host.storage, &host.size, flags);
	if (is_error(accepted))
		return result(accepted);
	int error = address_to_guest(&host, address, size);
	if (error != 0) {
		syscall_raw(SYS_close, accepted);
		return fail(error);
	}
	return accepted;
}

GUEST static long guest_accept(int fd, void *address, uint32_t *size)
{
	return accept_with(fd, address, size, 0);
}

GUEST static long guest_accept4(int fd, void *address, uint32_t *size, int flags)
{
	return accept_with(fd, address, size, (int)flags_to_linux("accept4", type_flags, COUNT(type_flags), (uint32_t)flags));
}

static long name_with(long call, int fd, void *address, uint32_t *size)
{
	struct host_address host = { .size = sizeof host.storage };
	long answer = syscall_raw(call, fd, &host.storage, &host.size);
	if (is_error(answer))
		return result(answer);
	int error = address == NULL ? SUN_EFAULT : address_to_guest(&host, address, size);
	return error != 0 ? fail(error) : 0;
}

GUEST static long guest_getsockname(int fd, void *address, uint32_t *size)
{
	return name_with(SYS_getsockname, fd, address, size);
}

GUEST static long guest_getpeername(int fd, void *address, uint32_t *size)
{
	return name_with(SYS_getpeername, fd, address, size);
}

/* Datagrams and streams. */

GUEST static long guest___xnet_sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t size)
{
	struct host_address host = { .size = 0 };
	int error = address == NULL ? 0 : address_to_linux(address, size, &host);
	if (error != 0)
		return fail(error);
	return result(syscall_raw(SYS_sendto, fd, data, length, message_flags_to_linux("sendto", flags),
				  address == NULL ? NULL : &host.storage, host.size));
}

GUEST static long guest_recvfrom(int fd, void *data, size_t length, int flags, void *address, uint32_t *size)
{
	struct host_address host = { .size = sizeof host.storage };
	long answer = syscall_raw(SYS_recvfrom, fd, data, length, message_flags_to_linux("recvfrom", flags), &host.storage, &host.size);
	if (is_error(answer))
		return result(answer);
	int error = size == NULL ? 0 : address_to_guest(&host, address, size);
	return error != 0 ? fail(error) : answer;
}

GUEST static long guest_send(int fd, const void *data, size_t length, int flags)
{
	return result(syscall_raw(SYS_sendto, fd, data, length, message_flags_to_linux("send", flags), NULL, 0));
}

GUEST static long guest_recv(int fd, void *data, size_t length, int flags)
{
	return result(syscall_raw(SYS_recvfrom, fd, data, length, message_flags_to_linux("recv", flags), NULL, NULL));
}

/*
 * Control messages. On illumos the head has 12 bytes, followed by the data, and the next
 * head is aligned to 4; on Linux those are 16 and 8. The data of some differ, too.
 */
enum {
	CONTROL_MAX = 8192,	/* SO_MAXARGSIZE: more is EMSGSIZE */
	CONTROL_HOST = 3 * CONTROL_MAX,
	CONTROL_ALIGN = 4,
};

static size_t align(size_t n, size_t to)
{
	return (n + to - 1) & ~(to - 1);
}

/* A kind of control message; one with bytes set has a byte on illumos, an int on Linux. */
static const struct control {
	int level, sun;
	int host_level, host;
	bool byte;
} controls[] = {
	{ SUN_SOL_SOCKET, SUN_SCM_RIGHTS, SOL_SOCKET, SCM_RIGHTS, false },
	{ SUN_SOL_SOCKET, SUN_SCM_TIMESTAMP, SOL_SOCKET, SCM_TIMESTAMP, false },
	{ IPPROTO_IP, SUN_IP_PKTINFO, IPPROTO_IP, IP_PKTINFO, false },
	{ IPPROTO_IP, SUN_IP_RECVTTL, IPPROTO_IP, IP_TTL, true },
	{ IPPROTO_IP, SUN_IP_RECVTOS, IPPROTO_IP, IP_TOS, false },
	{ IPPROTO_IPV6, SUN_IPV6_PKTINFO, IPPROTO_IPV6, IPV6_PKTINFO, false },
	{ IPPROTO_IPV6, SUN_IPV6_HOPLIMIT, IPPROTO_IPV6, IPV6_HOPLIMIT, false },
	{ IPPROTO_IPV6, SUN_IPV6_TCLASS, IPPROTO_IPV6, IPV6_TCLASS, false },
	{ IPPROTO_IPV6, SUN_IPV6_NEXTHOP, IPPROTO_IPV6, IPV6_NEXTHOP, false },
	{ IPPROTO_IPV6, SUN_IPV6_PATHMTU, IPPROTO_IPV6, IPV6_PATHMTU, false },
};

static const struct control *control_of_guest(int level, int type)
{
	for (size_t i = 0; i < COUNT(controls); i++)
		if (controls[i].level == level && controls[i].sun == type)
			return &controls[i];
	return NULL;
}

static const struct control *control_of_host(int level, int type)
{
	for (size_t i = 0; i < COUNT(controls); i++)
		if (controls[i].host_level == level && controls[i].host == type)
			return &controls[i];
	return NULL;
}

/* Returns an errno of illumos. Sets *host_size to the size of the result. */
static int control_to_linux(const char *sun, size_t size, char *host, size_t *host_size)
{
	size_t at = 0, to = 0;
	while (size - at >= sizeof(struct sun_cmsghdr)) {
		struct sun_cmsghdr head;
		memcpy(&head, sun + at, sizeof head);
		if (head.cmsg_len < sizeof head || head.cmsg_len > size - at)
			return SUN_EINVAL;
		const struct control *kind = control_of_guest(head.cmsg_level, head.cmsg_type);
		if (kind == NULL)
			unknown("sendmsg", "control message", (unsigned long)head.cmsg_level << 32 | (uint32_t)head.cmsg_type);
		size_t length = head.cmsg_len - sizeof head;
		const char *data = sun + at + sizeof head;
		int word;
		if (kind->byte && length == 1) {
			word = (unsigned char)data[0];
			data = (const char *)&word;
			length = sizeof word;
		}
		struct cmsghdr *host_head = (struct cmsghdr *)(host + to);
		if (CONTROL_HOST - to < CMSG_SPACE(length))
			return SUN_EMSGSIZE;
		host_head->cmsg_len = CMSG_LEN(length);
		host_head->cmsg_level = kind->host_level;
		host_head->cmsg_type = kind->host;
		memcpy(CMSG_DATA(host_head), data, length);
		to += CMSG_SPACE(length);
		at += align(head.cmsg_len, CONTROL_ALIGN);
		if (at > size)
			break;
	}
	*host_size = to;
	return 0;
}

static void close_passed(const struct cmsghdr *head)
{
	size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	const int *fds = (const int *)CMSG_DATA(head);
	for (size_t i = 0; i < count; i++)
		syscall_raw(SYS_close, fds[i]);
}

/*
 * Returns the number of bytes written to sun. Sets *cut if a message didn't fit. Descriptors
 * that don't fit are closed, since a kernel wouldn't have created them.
 */
static size_t control_to_sun(struct msghdr *message, char *sun, size_t room, bool *cut)
{
	size_t to = 0;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL; head = CMSG_NXTHDR(message, head)) {
		const struct control *kind = control_of_host(head->cmsg_level, head->cmsg_type);
		if (kind == NULL)
			unknown("recvmsg", "control message from Linux", (unsigned long)head->cmsg_level << 32 | (uint32_t)head->cmsg_type);
		size_t length = head->cmsg_len - CMSG_LEN(0);
		const unsigned char *data = CMSG_DATA(head);
		unsigned char byte;
		if (kind->byte && length == sizeof(int)) {
			int word;
			memcpy(&word, data, sizeof word);
			byte = (unsigned char)word;
			data = &byte;
			length = sizeof byte;
		}
		struct sun_cmsghdr sun_head = {
			.cmsg_len = (uint32_t)(sizeof sun_head + length), .cmsg_level = kind->level, .cmsg_type = kind->sun,
		};
		if (to > room || room - to < sun_head.cmsg_len) {
			*cut = true;
			if (kind->host == SCM_RIGHTS && kind->host_level == SOL_SOCKET)
				close_passed(head);
			continue;
		}
		memcpy(sun + to, &sun_head, sizeof sun_head);
		memcpy(sun + to + sizeof sun_head, data, length);
		to = align(to + sun_head.cmsg_len, CONTROL_ALIGN);
	}
	return to < room ? to : room;
}

GUEST static long guest___xnet_sendmsg(int fd, const struct sun_msghdr *guest, int flags)
{
	struct sun_msghdr sun;
	struct host_address host;
	char sun_control[CONTROL_MAX];
	char control[CONTROL_HOST] __attribute__((aligned(8)));
	if (copy_in(&sun, guest, sizeof sun) != 0)
		return fail(SUN_EFAULT);
	if (sun.msg_iovlen < 0 || sun.msg_controllen > CONTROL_MAX)
		return fail(SUN_EMSGSIZE);
	/* The vector is the same on both; Linux reads it. */
	struct msghdr message = { .msg_iov = (struct iovec *)sun.msg_iov, .msg_iovlen = (size_t)sun.msg_iovlen };
	if (sun.msg_name != NULL && sun.msg_namelen > 0) {
		int error = address_to_linux(sun.msg_name, sun.msg_namelen, &host);
		if (error != 0)
			return fail(error);
		message.msg_name = &host.storage;
		message.msg_namelen = host.size;
	}
	if (sun.msg_control != NULL && sun.msg_controllen > 0) {
		size_t built = 0;
		if (copy_in(sun_control, sun.msg_control, sun.msg_controllen) != 0)
			return fail(SUN_EFAULT);
		int error = control_to_linux(sun_control, sun.msg_controllen, control, &built);
		if (error != 0)
			return fail(error);
		message.msg_control = control;
		message.msg_controllen = built;
	}
	return result(syscall_raw(SYS_sendmsg, fd, &message, message_flags_to_linux("sendmsg", flags)));
}

GUEST static long guest___xnet_recvmsg(int fd, struct sun_msghdr *guest, int flags)
{
	struct sun_msghdr sun;
	struct host_address host = { .size = sizeof host.storage };
	char sun_control[CONTROL_MAX];
	char control[CONTROL_HOST] __attribute__((aligned(8)));
	if (copy_in(&sun, guest, sizeof sun) != 0)
		return fail(SUN_EFAULT);
	if (sun.msg_iovlen < 0)
		return fail(SUN_EMSGSIZE);
	size_t room = sun.msg_control == NULL ? 0 : sun.msg_controllen;
	if (room > sizeof sun_control)
		room = sizeof sun_control;
	struct msghdr message = {
		.msg_name = &host.storage, .msg_namelen = sizeof host.storage,
		.msg_iov = (struct iovec *)sun.msg_iov, .msg_iovlen = (size_t)sun.msg_iovlen,
		.msg_control = control, .msg_controllen = room > 0 ? sizeof control : 0,
	};
	long answer = syscall_raw(SYS_recvmsg, fd, &message, message_flags_to_linux("recvmsg", flags));
	if (is_error(answer))
		return result(answer);
	host.size = message.msg_namelen;
	bool cut = false;
	size_t used = control_to_sun(&message, sun_control, room, &cut);
	if (used > 0 && copy_out(sun.msg_control, sun_control, used) != 0)
		return fail(SUN_EFAULT);
	sun.msg_controllen = (uint32_t)used;
	if (sun.msg_name != NULL) {
		struct sun_sockaddr_storage storage;
		uint32_t whole = address_convert(&host, &storage);
		if (copy_out(sun.msg_name, &storage, whole < sun.msg_namelen ? whole : sun.msg_namelen) != 0)
			return fail(SUN_EFAULT);
		sun.msg_namelen = whole;
	} else {
		sun.msg_namelen = 0;
	}
	/* Linux reports its flag for close-on-exec descriptors. */
	uint32_t told = (uint32_t)message.msg_flags & ~(uint32_t)MSG_CMSG_CLOEXEC;
	sun.msg_flags = (int32_t)flags_to_sun("recvmsg", message_flags, COUNT(message_flags), told);
	if (cut)
		sun.msg_flags |= SUN_MSG_CTRUNC;
	return copy_out(guest, &sun, sizeof sun) != 0 ? fail(SUN_EFAULT) : answer;
}

/* Options. */

enum form {
	PLAIN,		/* the same bytes */
	BUFFER,		/* a size; Linux stores and returns twice the value */
	ERRNO,		/* an errno */
	TYPE,		/* a type of socket */
	FAMILY,		/* a family of addresses */
	BYTE,		/* a byte or an int, both take either */
	MILLISECONDS,	/* in seconds on Linux */
	ABORT,		/* time until the connection is aborted; on Linux interval times number */
	DONTFRAG,	/* on or off; Linux has several modes of path discovery */
	SOURCE,		/* struct ip_mreq_source: interface and source are swapped */
	GROUP,		/* struct group_req: an address in 256 bytes, 128 on Linux */
	SOURCE_GROUP,	/* struct group_source_req: two such addresses */
};

static const struct option {
	int level, sun;
	int host_level, host;
	enum form form;
} options[] = {
	{ SUN_SOL_SOCKET, SUN_SO_DEBUG, SOL_SOCKET, SO_DEBUG, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_REUSEADDR, SOL_SOCKET, SO_REUSEADDR, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_KEEPALIVE, SOL_SOCKET, SO_KEEPALIVE, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_DONTROUTE, SOL_SOCKET, SO_DONTROUTE, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_BROADCAST, SOL_SOCKET, SO_BROADCAST, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_LINGER, SOL_SOCKET, SO_LINGER, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_OOBINLINE, SOL_SOCKET, SO_OOBINLINE, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_TIMESTAMP, SOL_SOCKET, SO_TIMESTAMP, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_ACCEPTCONN, SOL_SOCKET, SO_ACCEPTCONN, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_SNDLOWAT, SOL_SOCKET, SO_SNDLOWAT, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_RCVLOWAT, SOL_SOCKET, SO_RCVLOWAT, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_SNDTIMEO, SOL_SOCKET, SO_SNDTIMEO, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_RCVTIMEO, SOL_SOCKET, SO_RCVTIMEO, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_PROTOTYPE, SOL_SOCKET, SO_PROTOCOL, PLAIN },
	{ SUN_SOL_SOCKET, SUN_SO_SNDBUF, SOL_SOCKET, SO_SNDBUF, BUFFER },
	{ SUN_SOL_SOCKET, SUN_SO_RCVBUF, SOL_SOCKET, SO_RCVBUF, BUFFER },
	{ SUN_SOL_SOCKET, SUN_SO_ERROR, SOL_SOCKET, SO_ERROR, ERRNO },
	{ SUN_SOL_SOCKET, SUN_SO_TYPE, SOL_SOCKET, SO_TYPE, TYPE },
	{ SUN_SOL_SOCKET, SUN_SO_DOMAIN, SOL_SOCKET, SO_DOMAIN, FAMILY },
	{ IPPROTO_TCP, SUN_TCP_NODELAY, IPPROTO_TCP, TCP_NODELAY, PLAIN },
	{ IPPROTO_TCP, SUN_TCP_MAXSEG, IPPROTO_TCP, TCP_MAXSEG, PLAIN },
	{ IPPROTO_TCP, SUN_TCP_CORK, IPPROTO_TCP, TCP_CORK, PLAIN },
	{ IPPROTO_TCP, SUN_TCP_LINGER2, IPPROTO_TCP, TCP_LINGER2, PLAIN },
	{ IPPROTO_TCP, SUN_TCP_KEEPIDLE, IPPROTO_TCP, TCP_KEEPIDLE, PLAIN },
	{ IPPROTO_TCP, SUN_TCP_KEEPCNT, IPPROTO_TCP, TCP_KEEPCNT, PLAIN },
	{ IPPROTO_TCP, SUN_TCP_KEEPINTVL, IPPROTO_TCP, TCP_KEEPINTVL, PLAIN },
	{ IPPROTO_TCP, SUN_TCP_CONGESTION, IPPROTO_TCP, TCP_CONGESTION, PLAIN },
	{ IPPROTO_TCP, SUN_TCP_QUICKACK, IPPROTO_TCP, TCP_QUICKACK, PLAIN },
	{ IPPROTO_TCP, SUN_TCP_KEEPALIVE_THRESHOLD, IPPROTO_TCP, TCP_KEEPIDLE, MILLISECONDS },
	{ IPPROTO_TCP, SUN_TCP_KEEPALIVE_ABORT_THRESHOLD, IPPROTO_TCP, TCP_KEEPINTVL, ABORT },
	{ IPPROTO_IP, SUN_IP_OPTIONS, IPPROTO_IP, IP_OPTIONS, PLAIN },
	{ IPPROTO_IP, SUN_IP_HDRINCL, IPPROTO_IP, IP_HDRINCL, PLAIN },
	{ IPPROTO_IP, SUN_IP_TOS, IPPROTO_IP, IP_TOS, BYTE },
	{ IPPROTO_IP, SUN_IP_TTL, IPPROTO_IP, IP_TTL, BYTE },
	{ IPPROTO_IP, SUN_IP_RECVOPTS, IPPROTO_IP, IP_RECVOPTS, PLAIN },
	{ IPPROTO_IP, SUN_IP_RETOPTS, IPPROTO_IP, IP_RETOPTS, PLAIN },
	{ IPPROTO_IP, SUN_IP_RECVTTL, IPPROTO_IP, IP_RECVTTL, PLAIN },
	{ IPPROTO_IP, SUN_IP_RECVTOS, IPPROTO_IP, IP_RECVTOS, PLAIN },
	{ IPPROTO_IP, SUN_IP_PKTINFO, IPPROTO_IP, IP_PKTINFO, PLAIN },
	{ IPPROTO_IP, SUN_IP_DONTFRAG, IPPROTO_IP, IP_MTU_DISCOVER, DONTFRAG },
	{ IPPROTO_IP, SUN_IP_BOUND_IF, SOL_SOCKET, SO_BINDTOIFINDEX, PLAIN },
	{ IPPROTO_IP, SUN_IP_MULTICAST_IF, IPPROTO_IP, IP_MULTICAST_IF, PLAIN },
	{ IPPROTO_IP, SUN_IP_MULTICAST_TTL, IPPROTO_IP, IP_MULTICAST_TTL, BYTE },
	{ IPPROTO_IP, SUN_IP_MULTICAST_LOOP, IPPROTO_IP, IP_MULTICAST_LOOP, BYTE },
	{ IPPROTO_IP, SUN_IP_ADD_MEMBERSHIP, IPPROTO_IP, IP_ADD_MEMBERSHIP, PLAIN },
	{ IPPROTO_IP, SUN_IP_DROP_MEMBERSHIP, IPPROTO_IP, IP_DROP_MEMBERSHIP, PLAIN },
	{ IPPROTO_IP, SUN_IP_BLOCK_SOURCE, IPPROTO_IP, IP_BLOCK_SOURCE, SOURCE },
	{ IPPROTO_IP, SUN_IP_UNBLOCK_SOURCE, IPPROTO_IP, IP_UNBLOCK_SOURCE, SOURCE },
	{ IPPROTO_IP, SUN_IP_ADD_SOURCE_MEMBERSHIP, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, SOURCE },
	{ IPPROTO_IP, SUN_IP_DROP_SOURCE_MEMBERSHIP, IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, SOURCE },
	{ IPPROTO_IP, SUN_MCAST_JOIN_GROUP, IPPROTO_IP, MCAST_JOIN_GROUP, GROUP },
	{ IPPROTO_IP, SUN_MCAST_LEAVE_GROUP, IPPROTO_IP, MCAST_LEAVE_GROUP, GROUP },
	{ IPPROTO_IP, SUN_MCAST_BLOCK_SOURCE, IPPROTO_IP, MCAST_BLOCK_SOURCE, SOURCE_GROUP },
	{ IPPROTO_IP, SUN_MCAST_UNBLOCK_SOURCE, IPPROTO_IP, MCAST_UNBLOCK_SOURCE, SOURCE_GROUP },
	{ IPPROTO_IP, SUN_MCAST_JOIN_SOURCE_GROUP, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, SOURCE_GROUP },
	{ IPPROTO_IP, SUN_MCAST_LEAVE_SOURCE_GROUP, IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP, SOURCE_GROUP },
	{ IPPROTO_IPV6, SUN_IPV6_UNICAST_HOPS, IPPROTO_IPV6, IPV6_UNICAST_HOPS, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_MULTICAST_IF, IPPROTO_IPV6, IPV6_MULTICAST_IF, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_MULTICAST_HOPS, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_MULTICAST_LOOP, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_JOIN_GROUP, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_LEAVE_GROUP, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_RECVPKTINFO, IPPROTO_IPV6, IPV6_RECVPKTINFO, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_PKTINFO, IPPROTO_IPV6, IPV6_PKTINFO, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_RECVHOPLIMIT, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_RECVHOPOPTS, IPPROTO_IPV6, IPV6_RECVHOPOPTS, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_RECVDSTOPTS, IPPROTO_IPV6, IPV6_RECVDSTOPTS, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_RECVRTHDR, IPPROTO_IPV6, IPV6_RECVRTHDR, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_CHECKSUM, IPPROTO_IPV6, IPV6_CHECKSUM, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_RECVTCLASS, IPPROTO_IPV6, IPV6_RECVTCLASS, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_DONTFRAG, IPPROTO_IPV6, IPV6_DONTFRAG, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_RECVPATHMTU, IPPROTO_IPV6, IPV6_RECVPATHMTU, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_TCLASS, IPPROTO_IPV6, IPV6_TCLASS, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_V6ONLY, IPPROTO_IPV6, IPV6_V6ONLY, PLAIN },
	{ IPPROTO_IPV6, SUN_IPV6_BOUND_IF, SOL_SOCKET, SO_BINDTOIFINDEX, PLAIN },
	{ IPPROTO_IPV6, SUN_MCAST_JOIN_GROUP, IPPROTO_IPV6, MCAST_JOIN_GROUP, GROUP },
	{ IPPROTO_IPV6, SUN_MCAST_LEAVE_GROUP, IPPROTO_IPV6, MCAST_LEAVE_GROUP, GROUP },
	{ IPPROTO_IPV6, SUN_MCAST_BLOCK_SOURCE, IPPROTO_IPV6, MCAST_BLOCK_SOURCE, SOURCE_GROUP },
	{ IPPROTO_IPV6, SUN_MCAST_UNBLOCK_SOURCE, IPPROTO_IPV6, MCAST_UNBLOCK_SOURCE, SOURCE_GROUP },
	{ IPPROTO_IPV6, SUN_MCAST_JOIN_SOURCE_GROUP, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, SOURCE_GROUP },
	{ IPPROTO_IPV6, SUN_MCAST_LEAVE_SOURCE_GROUP, IPPROTO_IPV6, MCAST_LEAVE_SOURCE_GROUP, SOURCE_GROUP },
	{ IPPROTO_ICMPV6, SUN_ICMP6_FILTER, IPPROTO_ICMPV6, 1 /* ICMP6_FILTER */, PLAIN },
};

/* Returns NULL with errno set if fd is not a socket, which is checked before the option. */
static const struct option *option_find(const char *call, int fd, int level, int name)
{
	for (size_t i = 0; i < COUNT(options); i++)
		if (options[i].level == level && options[i].sun == name)
			return &options[i];
	int type;
	socklen_t size = sizeof type;
	long answer = syscall_raw(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &size);
	if (is_error(answer)) {
		result(answer);
		return NULL;
	}
	unknown(call, "level and option", (unsigned long)level << 32 | (uint32_t)name);
}

enum { SECOND = 1000 };

static long option_get(int fd, int level, int name, int *value)
{
	socklen_t size = sizeof *value;
	*value = 0;
	return syscall_raw(SYS_getsockopt, fd, level, name, value, &size);
}

static long option_set(int fd, int level, int name, int value)
{
	return syscall_raw(SYS_setsockopt, fd, level, name, &value, sizeof value);
}

/* Copies an address from illumos's structure to Linux's. */
static int group_address(const char *sun, struct sockaddr_storage *host)
{
	struct host_address address;
	int error = address_to_linux(sun, sizeof(struct sun_sockaddr_storage), &address);
	if (error == 0)
		*host = address.storage;
	return error;
}

static long set_group(int fd, const struct option *option, const void *value, uint32_t size)
{
	enum { AT = 8, EACH = sizeof(struct sun_sockaddr_storage) };
	char sun[AT + 2 * EACH];
	struct group_source_req host;
	size_t needed = option->form == GROUP ? AT + EACH : sizeof sun;
	if (size < needed)
		return fail(SUN_EINVAL);
	if (copy_in(sun, value, needed) != 0)
		return fail(SUN_EFAULT);
	memset(&host, 0, sizeof host);
	memcpy(&host.gsr_interface, sun, sizeof host.gsr_interface);
	int error = group_address(sun + AT, &host.gsr_group);
	if (error == 0 && option->form == SOURCE_GROUP)
		error = group_address(sun + AT + EACH, &host.gsr_source);
	if (error != 0)
		return fail(error);
	/* struct group_req is the beginning of struct group_source_req. */
	return result(syscall_raw(SYS_setsockopt, fd, option->host_level, option->host, &host,
				  option->form == GROUP ? sizeof(struct group_req) : sizeof host));
}

/* Converts the time until the connection is aborted to a number of probes. */
static long set_abort(int fd, int milliseconds)
{
	int probes;
	long answer = option_get(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes);
	if (is_error(answer))
		return result(answer);
	int each = probes > 0 ? milliseconds / SECOND / probes : 0;
	return result(option_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, each > 0 ? each : 1));
}

GUEST static long guest_setsockopt(int fd, int level, int name, const void *value, uint32_t size)
{
	const struct option *option = option_find("setsockopt", fd, level, name);
	if (option == NULL)
		return -1;
	int word = 0;
	switch (option->form) {
	case PLAIN: case BYTE: case BUFFER:
		return result(syscall_raw(SYS_setsockopt, fd, option->host_level, option->host, value, size));
	case GROUP: case SOURCE_GROUP:
		return set_group(fd, option, value, size);
	case SOURCE: {
		struct in_addr sun[3];
		if (size < sizeof sun)
			return fail(SUN_EINVAL);
		if (copy_in(sun, value, sizeof sun) != 0)
			return fail(SUN_EFAULT);
		struct ip_mreq_source host = { .imr_multiaddr = sun[0], .imr_sourceaddr = sun[1], .imr_interface = sun[2] };
		return result(syscall_raw(SYS_setsockopt, fd, option->host_level, option->host, &host, sizeof host));
	}
	case ERRNO: case TYPE: case FAMILY:
		return fail(SUN_ENOPROTOOPT);	/* read-only */
	case MILLISECONDS: case ABORT: case DONTFRAG:
		break;
	}
	if (size < sizeof word)
		return fail(SUN_EINVAL);
	if (copy_in(&word, value, sizeof word) != 0)
		return fail(SUN_EFAULT);
	if (option->form == ABORT)
		return set_abort(fd, word);
	if (option->form == DONTFRAG)
		return result(option_set(fd, option->host_level, option->host, word != 0 ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT));
	/* Less than a second must not become 0. */
	return result(option_set(fd, option->host_level, option->host, word > 0 && word < SECOND ? 1 : word / SECOND));
}

static long word_to_guest(int word, void *value, uint32_t *size)
{
	uint32_t room;
	if (copy_in(&room, size, sizeof room) != 0)
		return fail(SUN_EFAULT);
	if (room > sizeof word)
		room = sizeof word;
	if (copy_out(value, &word, room) != 0 || copy_out(size, &room, sizeof room) != 0)
		return fail(SUN_EFAULT);
	return 0;
}

GUEST static long guest___xnet_getsockopt(int fd, int level, int name, void *value, uint32_t *size)
{
	const struct option *option = option_find("getsockopt", fd, level, name);
	if (option == NULL)
		return -1;
	int word, other;
	switch (option->form) {
	case PLAIN: case BYTE:
		return result(syscall_raw(SYS_getsockopt, fd, option->host_level, option->host, value, size));
	case GROUP: case SOURCE_GROUP: case SOURCE:
		return fail(SUN_ENOPROTOOPT);	/* write-only */
	default:
		break;
	}
	long answer = option_get(fd, option->host_level, option->host, &word);
	if (is_error(answer))
		return result(answer);
	switch (option->form) {
	case BUFFER:
		word /= 2;
		break;
	case ERRNO:
		word = word == 0 ? 0 : errno_to_sun(word);
		break;
	case TYPE:
		if (!number_to_sun(types, COUNT(types), word, &word))
			unknown("getsockopt", "socket type from Linux", (unsigned long)word);
		break;
	case FAMILY:
		if (!number_to_sun(families, COUNT(families), word, &word))
			unknown("getsockopt", "family from Linux", (unsigned long)word);
		break;
	case MILLISECONDS:
		word *= SECOND;
		break;
	case ABORT:
		answer = option_get(fd, IPPROTO_TCP, TCP_KEEPCNT, &other);
		if (is_error(answer))
			return result(answer);
		word *= other * SECOND;
		break;
	case DONTFRAG:
		word = word == IP_PMTUDISC_DO;
		break;
	default:
		break;
	}
	return word_to_guest(word, value, size);
}

GUEST static long guest_getsockopt(int fd, int level, int name, void *value, uint32_t *size)
{
	return guest___xnet_getsockopt(fd, level, name, value, size);
}

const struct symbol sockets_symbols[] = {
	SYMBOL("libsocket", socket),
	SYMBOL("libsocket", __xnet_socket),
	SYMBOL("libsocket", socketpair),
	SYMBOL("libsocket", __xnet_socketpair),
	SYMBOL("libsocket", __xnet_bind),
	SYMBOL("libsocket", __xnet_connect),
	SYMBOL("libsocket", __xnet_listen),
	SYMBOL("libsocket", shutdown),
	SYMBOL("libsocket", accept),
	SYMBOL("libsocket", accept4),
	SYMBOL("libsocket", getsockname),
	SYMBOL("libsocket", getpeername),
	SYMBOL("libsocket", __xnet_sendto),
	SYMBOL("libsocket", recvfrom),
	SYMBOL("libsocket", send),
	SYMBOL("libsocket", recv),
	SYMBOL("libsocket", __xnet_sendmsg),
	SYMBOL("libsocket", __xnet_recvmsg),
	SYMBOL("libsocket", setsockopt),
	SYMBOL("libsocket", __xnet_getsockopt),
	SYMBOL("libsocket", getsockopt),
	SYMBOLS_END
};
