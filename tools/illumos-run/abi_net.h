/*
 * Constants of illumos's network headers, event ports and file events that
 * testdata/abi/abi.json does not have, from the headers that each group names. None of
 * them is from Go's tables.
 */
#ifndef ABI_NET_H
#define ABI_NET_H

/* <netinet/in.h>: options of level IPPROTO_IP */
#define SUN_IP_OPTIONS 1
#define SUN_IP_HDRINCL 2
#define SUN_IP_TOS 3
#define SUN_IP_TTL 4
#define SUN_IP_RECVOPTS 5
#define SUN_IP_RECVRETOPTS 6
#define SUN_IP_RETOPTS 8
#define SUN_IP_RECVTTL 0x0b
#define SUN_IP_RECVTOS 0x0c
#define SUN_IP_MULTICAST_IF 0x10
#define SUN_IP_MULTICAST_TTL 0x11
#define SUN_IP_MULTICAST_LOOP 0x12
#define SUN_IP_ADD_MEMBERSHIP 0x13
#define SUN_IP_DROP_MEMBERSHIP 0x14
#define SUN_IP_BLOCK_SOURCE 0x15
#define SUN_IP_UNBLOCK_SOURCE 0x16
#define SUN_IP_ADD_SOURCE_MEMBERSHIP 0x17
#define SUN_IP_DROP_SOURCE_MEMBERSHIP 0x18
#define SUN_IP_PKTINFO 0x1a
#define SUN_IP_DONTFRAG 0x1b
#define SUN_IP_BOUND_IF 0x41

/* The same header: options of both IPPROTO_IP and IPPROTO_IPV6 */
#define SUN_MCAST_JOIN_GROUP 0x29
#define SUN_MCAST_LEAVE_GROUP 0x2a
#define SUN_MCAST_BLOCK_SOURCE 0x2b
#define SUN_MCAST_UNBLOCK_SOURCE 0x2c
#define SUN_MCAST_JOIN_SOURCE_GROUP 0x2d
#define SUN_MCAST_LEAVE_SOURCE_GROUP 0x2e

/* The same header: options of level IPPROTO_IPV6 */
#define SUN_IPV6_UNICAST_HOPS 0x05
#define SUN_IPV6_MULTICAST_IF 0x06
#define SUN_IPV6_MULTICAST_HOPS 0x07
#define SUN_IPV6_MULTICAST_LOOP 0x08
#define SUN_IPV6_JOIN_GROUP 0x09
#define SUN_IPV6_LEAVE_GROUP 0x0a
#define SUN_IPV6_PKTINFO 0x0b
#define SUN_IPV6_HOPLIMIT 0x0c
#define SUN_IPV6_NEXTHOP 0x0d
#define SUN_IPV6_HOPOPTS 0x0e
#define SUN_IPV6_DSTOPTS 0x0f
#define SUN_IPV6_RTHDR 0x10
#define SUN_IPV6_RECVPKTINFO 0x12
#define SUN_IPV6_RECVHOPLIMIT 0x13
#define SUN_IPV6_RECVHOPOPTS 0x14
#define SUN_IPV6_RECVRTHDR 0x16
#define SUN_IPV6_CHECKSUM 0x18
#define SUN_IPV6_RECVTCLASS 0x19
#define SUN_IPV6_DONTFRAG 0x21
#define SUN_IPV6_RECVPATHMTU 0x24
#define SUN_IPV6_PATHMTU 0x25
#define SUN_IPV6_TCLASS 0x26
#define SUN_IPV6_V6ONLY 0x27
#define SUN_IPV6_RECVDSTOPTS 0x28
#define SUN_IPV6_BOUND_IF 0x41

/* <netinet/icmp6.h> */
#define SUN_ICMP6_FILTER 0x01

/* <netinet/tcp.h> */
#define SUN_TCP_NODELAY 0x01
#define SUN_TCP_MAXSEG 0x02
#define SUN_TCP_KEEPALIVE_THRESHOLD 0x16
#define SUN_TCP_KEEPALIVE_ABORT_THRESHOLD 0x17
#define SUN_TCP_CORK 0x18
#define SUN_TCP_LINGER2 0x1c
#define SUN_TCP_KEEPIDLE 0x22
#define SUN_TCP_KEEPCNT 0x23
#define SUN_TCP_KEEPINTVL 0x24
#define SUN_TCP_CONGESTION 0x25
#define SUN_TCP_QUICKACK 0x26

/* <sys/socket_impl.h>: struct sockaddr_storage, as large as any address */
struct sun_sockaddr_storage {
	uint16_t ss_family;
	char room[254];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct sun_sockaddr_storage) == SUN_SIZEOF_sockaddr_storage, "size of struct sockaddr_storage");

/* <sys/port.h>: file events; the last three are always reported */
#define SUN_FILE_ACCESS 0x00000001
#define SUN_FILE_MODIFIED 0x00000002
#define SUN_FILE_ATTRIB 0x00000004
#define SUN_FILE_DELETE 0x00000010
#define SUN_FILE_RENAME_TO 0x00000020
#define SUN_FILE_RENAME_FROM 0x00000040
#define SUN_FILE_TRUNC 0x00100000
#define SUN_FILE_NOFOLLOW 0x10000000
#define SUN_UNMOUNTED 0x20000000
#define SUN_MOUNTEDOVER 0x40000000

/* struct file_obj */
struct sun_file_obj {
	struct sun_timespec fo_atime;
	struct sun_timespec fo_mtime;
	struct sun_timespec fo_ctime;
	uint64_t fo_pad[3];
	char *fo_name;
};
_Static_assert(sizeof(struct sun_file_obj) == 80, "size of struct file_obj");

#endif
