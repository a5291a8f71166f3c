/* What sockets.c does for other parts. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <sys/socket.h>

/* An address as Linux has it. */
struct host_address {
	struct sockaddr_storage storage;
	socklen_t size;
};

/* Both return an errno of illumos, 0 for none. */
int address_to_linux(const void *guest, uint32_t size, struct host_address *host);

/* Stores as much as *size has room for, and what the size is. */
int address_to_guest(const struct host_address *host, void *guest, uint32_t *size);

#endif
