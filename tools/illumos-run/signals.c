/*
 * Signals: numbers, masks, handlers and their arguments.
 *
 * One function handles every signal that the guest handles. It builds illumos's siginfo and
 * ucontext from Linux's, calls the guest's handler, and copies registers and mask back,
 * since Go's preemption changes the address to which a handler returns.
 */
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ucontext.h>
#include "shim.h"

/* The kernel's struct sigaction, which glibc's differs from. */
struct kernel_sigaction {
	uint64_t handler;
	uint64_t flags;
	void (*restorer)(void);
	uint64_t mask;
};
enum { KERNEL_SIGSET = 8, LINUX_SIGNALS = 64, SUN_SIGNALS = SUN_SIGRTMAX };
#define LINUX_SA_RESTORER 0x04000000

#define SAME(name) { SUN_##name, name }

/*
 * Linux's real-time signals are used for illumos's, and the last ten for signals that Linux
 * lacks, so that programs that handle and send all signals work. glibc uses 32 and 33
 * itself. The remaining real-time signals of illumos (60 to 63 and up) have no number here:
 * they can be handled and blocked, but not sent.
 */
enum { LINUX_RTMIN = 34, BORROWED = 55, REALTIME = BORROWED - LINUX_RTMIN };

static const struct number signals[] = {
	SAME(SIGHUP), SAME(SIGINT), SAME(SIGQUIT), SAME(SIGILL), SAME(SIGTRAP), SAME(SIGABRT),
	SAME(SIGBUS), SAME(SIGFPE), SAME(SIGKILL), SAME(SIGUSR1), SAME(SIGSEGV), SAME(SIGUSR2),
	SAME(SIGPIPE), SAME(SIGALRM), SAME(SIGTERM), SAME(SIGCHLD), SAME(SIGCONT), SAME(SIGSTOP),
	SAME(SIGTSTP), SAME(SIGTTIN), SAME(SIGTTOU), SAME(SIGURG), SAME(SIGXCPU), SAME(SIGXFSZ),
	SAME(SIGVTALRM), SAME(SIGPROF), SAME(SIGWINCH), SAME(SIGPOLL), SAME(SIGPWR), SAME(SIGSYS),
	{ SUN_SIGEMT, BORROWED }, { SUN_SIGWAITING, BORROWED + 1 }, { SUN_SIGLWP, BORROWED + 2 },
	{ SUN_SIGFREEZE, BORROWED + 3 }, { SUN_SIGTHAW, BORROWED + 4 }, { SUN_SIGCANCEL, BORROWED + 5 },
	{ SUN_SIGLOST, BORROWED + 6 }, { SUN_SIGXRES, BORROWED + 7 }, { SUN_SIGJVM1, BORROWED + 8 },
	{ SUN_SIGJVM2, BORROWED + 9 },
};
_Static_assert(BORROWED + 9 == LINUX_SIGNALS, "the borrowed signals end where Linux's do");

int signal_to_linux(int sun_signal)
{
	int linux_signal;
	if (sun_signal >= SUN_SIGRTMIN && sun_signal < SUN_SIGRTMIN + REALTIME)
		return LINUX_RTMIN + (sun_signal - SUN_SIGRTMIN);
	return number_to_linux(signals, COUNT(signals), sun_signal, &linux_signal) ? linux_signal : 0;
}

int signal_to_sun(int linux_signal)
{
	int sun_signal;
	if (linux_signal >= LINUX_RTMIN && linux_signal < BORROWED)
		return SUN_SIGRTMIN + (linux_signal - LINUX_RTMIN);
	return number_to_sun(signals, COUNT(signals), linux_signal, &sun_signal) ? sun_signal : 0;
}

/* illumos's sigset_t is four words of 32 bits, signal 1 the lowest of the first. */
struct sun_sigset {
	uint32_t words[4];
};
_Static_assert(sizeof(struct sun_sigset) == SUN_SIZEOF_sigset_t, "sigset_t");

static bool sun_has(const struct sun_sigset *set, int signal)
{
	return set->words[(signal - 1) / 32] >> ((signal - 1) % 32) & 1;
}

/* The signals of a set that have a number on Linux, as Linux's set. */
static uint64_t mask_to_linux(const struct sun_sigset *set)
{
	uint64_t mask = 0;
	for (int signal = 1; signal <= SUN_SIGNALS; signal++)
		if (sun_has(set, signal)) {
			int linux_signal = signal_to_linux(signal);
			if (linux_signal != 0)
				mask |= 1UL << (linux_signal - 1);
		}
	return mask;
}

