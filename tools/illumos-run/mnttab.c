/*
 * The table of mounted file systems, /etc/mnttab. Those below the roots of zones are mounted
 * by the kernel process, where this process doesn't see them. They are written to a file in
 * its directory, which all guests share.
 *
 * As on illumos, such a mount stays when its zone is destroyed. Then no zone can be made there:
 * EBUSY, with ZE_AREMOUNTS.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "shim.h"
#include "zonecall.h"

enum { TABLE_MAX = 64 << 10, FILES_MAX = 4096 };
static bool is_table[FILES_MAX];	/* by descriptor */

/* Opens and locks the file. The lock is released with the descriptor. */
static long open_file(void)
{
	char path[SUN_MAXPATHLEN + 16];
	kernel_directory(path, SUN_MAXPATHLEN);
	strcat(path, "/mnttab");
	long fd = syscall_raw(SYS_open, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (!is_error(fd))
		syscall_raw(SYS_flock, fd, LOCK_EX);
	return fd;
}

static size_t read_all(long fd, char *text)
{
	size_t size = 0;
	long part;
	while (size < TABLE_MAX - 1 && (part = syscall_raw(SYS_read, fd, text + size, TABLE_MAX - 1 - size)) > 0)
		size += (size_t)part;
	text[size] = '\0';
	return size;
}

/* Maps room for a table: the child of a fork can't use malloc. */
static char *room(void)
{
	long text = syscall_raw(SYS_mmap, 0, TABLE_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (is_error(text))
		fatal("no memory for the table of mounts");
	return (char *)text;
}

void mnttab_add(const char *special, const char *point, const char *type, const char *options)
{
	char *line = room();
	long fd = open_file();
	if (is_error(fd))
		fatal("the table of mounts can't be written: %s", strerror((int)-fd));
	int size = snprintf(line, TABLE_MAX, "%s\t%s\t%s\t%s\t0\n", special, point, type, options[0] != '\0' ? options : "-");
	syscall_raw(SYS_lseek, fd, 0, SEEK_END);
	syscall_raw(SYS_write, fd, line, size);
	syscall_raw(SYS_close, fd);
	syscall_raw(SYS_munmap, line, TABLE_MAX);
}

/* The last line whose mount point is point, or lies below it. NULL if there is none. */
static char *find(char *text, const char *point, bool below)
{
	char *found = NULL;
	size_t length = strlen(point);
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		const char *at = strchr(line, '\t') + 1;
		if (strncmp(at, point, length) == 0 && at[length] == (below ? '/' : '\t'))
			found = line;
	}
	return found;
}

bool mnttab_remove(const char *point)
{
	char *text = room(), *line;
	long fd = open_file();
	if (is_error(fd))
		return false;
	size_t size = read_all(fd, text);
	if ((line = find(text, point, false)) != NULL) {
		char *next = strchr(line, '\n') + 1;
		memmove(line, next, size - (size_t)(next - text));
		size -= (size_t)(next - line);
		syscall_raw(SYS_ftruncate, fd, 0);
		syscall_raw(SYS_pwrite64, fd, text, size, 0);
	}
	syscall_raw(SYS_close, fd);
	syscall_raw(SYS_munmap, text, TABLE_MAX);
	return line != NULL;
}

bool mnttab_type(const char *point, const char *type)
{
	char *text = room(), *line, *at;
	long fd = open_file();
	if (is_error(fd))
		return false;
	read_all(fd, text);
	syscall_raw(SYS_close, fd);
	bool found = (line = find(text, point, false)) != NULL;
	if (found && type != NULL) {
		at = strchr(strchr(line, '\t') + 1, '\t') + 1;
		found = strncmp(at, type, strlen(type)) == 0 && at[strlen(type)] == '\t';
	}
	syscall_raw(SYS_munmap, text, TABLE_MAX);
	return found;
}

bool mnttab_below(const char *root)
{
	char *text = room();
	long fd = open_file();
	if (is_error(fd))
		return false;
	read_all(fd, text);
	bool found = find(text, root, true) != NULL;
	syscall_raw(SYS_close, fd);
	syscall_raw(SYS_munmap, text, TABLE_MAX);
	return found;
}

/* Linux's table has spaces and two numbers at the end of a line. */
static void write_linux(long to)
{
	char *text = room();
	long fd = syscall_raw(SYS_open, "/proc/self/mounts", O_RDONLY | O_CLOEXEC);
	if (is_error(fd))
		return;
	read_all(fd, text);
	syscall_raw(SYS_close, fd);
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		int spaces = 0;
		for (char *c = line; c < end; c++)
			if (*c == ' ' && ++spaces <= 4)
				*c = '\t';
			else if (spaces > 4)
				*c = '\n';
		char *stop = strchr(line, '\n');
		if (spaces == 5)
			syscall_raw(SYS_write, to, line, stop - line + 1);
	}
	syscall_raw(SYS_munmap, text, TABLE_MAX);
}

bool mnttab_open(const char *guest, long *answer)
{
	char path[sizeof "/etc/mnttab"];
	if (copy_in_string(path, guest, sizeof path) != 0 || strcmp(path, "/etc/mnttab") != 0)
		return false;
	long fd = syscall_raw(SYS_memfd_create, "mnttab", MFD_CLOEXEC), file;
	if (is_error(fd) || fd >= FILES_MAX)
		fatal("no descriptor for /etc/mnttab");
	write_linux(fd);
	if (!is_error(file = open_file())) {
		char *text = room();
		syscall_raw(SYS_write, fd, text, read_all(file, text));
		syscall_raw(SYS_munmap, text, TABLE_MAX);
		syscall_raw(SYS_close, file);
	}
	syscall_raw(SYS_lseek, fd, 0, SEEK_SET);
	is_table[fd] = true;
	*answer = fd;
	return true;
}

/* No file system is mounted hidden here (MS_NOMNTTAB), so showing them changes nothing. */
bool mnttab_ioctl(int fd, int request, long *answer)
{
	enum { MNTIOC_SHOWHIDDEN = 'm' << 8 | 6 };
	if (fd < 0 || fd >= FILES_MAX || !is_table[fd])
		return false;
	if (request != MNTIOC_SHOWHIDDEN)
		unknown("ioctl of mnttab", "request", (unsigned long)request);
	*answer = 0;
	return true;
}

void mnttab_closing(int fd)
{
	if (fd >= 0 && fd < FILES_MAX)
		is_table[fd] = false;
}
