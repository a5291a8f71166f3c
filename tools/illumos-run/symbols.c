/*
 * All functions that a guest can import, in the lists of the parts. A call of another one
 * stops the program (elf.c).
 */
#include <string.h>
#include "shim.h"

#define PARTS(X) \
	X(errno) X(files) X(directory) X(stat) X(fcntl) X(poll) X(memory) X(threads) X(sem) X(signals) \
	X(process) X(time) X(identity) X(session) X(limits) X(sockets) X(ports) X(ioctl) X(ucred) \
	X(zonecall) X(rctl) X(pty) X(mount) X(doors) X(sysevents) X(utmpx) X(conslog)
#define DECLARE(part) extern const struct symbol part##_symbols[];
PARTS(DECLARE)

const struct symbol *symbol_find(const char *name)
{
#define LIST(part) part##_symbols,
	static const struct symbol *const parts[] = { PARTS(LIST) };
	for (size_t i = 0; i < COUNT(parts); i++)
		for (const struct symbol *symbol = parts[i]; symbol->name != NULL; symbol++)
			if (strcmp(symbol->name, name) == 0)
				return symbol;
	return NULL;
}