static void mask_to_sun(uint64_t mask, struct sun_sigset *set)
{
	memset(set, 0, sizeof *set);
	for (int signal = 1; signal <= LINUX_SIGNALS; signal++)
		if (mask >> (signal - 1) & 1) {
			int sun_signal = signal_to_sun(signal);
			if (sun_signal != 0)
				set->words[(sun_signal - 1) / 32] |= 1U << ((sun_signal - 1) % 32);
		}
}

/*
 * The guest's actions, by its own signal numbers. They can be read by a handler at any time,
 * so the handler's word is written last. A new handler with the old mask is as if the
 * signal had come a moment earlier.
 */
static struct {
	_Atomic uint64_t handler;
	_Atomic int flags;
	struct sun_sigset mask;
} actions[SUN_SIGNALS + 1];

/* The return from a handler: rt_sigreturn. */
void signal_restorer(void);
__asm__(
	".text\n"
	".type signal_restorer, @function\n"
	"signal_restorer:\n"
	"	movl $15, %eax\n"
	"	syscall\n"
	".size signal_restorer, .-signal_restorer\n");
_Static_assert(SYS_rt_sigreturn == 15, "signal_restorer has the number");

/* illumos's ucontext; abi.json has its size and those of its parts. */
struct sun_ucontext {
	uint64_t uc_flags;
	struct sun_ucontext *uc_link;
	struct sun_sigset uc_sigmask;
	struct sun_stack uc_stack;
	struct sun_mcontext uc_mcontext;
};
_Static_assert(sizeof(struct sun_ucontext) == SUN_SIZEOF_ucontext_t, "ucontext_t");

/* The index in Linux's frame of each of illumos's registers. */
static const struct {
	int sun, linux_;
} registers[] = {
	{ SUN_REG_R15, REG_R15 }, { SUN_REG_R14, REG_R14 }, { SUN_REG_R13, REG_R13 }, { SUN_REG_R12, REG_R12 },
	{ SUN_REG_R11, REG_R11 }, { SUN_REG_R10, REG_R10 }, { SUN_REG_R9, REG_R9 }, { SUN_REG_R8, REG_R8 },
	{ SUN_REG_RDI, REG_RDI }, { SUN_REG_RSI, REG_RSI }, { SUN_REG_RBP, REG_RBP }, { SUN_REG_RBX, REG_RBX },
	{ SUN_REG_RDX, REG_RDX }, { SUN_REG_RCX, REG_RCX }, { SUN_REG_RAX, REG_RAX }, { SUN_REG_RIP, REG_RIP },
	{ SUN_REG_RFL, REG_EFL }, { SUN_REG_RSP, REG_RSP },
};

static void context_to_sun(const ucontext_t *from, struct sun_ucontext *to)
{
	memset(to, 0, offsetof(struct sun_ucontext, uc_mcontext.fpregs));
	/* Without floating point, which is restored from Linux's frame and Go doesn't read. */
	to->uc_flags = SUN_UC_SIGMASK | SUN_UC_STACK | SUN_UC_CPU;
	mask_to_sun(*(const uint64_t *)&from->uc_sigmask, &to->uc_sigmask);
	to->uc_stack.ss_sp = from->uc_stack.ss_sp;
	to->uc_stack.ss_size = from->uc_stack.ss_size;
	to->uc_stack.ss_flags = from->uc_stack.ss_flags;
	for (size_t i = 0; i < COUNT(registers); i++)
		to->uc_mcontext.gregs[registers[i].sun] = (uint64_t)from->uc_mcontext.gregs[registers[i].linux_];
	uint64_t segments = (uint64_t)from->uc_mcontext.gregs[REG_CSGSFS];
	to->uc_mcontext.gregs[SUN_REG_CS] = segments & 0xffff;
	to->uc_mcontext.gregs[SUN_REG_GS] = segments >> 16 & 0xffff;
	to->uc_mcontext.gregs[SUN_REG_FS] = segments >> 32 & 0xffff;
	to->uc_mcontext.gregs[SUN_REG_SS] = segments >> 48 & 0xffff;
	to->uc_mcontext.gregs[SUN_REG_TRAPNO] = (uint64_t)from->uc_mcontext.gregs[REG_TRAPNO];
	to->uc_mcontext.gregs[SUN_REG_ERR] = (uint64_t)from->uc_mcontext.gregs[REG_ERR];
}

