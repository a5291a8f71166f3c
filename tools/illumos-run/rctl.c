/* Resource control blocks: library functions that read one. */
#include "shim.h"

GUEST static long guest_rctlblk_size(void)
{
	return sizeof(struct sun_rctl_opaque);
}

GUEST static long guest_rctlblk_get_value(const struct sun_rctl_opaque *block)
{
	return (long)block->rcq_value;
}

/* The action and the flags of a value share a word. */
GUEST static long guest_rctlblk_get_local_action(const struct sun_rctl_opaque *block, int *signal)
{
	if (signal != NULL)
		*signal = block->rcq_local_signal;
	return (long)((uint32_t)block->rcq_local_flagaction & ~(uint32_t)SUN_RCTL_LOCAL_ACTION_MASK);
}

GUEST static long guest_rctlblk_get_local_flags(const struct sun_rctl_opaque *block)
{
	return (long)((uint32_t)block->rcq_local_flagaction & (uint32_t)SUN_RCTL_LOCAL_ACTION_MASK);
}

const struct symbol rctl_symbols[] = {
	SYMBOL("libc", rctlblk_size),
	SYMBOL("libc", rctlblk_get_value),
	SYMBOL("libc", rctlblk_get_local_action),
	SYMBOL("libc", rctlblk_get_local_flags),
	SYMBOLS_END
};
