/*
 * Threads. They are glibc's, so that malloc and glibc's process-wide setuid work. The
 * guest's pthread_t is the Linux thread id, since illumos's pthread_t has 32 bits.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "shim.h"

/* The attributes to which illumos's pthread_attr_t, a pointer, points. */
struct attributes {
	uint64_t stack_size;
	int detach_state;
};

enum { STACK_SIZE_DEFAULT = 2 << 20, STACK_SIZE_MIN = 1 << 20 };

GUEST static long guest_pthread_attr_init(struct attributes **attr)
{
	/* glibc's malloc: threads aren't created in a signal handler or in the child of a fork. */
	struct attributes *attributes = calloc(1, sizeof *attributes);
	if (attributes == NULL)
		return SUN_ENOMEM;
	attributes->stack_size = STACK_SIZE_DEFAULT;
	*attr = attributes;
	return 0;
}

GUEST static long guest_pthread_attr_destroy(struct attributes **attr)
{
	free(*attr);
	*attr = NULL;
	return 0;
}

/* Go passes no address: the library allocates the stack. */
GUEST static long guest_pthread_attr_setstack(struct attributes **attr, void *address, uint64_t size)
{
	if (address != NULL)
		unknown("pthread_attr_setstack", "stack address", (unsigned long)address);
	if (size < STACK_SIZE_MIN)
		unknown("pthread_attr_setstack", "stack size below Go's", size);
	(*attr)->stack_size = size;
	return 0;
}

GUEST static long guest_pthread_attr_getstack(struct attributes **attr, void **address, uint64_t *size)
{
	*address = NULL;
	*size = (*attr)->stack_size;
	return 0;
}

GUEST static long guest_pthread_attr_setdetachstate(struct attributes **attr, int state)
{
	if (state != SUN_PTHREAD_CREATE_DETACHED)
		unknown("pthread_attr_setdetachstate", "state", (unsigned long)state);
	(*attr)->detach_state = state;
	return 0;
}

/*
 * Calls the guest's thread function. Go's function returns when a goroutine that is locked
 * to its thread exits. It doesn't preserve the registers that a C function must preserve,
 * and writes a result 8 bytes into its caller's frame.
 */
void call_guest_thread(void *(*function)(void *), void *argument);
__asm__(
	".text\n"
	".type call_guest_thread, @function\n"
	"call_guest_thread:\n"
	"	pushq %rbp\n"
	"	movq %rsp, %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	subq $72, %rsp\n"
	"	movq %rdi, %rax\n"
	"	movq %rsi, %rdi\n"
	/* The guest doesn't preserve rbp either: it is restored from rsp. */
	"	movq %rbp, 56(%rsp)\n"
	"	call *%rax\n"
	"	movq 56(%rsp), %rbp\n"
	"	addq $72, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size call_guest_thread, .-call_guest_thread\n");

/* Arguments of a new thread, on the creator's stack, which waits until id is set. */
struct start {
	void *(*function)(void *);
	void *argument;
	_Atomic int32_t id;
};

static void *run_thread(void *argument)
{
	struct start *start = argument;
	void *(*function)(void *) = start->function;
	void *function_argument = start->argument;
	thread.id = (int32_t)syscall_raw(SYS_gettid);
	atomic_store(&start->id, thread.id);
	syscall_raw(SYS_futex, &start->id, FUTEX_WAKE_PRIVATE, 1);
	call_guest_thread(function, function_argument);
	return NULL;
}

/* pthread functions return an error number and leave errno alone. */
GUEST static long guest_pthread_create(uint32_t *id, struct attributes **attr, void *(*function)(void *), void *argument)
{
	struct start start = { .function = function, .argument = argument };
	pthread_attr_t attributes;
	pthread_t created;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (attr == NULL || *attr == NULL || (*attr)->detach_state != SUN_PTHREAD_CREATE_DETACHED)
		unknown("pthread_create", "attributes: not detached", 0);
	pthread_attr_setstacksize(&attributes, (*attr)->stack_size);
	int error = pthread_create(&created, &attributes, run_thread, &start);
	pthread_attr_destroy(&attributes);
	if (error != 0)
		return errno_to_sun(error);
	int32_t new_id;
	while ((new_id = atomic_load(&start.id)) == 0)
		syscall_raw(SYS_futex, &start.id, FUTEX_WAIT_PRIVATE, 0, NULL);
	*id = (uint32_t)new_id;
	return 0;
}

GUEST static long guest_pthread_self(void)
{
	return thread.id;
}

GUEST static long guest_pthread_kill(uint32_t id, int signal)
{
	int linux_signal = signal_to_linux(signal);
	if (signal != 0 && linux_signal == 0)
		return SUN_EINVAL;
	long answer = syscall_raw(SYS_tgkill, syscall_raw(SYS_getpid), id, linux_signal);
	return is_error(answer) ? errno_to_sun((int)-answer) : 0;
}

GUEST static long guest_sched_yield(void)
{
	return result(syscall_raw(SYS_sched_yield));
}

void threads_start(void)
{
	thread.id = (int32_t)syscall_raw(SYS_gettid);
}

const struct symbol threads_symbols[] = {
	SYMBOL("libc", pthread_attr_init),
	SYMBOL("libc", pthread_attr_destroy),
	SYMBOL("libc", pthread_attr_setstack),
	SYMBOL("libc", pthread_attr_getstack),
	SYMBOL("libc", pthread_attr_setdetachstate),
	SYMBOL("libc", pthread_create),
	SYMBOL("libc", pthread_self),
	SYMBOL("libc", pthread_kill),
	SYMBOL("libc", sched_yield),
	SYMBOLS_END
};
