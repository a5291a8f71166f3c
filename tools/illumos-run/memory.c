/* Memory. */
#include <stdlib.h>
#include <sys/mman.h>
#include "shim.h"

/* Headers before Linux 5.4 lack it. */
#ifndef MADV_COLD
#define MADV_COLD 20
#endif

static const struct flag protections[] = { FLAG(PROT_READ), FLAG(PROT_WRITE), FLAG(PROT_EXEC) };

static uint32_t protection(const char *call, int prot)
{
	return flags_to_linux(call, protections, COUNT(protections), (uint32_t)prot);
}

GUEST static long guest_mmap(void *address, size_t length, int prot, int flags, int fd, int64_t offset)
{
	static const struct flag table[] = {
		FLAG(MAP_SHARED), FLAG(MAP_PRIVATE), FLAG(MAP_FIXED), FLAG(MAP_NORESERVE),
		FLAG(MAP_ANONYMOUS), FLAG(MAP_32BIT),
	};
	uint32_t linux_flags = flags_to_linux("mmap", table, COUNT(table), (uint32_t)flags);
	return result(syscall_raw(SYS_mmap, address, length, protection("mmap", prot), linux_flags, fd, offset));
}

GUEST static long guest_munmap(void *address, size_t length)
{
	return result(syscall_raw(SYS_munmap, address, length));
}

GUEST static long guest_mprotect(void *address, size_t length, int prot)
{
	return result(syscall_raw(SYS_mprotect, address, length, protection("mprotect", prot)));
}

GUEST static long guest_msync(void *address, size_t length, int flags)
{
	static const struct flag table[] = { FLAG(MS_ASYNC), FLAG(MS_INVALIDATE), FLAG(MS_SYNC) };
	return result(syscall_raw(SYS_msync, address, length, flags_to_linux("msync", table, COUNT(table), (uint32_t)flags)));
}

/*
 * MADV_DONTNEED keeps the contents of the memory on illumos and discards them on Linux,
 * whose MADV_COLD means the same as illumos's MADV_DONTNEED.
 */
GUEST static long guest_madvise(void *address, size_t length, int advice)
{
	static const struct number table[] = {
		{ SUN_MADV_NORMAL, MADV_NORMAL }, { SUN_MADV_RANDOM, MADV_RANDOM },
		{ SUN_MADV_SEQUENTIAL, MADV_SEQUENTIAL }, { SUN_MADV_WILLNEED, MADV_WILLNEED },
		{ SUN_MADV_DONTNEED, MADV_COLD }, { SUN_MADV_FREE, MADV_FREE },
	};
	int linux_advice;
	if (!number_to_linux(table, COUNT(table), advice, &linux_advice))
		unknown("madvise", "advice", (unsigned long)advice);
	return result(syscall_raw(SYS_madvise, address, length, linux_advice));
}

GUEST static long guest_mlock(void *address, size_t length)
{
	return result(syscall_raw(SYS_mlock, address, length));
}

GUEST static long guest_munlock(void *address, size_t length)
{
	return result(syscall_raw(SYS_munlock, address, length));
}

GUEST static long guest_mlockall(int flags)
{
	static const struct flag table[] = { { SUN_MCL_CURRENT, MCL_CURRENT }, { SUN_MCL_FUTURE, MCL_FUTURE } };
	return result(syscall_raw(SYS_mlockall, flags_to_linux("mlockall", table, COUNT(table), (uint32_t)flags)));
}

GUEST static long guest_munlockall(void)
{
	return result(syscall_raw(SYS_munlockall));
}

/* Go allocates the semaphores of its threads with it. */
GUEST static long guest_malloc(size_t size)
{
	void *memory = malloc(size);
	return memory != NULL ? (long)memory : (fail(SUN_ENOMEM), 0);
}

const struct symbol memory_symbols[] = {
	SYMBOL("libc", mmap),
	SYMBOL("libc", munmap),
	SYMBOL("libc", mprotect),
	SYMBOL("libc", msync),
	SYMBOL("libc", madvise),
	SYMBOL("libc", mlock),
	SYMBOL("libc", munlock),
	SYMBOL("libc", mlockall),
	SYMBOL("libc", munlockall),
	SYMBOL("libc", malloc),
	SYMBOLS_END
};