static void context_from_sun(const struct sun_ucontext *from, ucontext_t *to)
{
	*(uint64_t *)&to->uc_sigmask = mask_to_linux(&from->uc_sigmask);
	for (size_t i = 0; i < COUNT(registers); i++)
		to->uc_mcontext.gregs[registers[i].linux_] = (long long)from->uc_mcontext.gregs[registers[i].sun];
}

/* illumos's siginfo of a signal that a process sent. */
struct sun_sender {
	int32_t pid;
	int32_t pad;
	union {
		struct {
			uint32_t uid;
			uint64_t value;
		} kill;
		struct {
			int64_t utime;
			int32_t status;
			int64_t stime;
		} child;
	};
};

static bool is_fault(int linux_signal)
{
	return linux_signal == SIGSEGV || linux_signal == SIGBUS || linux_signal == SIGILL ||
	       linux_signal == SIGFPE || linux_signal == SIGTRAP;
}

static int code_to_sun(int linux_signal, int code)
{
	switch (code) {
	case SI_USER: return SUN_SI_USER;
	case SI_TKILL: return SUN_SI_LWP;
	case SI_QUEUE: return SUN_SI_QUEUE;
	case SI_TIMER: return SUN_SI_TIMER;
	case SI_MESGQ: return SUN_SI_MESGQ;
	case SI_ASYNCIO: return SUN_SI_ASYNCIO;
	/*
	 * A fault at a non-canonical address has no code on Linux. Other signals of the kernel
	 * just need a code that isn't a user's.
	 */
	case SI_KERNEL: return linux_signal == SIGSEGV ? SUN_SEGV_MAPERR : 1;
	}
	/* The codes of faults and of children have the same numbers on both. */
	return code;
}

static void info_to_sun(int linux_signal, const siginfo_t *from, struct sun_siginfo *to)
{
	memset(to, 0, sizeof *to);
	to->si_signo = signal_to_sun(linux_signal);
	to->si_code = code_to_sun(linux_signal, from->si_code);
	to->si_errno = from->si_errno == 0 ? 0 : errno_to_sun(from->si_errno);
	if (is_fault(linux_signal) && from->si_code > 0) {
		memcpy(to->__data, &from->si_addr, sizeof from->si_addr);
		return;
	}
	struct sun_sender sender = { .pid = from->si_pid };
	if (linux_signal == SIGCHLD && from->si_code > 0) {
		sender.child.utime = from->si_utime;
		sender.child.stime = from->si_stime;
		sender.child.status = from->si_code == CLD_EXITED ? from->si_status : signal_to_sun(from->si_status);
	} else {
		sender.kill.uid = from->si_uid;
		memcpy(&sender.kill.value, &from->si_value, sizeof from->si_value);
	}
	memcpy(to->__data, &sender, sizeof sender);
}

static void set_linux_action(int linux_signal, uint64_t handler, uint64_t flags, uint64_t mask)
{
	struct kernel_sigaction action = {
		.handler = handler, .flags = flags | LINUX_SA_RESTORER, .restorer = signal_restorer, .mask = mask,
	};
	syscall_raw(SYS_rt_sigaction, linux_signal, &action, NULL, KERNEL_SIGSET);
}

static void deliver(int linux_signal, siginfo_t *linux_info, void *linux_context)
{
	ucontext_t *frame = linux_context;
	if ((linux_signal == SIGSEGV || linux_signal == SIGBUS) &&
	    copy_fixup((uint64_t *)&frame->uc_mcontext.gregs[REG_RIP]))
		return;
	int signal = signal_to_sun(linux_signal);
	uint64_t handler = atomic_load(&actions[signal].handler);
	if (handler == SUN_SIG_IGN && linux_info->si_code <= 0)
		return;
	if (handler == SUN_SIG_DFL || handler == SUN_SIG_IGN) {
		/*
		 * A fault of the guest, which this handler gets because of copy_fixup. The
		 * instruction is executed again with Linux's default action. A signal that was
		 * sent is sent again, and is pending until this handler returns.
		 */
		set_linux_action(linux_signal, (uint64_t)SIG_DFL, 0, 0);
		if (linux_info->si_code <= 0)
			syscall_raw(SYS_tgkill, syscall_raw(SYS_getpid), syscall_raw(SYS_gettid), linux_signal);
		return;
	}
	struct sun_siginfo info;
	struct sun_ucontext context;
	info_to_sun(linux_signal, linux_info, &info);
	context_to_sun(frame, &context);
	((void (*)(int, struct sun_siginfo *, struct sun_ucontext *))handler)(signal, &info, &context);
	context_from_sun(&context, frame);
}

