/* Lists in libnvpair's native form, as a kernel packs them. The buffer must be cleared. */
#ifndef NVLIST_H
#define NVLIST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "shim.h"

/* The head: encoding, byte order, version and flags. Four zeros end a list. */
static inline size_t nv_head(unsigned char *at)
{
	at[1] = 1;
	at[8] = SUN_NV_UNIQUE_NAME;
	return 12;
}

static inline size_t nv_pair(unsigned char *at, const char *name, int type, int count, const void *value, size_t size)
{
	size_t name_size = strlen(name) + 1, value_at = (16 + name_size + 7) & ~7UL, whole = (value_at + size + 7) & ~7UL;
	int32_t words[2] = { count, type };
	memcpy(at, &(int32_t){ (int32_t)whole }, 4);
	memcpy(at + 4, &(int16_t){ (int16_t)name_size }, 2);
	memcpy(at + 8, words, 8);
	memcpy(at + 16, name, name_size);
	memcpy(at + value_at, value, size);
	return whole;
}

#endif
