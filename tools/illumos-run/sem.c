/*
 * Semaphores, on which Go's threads sleep: a futex in the guest's sem_t, whose contents
 * are up to the library.
 */
#include <linux/futex.h>
#include <stdatomic.h>
#include <time.h>
#include "shim.h"

struct semaphore {
	_Atomic uint32_t count;
	_Atomic uint32_t waiters;
	uint64_t unused[5];
};
_Static_assert(sizeof(struct semaphore) == 48, "illumos's sem_t");

GUEST static long guest_sem_init(struct semaphore *semaphore, int shared, unsigned value)
{
	if (shared != 0)
		unknown("sem_init", "pshared", (unsigned long)shared);
	atomic_store(&semaphore->count, value);
	atomic_store(&semaphore->waiters, 0);
	return 0;
}

static bool take(struct semaphore *semaphore)
{
	uint32_t count = atomic_load(&semaphore->count);
	while (count != 0)
		if (atomic_compare_exchange_weak(&semaphore->count, &count, count - 1))
			return true;
	return false;
}

/* A NULL timeout waits for ever. FUTEX_WAIT's is relative, as the guest's is. */
static long wait_for(struct semaphore *semaphore, const struct timespec *timeout)
{
	if (take(semaphore))
		return 0;
	atomic_fetch_add(&semaphore->waiters, 1);
	long answer = 0;
	while (!take(semaphore)) {
		answer = syscall_raw(SYS_futex, &semaphore->count, FUTEX_WAIT_PRIVATE, 0, timeout);
		if (answer == -EINTR || answer == -ETIMEDOUT || answer == -EINVAL)
			break;
		answer = 0;
	}
	atomic_fetch_sub(&semaphore->waiters, 1);
	/* A post at the same time as the time-out counts. */
	if (answer != 0 && take(semaphore))
		return 0;
	return result(answer);
}

GUEST static long guest_sem_wait(struct semaphore *semaphore)
{
	return wait_for(semaphore, NULL);
}

/*
 * If another thread takes the count after a wake-up, the wait starts again with the full
 * time. Go has one waiter and one post for each sleep, so that doesn't happen.
 */
GUEST static long guest_sem_reltimedwait_np(struct semaphore *semaphore, const struct timespec *timeout)
{
	return wait_for(semaphore, timeout);
}

GUEST static long guest_sem_post(struct semaphore *semaphore)
{
	atomic_fetch_add(&semaphore->count, 1);
	if (atomic_load(&semaphore->waiters) != 0)
		syscall_raw(SYS_futex, &semaphore->count, FUTEX_WAKE_PRIVATE, 1);
	return 0;
}

const struct symbol sem_symbols[] = {
	SYMBOL("libc", sem_init),
	SYMBOL("libc", sem_wait),
	SYMBOL("libc", sem_reltimedwait_np),
	SYMBOL("libc", sem_post),
	SYMBOLS_END
};