/* copy_fixup's signals are always handled, whatever the guest's action is. */
static void install(int linux_signal, uint64_t handler, int sun_flags, const struct sun_sigset *mask)
{
	static const struct flag flags[] = {
		{ SUN_SA_ONSTACK, SA_ONSTACK }, { SUN_SA_RESETHAND, SA_RESETHAND }, { SUN_SA_RESTART, SA_RESTART },
		{ SUN_SA_SIGINFO, SA_SIGINFO }, { SUN_SA_NODEFER, SA_NODEFER }, { SUN_SA_NOCLDWAIT, SA_NOCLDWAIT },
		{ SUN_SA_NOCLDSTOP, SA_NOCLDSTOP },
	};
	uint32_t linux_flags = flags_to_linux("sigaction", flags, COUNT(flags), (uint32_t)sun_flags) | SA_SIGINFO;
	bool watched = linux_signal == SIGSEGV || linux_signal == SIGBUS;
	if (handler == SUN_SIG_DFL && !watched)
		set_linux_action(linux_signal, (uint64_t)SIG_DFL, linux_flags & ~(uint32_t)SA_SIGINFO, 0);
	else if (handler == SUN_SIG_IGN && !watched)
		set_linux_action(linux_signal, (uint64_t)SIG_IGN, linux_flags & ~(uint32_t)SA_SIGINFO, 0);
	else
		set_linux_action(linux_signal, (uint64_t)deliver, linux_flags | (watched ? SA_ONSTACK : 0), mask_to_linux(mask));
}

GUEST static long guest_sigaction(int signal, const struct sun_sigaction *action, struct sun_sigaction *old)
{
	struct sun_sigaction new;
	if (signal < 1 || signal > SUN_SIGNALS)
		return fail(SUN_EINVAL);
	if (action != NULL && copy_in(&new, action, sizeof new) != 0)
		return fail(SUN_EFAULT);
	if (old != NULL) {
		struct sun_sigaction was = { .sa_flags = atomic_load(&actions[signal].flags) };
		uint64_t handler = atomic_load(&actions[signal].handler);
		memcpy(&was._funcptr, &handler, sizeof handler);
		memcpy(was.sa_mask, &actions[signal].mask, sizeof was.sa_mask);
		if (copy_out(old, &was, sizeof was) != 0)
			return fail(SUN_EFAULT);
	}
	if (action == NULL)
		return 0;
	if (signal == SUN_SIGKILL || signal == SUN_SIGSTOP)
		return fail(SUN_EINVAL);
	uint64_t handler;
	memcpy(&handler, &new._funcptr, sizeof handler);
	atomic_store(&actions[signal].flags, new.sa_flags);
	memcpy(&actions[signal].mask, new.sa_mask, sizeof new.sa_mask);
	atomic_store(&actions[signal].handler, handler);
	int linux_signal = signal_to_linux(signal);
	if (linux_signal != 0)
		install(linux_signal, handler, new.sa_flags, (const struct sun_sigset *)new.sa_mask);
	return 0;
}

/*
 * The signals that are never blocked on Linux: those of a copy of guest memory that faults,
 * which would kill the program.
 */
enum { NEVER_BLOCKED = 1 << (SIGSEGV - 1) | 1 << (SIGBUS - 1) };

/* The signals of a set that aren't blocked on Linux, as kept in struct thread. */
static void not_blocked(const struct sun_sigset *set, uint64_t bits[2])
{
	bits[0] = bits[1] = 0;
	for (int signal = 1; signal <= SUN_SIGNALS; signal++)
		if (sun_has(set, signal) && (signal_to_linux(signal) == 0 || signal == SUN_SIGSEGV || signal == SUN_SIGBUS))
			bits[(signal - 1) / 64] |= 1UL << ((signal - 1) % 64);
}

