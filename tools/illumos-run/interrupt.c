/*
 * ILLUMOS_RUN_INTERRUPT makes the calls of zone(2) that wait end early, as illumos's kernel
 * ends them:
 *
 *	signals	each such call of a thread that doesn't block SIGURG, by which Go preempts its
 *		goroutines
 *	holds	every second such call, whatever is blocked: another thread stops all others
 *		(zone_create, zone_enter)
 *
 * The error is EINTR, except for zone_create, which returns 0 without an error. What has
 * been done by then depends on the call (uts/common/os/zone.c).
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "shim.h"
#include "zonecall.h"

/* The structure of zone_create begins with the address of the name. */
static bool create_waits(const void *definition)
{
	const char *name;
	char first = '\0';
	return copy_in(&name, definition, sizeof name) == 0 && copy_in(&first, name, sizeof first) == 0 && first != '\0';
}

static bool waits(int subcode, const uint64_t *arguments)
{
	switch (subcode) {
	case SUN_ZONE_CREATE:
		return create_waits((const void *)arguments[0]); /* names are checked before */
	case SUN_ZONE_BOOT:
	case SUN_ZONE_SHUTDOWN:
	case SUN_ZONE_DESTROY:
	case SUN_ZONE_ENTER:
		return true;
	}
	return false;
}

static bool blocks_preemption(void)
{
	uint64_t mask = 0;
	syscall_raw(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof mask);
	return (mask & 1ULL << (SIGURG - 1)) != 0;
}

static bool happens(int subcode, const uint64_t *arguments)
{
	static unsigned calls;
	const char *mode = getenv("ILLUMOS_RUN_INTERRUPT");
	if (mode == NULL)
		return false;
	if (strcmp(mode, "signals") == 0)
		return waits(subcode, arguments) && !blocks_preemption();
	if (strcmp(mode, "holds") != 0)
		fatal("ILLUMOS_RUN_INTERRUPT is %s, not signals or holds", mode);
	bool pool = subcode == SUN_ZONE_GETATTR && (int)arguments[1] == SUN_ZONE_ATTR_POOLID;
	return (pool || waits(subcode, arguments)) && __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) % 2 == 0;
}

enum interruption zone_interruption(int subcode, const uint64_t *arguments)
{
	static unsigned destroyed;
	if (!happens(subcode, arguments))
		return NOT_INTERRUPTED;
	/* The zone continues to boot. A zone that is being destroyed may be gone afterwards. */
	if (subcode == SUN_ZONE_BOOT || (subcode == SUN_ZONE_DESTROY && __atomic_fetch_add(&destroyed, 1, __ATOMIC_RELAXED) % 2 == 1))
		return INTERRUPTED_AFTER;
	return INTERRUPTED_BEFORE;
}
