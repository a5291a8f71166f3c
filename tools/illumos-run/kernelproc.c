/*
 * Finds the kernel process, as internal/kernelrpc/client does, and starts it.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "shim.h"
#include "zonecall.h"

static const char *inherited[ZONE_VARIABLES];

const char *zone_variable(enum zone_variable which)
{
	static const char *const names[] = { "ZONES_RUN", "ZONES_KERNEL" };
	const char *value = inherited[which] != NULL ? inherited[which] : getenv(names[which]);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

void zone_set_variable(enum zone_variable which, const char *value)
{
	inherited[which] = value;
}

void kernel_directory(char *path, size_t size)
{
	const char *named = zone_variable(ZONES_RUN), *runtime = getenv("XDG_RUNTIME_DIR"), *temporary = getenv("TMPDIR");
	unsigned uid = getuid();
	if (named != NULL)
		snprintf(path, size, "%s", named);
	else if (uid == 0)
		snprintf(path, size, "/var/run/zones");
	else if (runtime != NULL && runtime[0] != '\0')
		snprintf(path, size, "%s/zones", runtime);
	else
		snprintf(path, size, "%s/zones-%u", temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp", uid);
}

/* A name of path that fits an address; a long one goes through a descriptor of its directory. */
static long dial(void)
{
	char directory[3072], path[sizeof directory + 16];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	long parent = -1;
	kernel_directory(directory, sizeof directory);
	snprintf(path, sizeof path, "%s/kernel.door", directory);
	if (strlen(path) >= sizeof address.sun_path) {
		parent = syscall_raw(SYS_open, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (is_error(parent))
			return parent;
		snprintf(path, sizeof path, "/proc/self/fd/%ld/kernel.door", parent);
	}
	strcpy(address.sun_path, path);
	long fd = syscall_raw(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (!is_error(fd)) {
		long answer = syscall_raw(SYS_connect, fd, &address, sizeof address);
		if (is_error(answer)) {
			syscall_raw(SYS_close, fd);
			fd = answer;
		} else {
			fd = private_fd((int)fd);
		}
	}
	if (parent >= 0)
		syscall_raw(SYS_close, parent);
	return fd;
}

/* The kernel's program: $ZONES_KERNEL, the one in this program's directory, or the one in PATH. */
static bool kernel_program(char *path, size_t size)
{
	const char *named = zone_variable(ZONES_KERNEL), *search = getenv("PATH");
	if (named != NULL) {
		snprintf(path, size, "%s", named);
		return true;
	}
	ssize_t length = readlink("/proc/self/exe", path, size - sizeof "/zones-kernel");
	if (length > 0) {
		path[length] = '\0';
		strcpy(strrchr(path, '/'), "/zones-kernel");
		if (access(path, X_OK) == 0)
			return true;
	}
	for (const char *at = search; at != NULL && at[0] != '\0';) {
		size_t part = strcspn(at, ":");
		snprintf(path, size, "%.*s/zones-kernel", (int)part, at);
		if (part > 0 && access(path, X_OK) == 0)
			return true;
		at += part + (at[part] == ':');
	}
	return false;
}

/* The runner's environment with the inherited variables, in newly mapped memory. */
static char **kernel_environment(void)
{
	static const char *const formats[] = { "ZONES_RUN=%s", "ZONES_KERNEL=%s" };
	size_t count = 0, next = 0;
	while (environ[count] != NULL)
		count++;
	char **list = malloc((count + ZONE_VARIABLES + 1) * sizeof *list);
	if (list == NULL)
		fatal("out of memory");
	for (size_t i = 0; i < ZONE_VARIABLES; i++)
		if (zone_variable(i) != NULL && asprintf(&list[next], formats[i], zone_variable(i)) >= 0)
			next++;
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], "ZONES_RUN=", 10) != 0 && strncmp(environ[i], "ZONES_KERNEL=", 13) != 0)
			list[next++] = environ[i];
	list[next] = NULL;
	return list;
}

/*
 * Executes the kernel's program, which starts a kernel process unless one is running, and
 * waits for it. It is a clone without a signal, so that the guest's waits don't return it.
 */
static void start_kernel(void)
{
	char program[4096];
	if (!kernel_program(program, sizeof program))
		fatal("zones-kernel is neither beside illumos-run nor in PATH: install it or set ZONES_KERNEL");
	char *const arguments[] = { program, (char *)"--start", NULL };
	char **environment = kernel_environment();
	int status = 0;
	long pid = syscall_raw(SYS_clone, 0, 0, 0, 0, 0);
	if (pid == 0) {
		uint64_t none = 0;
		syscall_raw(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
		syscall_raw(SYS_dup2, 2, 1);
		syscall_raw(SYS_execve, program, arguments, environment);
		syscall_raw(SYS_exit_group, 127);
	}
	if (is_error(pid))
		fatal("starting %s: %s", program, strerror((int)-pid));
	while (syscall_raw(SYS_wait4, pid, &status, __WCLONE, NULL) == -EINTR)
		;
	if (status != 0)
		fatal("%s --start failed, status %#x", program, (unsigned)status);
}

/* An idle kernel process exits, maybe before the connection; then this tries again. */
long kernel_connect(bool start)
{
	enum { TRIES = 100 };
	long fd = dial();
	for (int i = 0; i < TRIES && (fd == -ENOENT || fd == -ECONNREFUSED) && start; i++) {
		start_kernel();
		fd = dial();
	}
	return fd;
}

int kernel_pid(void)
{
	struct ucred peer = { .pid = -1 };
	socklen_t size = sizeof peer;
	long fd = kernel_connect(false);
	if (is_error(fd))
		return -1;
	syscall_raw(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	syscall_raw(SYS_close, fd);
	return peer.pid;
}