GUEST static long guest_sigprocmask(int how, const struct sun_sigset *set, struct sun_sigset *old)
{
	static const struct number hows[] = {
		{ SUN_SIG_BLOCK, SIG_BLOCK }, { SUN_SIG_UNBLOCK, SIG_UNBLOCK }, { SUN_SIG_SETMASK, SIG_SETMASK },
	};
	struct sun_sigset new;
	uint64_t mask = 0, was;
	int linux_how = SIG_BLOCK;
	if (set != NULL) {
		if (copy_in(&new, set, sizeof new) != 0)
			return fail(SUN_EFAULT);
		if (!number_to_linux(hows, COUNT(hows), how, &linux_how))
			return fail(SUN_EINVAL);
		mask = mask_to_linux(&new) & ~(uint64_t)NEVER_BLOCKED;
	}
	long answer = syscall_raw(SYS_rt_sigprocmask, linux_how, set != NULL ? &mask : NULL, &was, KERNEL_SIGSET);
	if (is_error(answer))
		return result(answer);
	struct sun_sigset was_sun;
	mask_to_sun(was, &was_sun);
	for (int i = 0; i < 4; i++)
		was_sun.words[i] |= (uint32_t)(thread.blocked_extra[i / 2] >> (i % 2 * 32));
	if (set != NULL) {
		uint64_t bits[2];
		not_blocked(&new, bits);
		for (int i = 0; i < 2; i++)
			switch (how) {
			case SUN_SIG_BLOCK: thread.blocked_extra[i] |= bits[i]; break;
			case SUN_SIG_UNBLOCK: thread.blocked_extra[i] &= ~bits[i]; break;
			case SUN_SIG_SETMASK: thread.blocked_extra[i] = bits[i]; break;
			}
	}
	if (old != NULL && copy_out(old, &was_sun, sizeof was_sun) != 0)
		return fail(SUN_EFAULT);
	return 0;
}

GUEST static long guest_sigaltstack(const struct sun_stack *stack, struct sun_stack *old)
{
	static const struct flag flags[] = { { SUN_SS_ONSTACK, SS_ONSTACK }, { SUN_SS_DISABLE, SS_DISABLE } };
	struct sun_stack new, was_sun;
	stack_t linux_new, was;
	if (stack != NULL) {
		if (copy_in(&new, stack, sizeof new) != 0)
			return fail(SUN_EFAULT);
		linux_new = (stack_t){
			.ss_sp = new.ss_sp, .ss_size = new.ss_size,
			.ss_flags = (int)flags_to_linux("sigaltstack", flags, COUNT(flags), (uint32_t)new.ss_flags),
		};
	}
	long answer = syscall_raw(SYS_sigaltstack, stack != NULL ? &linux_new : NULL, &was);
	if (is_error(answer) || old == NULL)
		return result(answer);
	memset(&was_sun, 0, sizeof was_sun);
	was_sun.ss_sp = was.ss_sp;
	was_sun.ss_size = was.ss_size;
	was_sun.ss_flags = (int)flags_to_sun("sigaltstack", flags, COUNT(flags), (uint32_t)was.ss_flags);
	return copy_out(old, &was_sun, sizeof was_sun) != 0 ? fail(SUN_EFAULT) : 0;
}

/* Signal 0 checks whether the process exists. */
static long send(const char *call, long number, long who, long thread_id, int signal)
{
	if (signal < 0 || signal > SUN_SIGNALS)
		return fail(SUN_EINVAL);
	int linux_signal = signal_to_linux(signal);
	if (signal != 0 && linux_signal == 0)
		unknown(call, "signal that Linux has no number for", (unsigned long)signal);
	if (number == SYS_kill)
		return result(syscall_raw(SYS_kill, who, linux_signal));
	return result(syscall_raw(SYS_tgkill, who, thread_id, linux_signal));
}

GUEST static long guest_kill(int pid, int signal)
{
	return send("kill", SYS_kill, pid, 0, signal);
}

GUEST static long guest_raise(int signal)
{
	return send("raise", SYS_tgkill, syscall_raw(SYS_getpid), thread.id, signal);
}

GUEST static long guest_pause(void)
{
	return result(syscall_raw(SYS_pause));
}

/*
 * Signals that the parent ignored stay ignored, and the guest can see that, as nohup needs.
 * Faults are handled from the start, for copies from bad addresses.
 */
void signals_start(void)
{
	for (int signal = 1; signal <= SUN_SIGNALS; signal++) {
		struct kernel_sigaction action;
		int linux_signal = signal_to_linux(signal);
		if (linux_signal != 0 && syscall_raw(SYS_rt_sigaction, linux_signal, NULL, &action, KERNEL_SIGSET) == 0 &&
		    action.handler == (uint64_t)SIG_IGN)
			atomic_store(&actions[signal].handler, SUN_SIG_IGN);
	}
	const struct sun_sigset none = { { 0 } };
	install(SIGSEGV, atomic_load(&actions[SUN_SIGSEGV].handler), 0, &none);
	install(SIGBUS, atomic_load(&actions[SUN_SIGBUS].handler), 0, &none);
}

const struct symbol signals_symbols[] = {
	SYMBOL("libc", sigaction),
	SYMBOL("libc", sigprocmask),
	SYMBOL("libc", sigaltstack),
	SYMBOL("libc", kill),
	SYMBOL("libc", raise),
	SYMBOL("libc", pause),
	SYMBOLS_END
};
