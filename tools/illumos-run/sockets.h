/* Functions of sockets.c for other parts. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <sys/socket.h>

/* An address in Linux's form. */
struct host_address {
	struct sockaddr_storage storage;
	socklen_t size;
};

/* Both return 0 or an errno of illumos. */
int address_to_linux(const void *guest, uint32_t size, struct host_address *host);

/* Stores as much as fits *size, and sets *size to the full size. */
int address_to_guest(const struct host_address *host, void *guest, uint32_t *size);

#endif
