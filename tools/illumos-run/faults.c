/*
 * Calls that fail because a test wants it. Each function that a guest imports is reached
 * through a gate, which lets one call fail: the Nth of the named functions returns what it
 * returns for an error, and has no effect. So a test can show that a binding looks at the
 * error of a call that never fails here.
 *
 * A guest asks for it by readlink(2), which is one call with a text each way:
 *
 *	/illumos-run/fault/thread/N+M/ERRNO/NAMES	from the Nth call of this thread M fail with
 *						ERRNO, illumos's number
 *	/illumos-run/fault/process/N+M/ERRNO/NAMES	from the Nth of any thread
 *	/illumos-run/fault/end			no further one; the link leads to the name of
 *						the function that failed, or to -
 *
 * NAMES are separated by commas, or * for all that Go's runtime doesn't call by itself. For
 * a guest that another one executes, ILLUMOS_RUN_FAULT is N+M/ERRNO/NAMES:FILE. The name of
 * the function that failed is added to FILE.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "shim.h"

#define ASK "/illumos-run/fault/"

/* The fault that is wanted: one at a time. */
static struct {
	int left;		/* calls until the first fails */
	int more;		/* calls that fail; 0: none is wanted */
	int error;		/* illumos's number */
	int32_t thread;		/* 0: any */
	char names[512];
	char file[256];
	const char *fired;	/* the function that failed */
} fault;

/* What Go's runtime calls at any time. These never fail. */
static const char *const never[] = {
	"___errno", "_exit", "exit", "malloc", "madvise", "sched_yield", "usleep", "nanosleep", "clock_gettime",
	"sigaction", "sigaltstack", "setitimer", "sysconf", "port_getn", "port_alert", "sem_init", "sem_wait",
	"sem_reltimedwait_np", "sem_post", "pthread_attr_init", "pthread_attr_destroy", "pthread_attr_setstack",
	"pthread_attr_getstack", "pthread_attr_setdetachstate", "pthread_create", "pthread_self", "pthread_kill",
};

/* These are only meant by their names: the runtime has uses for them too, or nobody looks at their errors. */
static const char *const by_name[] = {
	"mmap", "munmap", "mprotect", "sigprocmask", "port_create", "port_associate", "port_dissociate", "close",
	"fcntl", "getpid", "issetugid", "getuid", "geteuid", "getgid", "getegid", "ucred_free", "setutxent",
	"endutxent", "sysevent_evc_unbind", "getzoneid",
};

/* Other results of failure than -1 with errno: NULL with errno, and the number itself. */
static const char *const null_for_error[] = {
	"ptsname", "ucred_get", "ucred_getprivset", "makeutx", "modutx", "getutxent", "getcwd",
};
static const char *const number_for_error[] = {
	"sysevent_evc_bind", "sysevent_evc_subscribe", "sysevent_evc_unsubscribe",
};

