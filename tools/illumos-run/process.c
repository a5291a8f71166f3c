/* Processes: fork, exec, wait, exit. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "shim.h"
#include "zonecall.h"

bool forked;

/* The path of the runner, which also runs the illumos programs that the guest executes. */
static char runner_path[PATH_MAX];

void process_start(void)
{
	ssize_t length = readlink("/proc/self/exe", runner_path, sizeof runner_path - 1);
	if (length < 0)
		fatal("can't find illumos-run itself: /proc/self/exe: %s", strerror(errno));
	runner_path[length] = '\0';
}

int private_fd(int fd)
{
	long moved = syscall_raw(SYS_fcntl, fd, F_DUPFD_CLOEXEC, PRIVATE_FD_MIN);
	syscall_raw(SYS_close, fd);
	return (int)moved;
}

GUEST static long guest__exit(int status)
{
	return result(syscall_raw(SYS_exit_group, status));
}

GUEST static long guest_exit(int status)
{
	return result(syscall_raw(SYS_exit_group, status));
}

/*
 * A raw clone: glibc's fork would run handlers that take locks, and Go forks while other
 * threads hold them. FORK_NOSIGCHLD can't be implemented (exec turns the child's signal on
 * again), so the parent gets a SIGCHLD that illumos doesn't send. FORK_WAITPID only means
 * that a wait for any child doesn't return this one.
 */
GUEST static long guest_forkx(int flags)
{
	static const struct flag known[] = { { SUN_FORK_NOSIGCHLD, 0 }, { SUN_FORK_WAITPID, 0 } };
	flags_to_linux("forkx", known, COUNT(known), (uint32_t)flags);
	long pid = syscall_raw(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		forked = true;
		thread.id = (int32_t)syscall_raw(SYS_gettid);
		contract_child();
	} else if (pid > 0) {
		contract_forked((int)pid);
	}
	return result(pid);
}

static size_t count(char *const *list)
{
	size_t n = 0;
	while (list[n] != NULL)
		n++;
	return n;
}

/* snprintf may take a lock. */
static void decimal(char *text, int32_t number)
{
	char digits[12];
	size_t length = 0;
	for (; number > 0; number /= 10)
		digits[length++] = (char)('0' + number % 10);
	while (length > 0)
		*text++ = digits[--length];
	*text = '\0';
}

/*
 * Linux can't execute an illumos program, whose interpreter doesn't exist here, so the
 * runner is executed with it. The argument vector is in newly mapped memory, since the
 * child of a fork can't use malloc.
 */
static long execute_guest(const char *path, char *const *argv, char *const *environment)
{
	size_t arguments = count(argv);
	size_t size = (arguments + 11) * sizeof(char *);
	char **vector = (char **)syscall_raw(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (is_error((long)vector))
		return (long)vector;
	size_t next = 0;
	vector[next++] = runner_path;
	/* The kernel process must be the same whatever environment the program gets. */
	if (zone_variable(ZONES_RUN) != NULL) {
		vector[next++] = (char *)"--zones-run";
		vector[next++] = (char *)zone_variable(ZONES_RUN);
	}
	if (zone_variable(ZONES_KERNEL) != NULL) {
		vector[next++] = (char *)"--zones-kernel";
		vector[next++] = (char *)zone_variable(ZONES_KERNEL);
	}
	char member_of[12];
	if (contract_member_of() != 0) {
		decimal(member_of, contract_member_of());
		vector[next++] = (char *)"--contract";
		vector[next++] = member_of;
	}
	vector[next++] = (char *)"--argv0";
	vector[next++] = arguments > 0 ? argv[0] : (char *)"";
	vector[next++] = (char *)path;
	for (size_t i = 1; i < arguments; i++)
		vector[next++] = argv[i];
	vector[next] = NULL;
	long answer = syscall_raw(SYS_execve, runner_path, vector, environment);
	syscall_raw(SYS_munmap, vector, size);
	return answer;
}

GUEST static long guest_execve(const char *path, char *const *argv, char *const *environment)
{
	long answer;
	if (zone_execute(path, argv, environment, &answer))
		return answer;
	long fd = syscall_raw(SYS_open, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		bool guest = elf_is_guest((int)fd);
		syscall_raw(SYS_close, fd);
		/* Linux checks whether the file may be executed. */
		if (guest) {
			long allowed = syscall_raw(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS);
			return result(allowed == 0 ? execute_guest(path, argv, environment) : allowed);
		}
	} else if (strcmp(path, devfsadm_path) == 0) {
		return result(execute_guest(path, argv, environment));
	}
	return result(syscall_raw(SYS_execve, path, argv, environment));
}

/* A wait status contains a signal number. */
static uint32_t status_to_sun(int status)
{
	uint32_t word = (uint32_t)status;
	if (WIFSIGNALED(status))
		return (word & ~0x7fU) | (uint32_t)signal_to_sun(WTERMSIG(status));
	if (WIFSTOPPED(status))
		return (word & ~0xff00U) | (uint32_t)signal_to_sun(WSTOPSIG(status)) << 8;
	return word;
}

GUEST static long guest_wait4(int pid, int *status, int options, void *usage)
{
	static const struct flag known[] = {
		{ SUN_WNOHANG, WNOHANG }, { SUN_WUNTRACED, WUNTRACED }, { SUN_WCONTINUED, WCONTINUED },
	};
	int linux_status = 0;
	/* struct rusage is the same on both. */
	long answer = syscall_raw(SYS_wait4, pid, &linux_status,
				  flags_to_linux("wait4", known, COUNT(known), (uint32_t)options), usage);
	if (answer > 0 && status != NULL) {
		uint32_t sun_status = status_to_sun(linux_status);
		if (copy_out(status, &sun_status, sizeof sun_status) != 0)
			return fail(SUN_EFAULT);
	}
	return result(answer);
}

GUEST static long guest_getexecname(void)
{
	return (long)guest_path;
}

GUEST static long guest_issetugid(void)
{
	return 0;
}

const struct symbol process_symbols[] = {
	SYMBOL("libc", _exit),
	SYMBOL("libc", exit),
	SYMBOL("libc", forkx),
	SYMBOL("libc", execve),
	SYMBOL("libc", wait4),
	SYMBOL("libc", getexecname),
	SYMBOL("libc", issetugid),
	SYMBOLS_END
};
