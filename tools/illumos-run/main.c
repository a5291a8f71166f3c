/*
 * illumos-run [--argv0 NAME] PROGRAM [ARGS]: runs an illumos Go program.
 *
 * The runner maps the program into its own memory, prepares the initial stack as an
 * illumos kernel would, and jumps to the program's entry.
 */
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "shim.h"
#include "zonecall.h"

__thread struct thread thread;
const char *guest_path;

/*
 * Go reads g at -8(%fs). That is the last word of struct thread if it is the only
 * thread-local variable of the executable. A static link or a second __thread variable
 * would break it silently, so it is checked.
 */
static void check_thread_layout(void)
{
	char *fs;
	__asm__("movq %%fs:0, %0" : "=r"(fs));
	if ((char *)&thread.g != fs - sizeof thread.g)
		fatal("built incorrectly: Go's thread-local word is %ld bytes off", (long)(fs - 8 - (char *)&thread.g));
}

/*
 * Puts argc, argv, the environment and the auxiliary vector on the stack and
 * jumps to the entry.
 */
_Noreturn static void enter(void *entry, int argc, char **argv, char **environment)
{
	size_t variables = 0;
	while (environment[variables] != NULL)
		variables++;
	const uint64_t vector[] = {
		AT_PAGESZ, 4096,
		SUN_AT_SUN_EXECNAME, (uint64_t)guest_path,
		AT_NULL, 0,
	};
	size_t words = 1 + (size_t)argc + 1 + variables + 1 + COUNT(vector);
	uint64_t stack[words + 2];
	/* Aligned to 16 bytes, as the ABI requires at a program's entry. */
	uint64_t *top = (uint64_t *)(((uint64_t)stack + 15) & ~15UL);
	uint64_t *next = top;
	*next++ = (uint64_t)argc;
	memcpy(next, argv, (size_t)argc * sizeof *argv), next += argc;
	*next++ = 0;
	memcpy(next, environment, variables * sizeof *environment), next += variables;
	*next++ = 0;
	memcpy(next, vector, sizeof vector);
	__asm__ volatile("movq %0, %%rsp\n\t"
			 "xorl %%ebp, %%ebp\n\t"
			 "xorl %%edx, %%edx\n\t"
			 "jmp *%1"
			 :: "r"(top), "r"(entry) : "memory");
	__builtin_unreachable();
}

_Noreturn static void usage(void)
{
	static const char text[] = "usage: illumos-run [--argv0 NAME] PROGRAM [ARGS]\n"
				   "Runs a Go program that was built with GOOS=illumos GOARCH=amd64.\n";
	fputs(text, stderr);
	exit(2);
}

int main(int argc, char **argv, char **environment)
{
	const char *argv0 = NULL;
	int first = 1;
	if (argc == 3 && strcmp(argv[1], ZONE_RELAY) == 0)
		zone_relay(argv[2]);
	/* Set by a runner that executes another guest; see zone_variable and contract_member_of. */
	for (; first + 1 < argc; first += 2)
		if (strcmp(argv[first], "--zones-run") == 0)
			zone_set_variable(ZONES_RUN, argv[first + 1]);
		else if (strcmp(argv[first], "--zones-kernel") == 0)
			zone_set_variable(ZONES_KERNEL, argv[first + 1]);
		else if (strcmp(argv[first], "--contract") == 0)
			contract_set_member_of(atoi(argv[first + 1]));
		else
			break;
	if (first + 1 < argc && strcmp(argv[first], "--argv0") == 0) {
		argv0 = argv[first + 1];
		first += 2;
	}
	if (first >= argc || argv[first][0] == '\0' || (argv0 == NULL && argv[first][0] == '-'))
		usage();
	guest_path = argv[first];
	tracing = getenv("ILLUMOS_RUN_TRACE") != NULL;

	check_thread_layout();
	process_start();
	threads_start();
	signals_start();
	faults_start();

	if (strcmp(guest_path, devfsadm_path) == 0)
		return zcons_devfsadm(argc - first - 1, argv + first + 1);
	int fd = open(guest_path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fatal("%s: %s", guest_path, strerror(errno));
	void *entry = elf_load(guest_path, fd);
	close(fd);
	if (argv0 != NULL)
		argv[first] = (char *)argv0;
	enter(entry, argc - first, argv + first, environment);
}