#define AMONG(list, name) among(list, COUNT(list), name)
static bool among(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* The functions of the gates, and code for each of them. */
enum { GATES = 512, GATE_SIZE = 16 };
static const struct symbol *gates[GATES];
extern const char fault_gates[];

/*
 * Each gate pushes its index. What they share asks fault_decide, and jumps to the function
 * with the registers and the stack as they were, or returns in its place.
 */
__asm__(".pushsection .text\n"
	".balign 16\n"
	"fault_gates:\n"
	".set index, 0\n"
	".rept 512\n"
	".balign 16\n"
	"	pushq	$index\n"
	"	jmp	fault_gate\n"
	".set index, index + 1\n"
	".endr\n"
	"fault_gate:\n"
	"	pushq	%rbp\n"
	"	movq	%rsp, %rbp\n"
	"	pushq	%rdi\n"
	"	pushq	%rsi\n"
	"	pushq	%rdx\n"
	"	pushq	%rcx\n"
	"	pushq	%r8\n"
	"	pushq	%r9\n"
	"	movq	%rdi, %rsi\n"
	"	movq	8(%rbp), %rdi\n"
	"	andq	$-16, %rsp\n"	/* some calls come from an unaligned stack */
	"	call	fault_decide\n"
	"	movq	%rdx, %r11\n"
	"	movq	-8(%rbp), %rdi\n"
	"	movq	-16(%rbp), %rsi\n"
	"	movq	-24(%rbp), %rdx\n"
	"	movq	-32(%rbp), %rcx\n"
	"	movq	-40(%rbp), %r8\n"
	"	movq	-48(%rbp), %r9\n"
	"	leave\n"
	"	addq	$8, %rsp\n"
	"	testq	%rax, %rax\n"
	"	jz	1f\n"
	"	jmp	*%rax\n"
	"1:	movq	%r11, %rax\n"
	"	ret\n"
	".popsection\n");

/* Where a gate leads: to the function, or with NULL to the result of a failure. */
struct decision {
	void (*function)(void);
	long result;
};
struct decision fault_decide(long index, const char *first);

/* Not in the child of a fork: it has what its parent wanted, and nobody whom it could tell. */
static bool is_meant(const struct symbol *symbol)
{
	size_t length = strlen(symbol->name);
	if (forked || (fault.thread != 0 && fault.thread != thread.id))
		return false;
	if (strcmp(fault.names, "*") == 0)
		return !AMONG(by_name, symbol->name);
	for (const char *name = fault.names; name != NULL; name = strchr(name, ',')) {
		name += *name == ',';
		if (strncmp(name, symbol->name, length) == 0 && (name[length] == '\0' || name[length] == ','))
			return true;
	}
	return false;
}

static void note(const char *name)
{
	__atomic_store_n(&fault.fired, name, __ATOMIC_RELEASE);
	if (fault.file[0] == '\0')
		return;
	int fd = (int)syscall_raw(SYS_open, fault.file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		fatal("ILLUMOS_RUN_FAULT: %s can't be written", fault.file);
	syscall_raw(SYS_write, fd, name, strlen(name));
	syscall_raw(SYS_close, fd);
}

struct decision fault_decide(long index, const char *first)
{
	const struct symbol *symbol = gates[index];
	struct decision through = { symbol->function, 0 };
	if (__atomic_load_n(&fault.more, __ATOMIC_ACQUIRE) <= 0 || !is_meant(symbol))
		return through;
	char path[sizeof ASK];
	if (strcmp(symbol->name, "readlink") == 0 && copy_in(path, first, sizeof ASK - 1) == 0 && memcmp(path, ASK, sizeof ASK - 1) == 0)
		return through;
	if (__atomic_sub_fetch(&fault.left, 1, __ATOMIC_ACQ_REL) > 0 || __atomic_fetch_sub(&fault.more, 1, __ATOMIC_ACQ_REL) <= 0)
		return through;
	note(symbol->name);
	struct decision failure = { NULL, fault.error };
	if (!AMONG(number_for_error, symbol->name))
		failure.result = fail(fault.error);
	if (AMONG(null_for_error, symbol->name))
		failure.result = 0;
	return failure;
}

void (*fault_gated(const struct symbol *symbol))(void)
{
	static int used;
	if (AMONG(never, symbol->name) || used == GATES)
		return symbol->function;
	gates[used] = symbol;
	return (void (*)(void))(fault_gates + GATE_SIZE * used++);
}

/* Wants what N+M/ERRNO/NAMES says. */
static bool want(const char *text, int32_t thread_id)
{
	char *end;
	long left = strtol(text, &end, 10), more = *end == '+' ? strtol(end + 1, &end, 10) : 0;
	if (left <= 0 || more <= 0 || *end != '/')
		return false;
	fault.error = (int)strtol(end + 1, &end, 10);
	if (fault.error <= 0 || *end != '/' || strlen(end + 1) >= sizeof fault.names)
		return false;
	strcpy(fault.names, end + 1);
	fault.thread = thread_id;
	fault.fired = NULL;
	fault.left = (int)left;
	__atomic_store_n(&fault.more, (int)more, __ATOMIC_RELEASE);
	return true;
}

bool fault_readlink(const char *guest, char *buffer, size_t size, long *answer)
{
	char path[sizeof ASK + sizeof fault.names + 64];
	if (copy_in(path, guest, sizeof ASK - 1) != 0 || memcmp(path, ASK, sizeof ASK - 1) != 0)
		return false;
	if (copy_in_string(path, guest, sizeof path) != 0)
		fatal("fault: too long");
	const char *what = path + sizeof ASK - 1, *said = "-";
	__atomic_store_n(&fault.more, 0, __ATOMIC_RELEASE);
	if (strcmp(what, "end") == 0)
		said = fault.fired != NULL ? fault.fired : "-";
	else if (!(strncmp(what, "thread/", 7) == 0 && want(what + 7, thread.id)) &&
		 !(strncmp(what, "process/", 8) == 0 && want(what + 8, 0)))
		fatal("%s: no such fault", path);
	size_t length = strlen(said) < size ? strlen(said) : size;
	*answer = copy_out(buffer, said, length) == 0 ? (long)length : fail(SUN_EFAULT);
	return true;
}

void faults_start(void)
{
	char text[sizeof fault.names + 64];
	const char *given = getenv("ILLUMOS_RUN_FAULT");
	if (given == NULL)
		return;
	const char *file = strchr(given, ':');
	if (file == NULL || strlen(file + 1) >= sizeof fault.file || (size_t)(file - given) >= sizeof text)
		fatal("ILLUMOS_RUN_FAULT is %s, not N+M/ERRNO/NAMES:FILE", given);
	memcpy(text, given, (size_t)(file - given));
	text[file - given] = '\0';
	strcpy(fault.file, file + 1);
	if (!want(text, 0))
		fatal("ILLUMOS_RUN_FAULT is %s, not N+M/ERRNO/NAMES:FILE", given);
}
