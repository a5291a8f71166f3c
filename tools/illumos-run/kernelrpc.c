/*
 * Requests to the kernel process other than raw system calls, as internal/kernelrpc/wire
 * encodes them: a head of fixed form and a body in JSON.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "kernel_numbers.h"
#include "shim.h"
#include "zonecall.h"

enum { MESSAGE_MAX = 128 << 10, LAST = 0 };

long kernel_ask(int fd, const char *op)
{
	/* the only message, version, no trace, zone 0, the op behind its length, no name, no body */
	char request[64] = { LAST, KERNEL_PROTOCOL };
	size_t length = strlen(op);
	request[7] = (char)length;
	memcpy(request + 8, op, length);
	long sent;
	do
		sent = syscall_raw(SYS_sendto, fd, request, 8 + length + 1, MSG_NOSIGNAL, NULL, 0);
	while (sent == -EINTR);
	return is_error(sent) ? sent : 0;
}

/* Receives a reply, which may come in several messages, each behind a mark. */
static long receive(int fd, char **message)
{
	long length = 0;
	for (;;) {
		*message = realloc(*message, (size_t)length + MESSAGE_MAX + 1);
		if (*message == NULL)
			fatal("no memory for a message of the kernel process");
		char *part = *message + length;
		long size = syscall_raw(SYS_recvfrom, fd, part, MESSAGE_MAX, 0, NULL, NULL);
		if (size == -EINTR)
			continue;
		if (size <= 0)
			return -EIO;
		char mark = part[0];
		memmove(part, part + 1, (size_t)--size);
		length += size;
		(*message)[length] = '\0';
		if (mark == LAST)
			return length;
	}
}

/* Cuts a part off a message: a varint and that many bytes. NULL if it isn't complete. */
static const char *cut(const char *at, const char *end, size_t *length)
{
	unsigned shift = 0;
	for (*length = 0; at < end && shift < 32; shift += 7) {
		unsigned char byte = (unsigned char)*at++;
		*length |= (size_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return *length <= (size_t)(end - at) ? at : NULL;
	}
	return NULL;
}

int kernel_reply(int fd, char **message, const char **body)
{
	long size = receive(fd, message);
	size_t failed, spans;
	if (size <= 0)
		return SUN_EIO;
	const char *end = *message + size;
	const char *failure = (*message)[0] == KERNEL_PROTOCOL ? cut(*message + 1, end, &failed) : NULL;
	*body = failure != NULL ? cut(failure + failed, end, &spans) : NULL;
	if (*body == NULL)
		fatal("the kernel process is of another release than illumos-run");
	*body += spans;
	if (failed == 0)
		return 0;
	const char *number = strstr(failure, "\"errno\":");
	return number != NULL && number < failure + failed ? atoi(number + 8) : SUN_EIO;
}
