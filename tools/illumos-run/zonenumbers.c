/*
 * The numbers of zone(2). The guest and the kernel process are both written in Go with the
 * same constants, so a wrong one would go unnoticed between them. Here the guest's numbers
 * are read by those of abi.json, as illumos does, and translated to the kernel process's.
 */
#include "kernel_numbers.h"
#include "shim.h"
#include "zonecall.h"

#define BOTH(name) { SUN_##name, KERNEL_##name }

static const struct number subcodes[] = {
	BOTH(ZONE_CREATE), BOTH(ZONE_DESTROY), BOTH(ZONE_GETATTR), BOTH(ZONE_ENTER), BOTH(ZONE_LIST),
	BOTH(ZONE_SHUTDOWN), BOTH(ZONE_LOOKUP), BOTH(ZONE_BOOT), BOTH(ZONE_VERSION), BOTH(ZONE_SETATTR),
	BOTH(ZONE_ADD_DATALINK), BOTH(ZONE_DEL_DATALINK), BOTH(ZONE_CHECK_DATALINK), BOTH(ZONE_LIST_DATALINK),
};

static const struct number attributes[] = {
	BOTH(ZONE_ATTR_ROOT), BOTH(ZONE_ATTR_NAME), BOTH(ZONE_ATTR_STATUS), BOTH(ZONE_ATTR_PRIVSET), BOTH(ZONE_ATTR_UNIQID),
	BOTH(ZONE_ATTR_POOLID), BOTH(ZONE_ATTR_INITPID), BOTH(ZONE_ATTR_SLBL), BOTH(ZONE_ATTR_INITNAME),
	BOTH(ZONE_ATTR_BOOTARGS), BOTH(ZONE_ATTR_BRAND), BOTH(ZONE_ATTR_PHYS_MCAP), BOTH(ZONE_ATTR_SCHED_CLASS),
	BOTH(ZONE_ATTR_FLAGS), BOTH(ZONE_ATTR_HOSTID), BOTH(ZONE_ATTR_FS_ALLOWED), BOTH(ZONE_ATTR_NETWORK),
	BOTH(ZONE_ATTR_INITNORESTART), BOTH(ZONE_ATTR_SECFLAGS),
};

/*
 * A number that illumos doesn't have must be refused by the kernel process, so it becomes
 * one that the kernel process doesn't have either.
 */
static uint64_t translate(const struct number *table, size_t count, int value)
{
	int kernel;
	return (uint64_t)(number_to_linux(table, count, value, &kernel) ? kernel : -1);
}

void zone_numbers_to_kernel(uint64_t arguments[6])
{
	/* The system call's parameters have 32 bits. */
	int subcode = (int)arguments[0], attribute = (int)arguments[2];
	arguments[0] = translate(subcodes, COUNT(subcodes), subcode);
	if (subcode != SUN_ZONE_GETATTR && subcode != SUN_ZONE_SETATTR)
		return;
	if (attribute >= SUN_ZONE_ATTR_BRAND_ATTRS)
		arguments[2] = (uint64_t)(attribute - SUN_ZONE_ATTR_BRAND_ATTRS + KERNEL_ZONE_ATTR_BRAND_ATTRS);
	else
		arguments[2] = translate(attributes, COUNT(attributes), attribute);
}
