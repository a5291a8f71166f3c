/*
 * The system's log as processes write to it: /dev/conslog and putmsg(2). Read from illumos's
 * uts/common/io/log.c and uts/common/os/streamio.c. The messages are lines of a file in the
 * kernel process's directory; without that directory there is no log.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "shim.h"
#include "zonecall.h"

enum { TEXT_MAX = 1024, CONTROL_MAX = 1024 };	/* LOG_MAXPS; STRCTLSZ */

struct strbuf {
	int32_t maxlen, len;
	char *buf;
};

/* struct log_ctl */
struct log_ctl {
	int16_t mid, sid;
	int8_t level;
	int16_t flags;
	int32_t ltime, ttime, seq_no, pri;
};
_Static_assert(sizeof(struct log_ctl) == 24, "size of struct log_ctl");

static void log_path(char *path)
{
	kernel_directory(path, SUN_MAXPATHLEN);
	strcat(path, "/conslog");
}

bool conslog_open(const char *guest, int sun_flags, long *answer)
{
	static const char device[] = "/dev/conslog";
	char path[SUN_MAXPATHLEN + 16];
	if (copy_in_string(path, guest, sizeof device + 1) != 0 || strcmp(path, device) != 0)
		return false;
	log_path(path);
	if ((sun_flags & SUN_O_ACCMODE) != SUN_O_WRONLY)
		*answer = fail(SUN_EINVAL);
	else
		*answer = result(syscall_raw(SYS_open, path, open_flags_to_linux("open", sun_flags) | O_CREAT | O_APPEND, 0600));
	return true;
}

static bool is_log(int fd)
{
	char path[SUN_MAXPATHLEN + 16];
	struct stat opened, log;
	log_path(path);
	return !is_error(syscall_raw(SYS_fstat, fd, &opened)) && !is_error(syscall_raw(SYS_stat, path, &log)) &&
		opened.st_dev == log.st_dev && opened.st_ino == log.st_ino;
}

/* Copies a part of a message, which has len bytes or none (-1). */
static int copy_part(const struct strbuf *guest, struct strbuf *part, void *room, int max)
{
	part->len = -1;
	if (guest == NULL)
		return 0;
	if (copy_in(part, guest, sizeof *part) != 0)
		return SUN_EFAULT;
	if (part->len > max)
		return SUN_ERANGE;
	return part->len > 0 && copy_in(room, part->buf, (size_t)part->len) != 0 ? SUN_EFAULT : 0;
}

GUEST static long guest_putmsg(int fd, const struct strbuf *guest_control, const struct strbuf *guest_data, int flags)
{
	enum { FACILITIES = 0x3f8, USER = 1 << 3 };	/* LOG_FACMASK, LOG_USER */
	struct strbuf control, data;
	struct log_ctl head;
	char room[CONTROL_MAX], text[TEXT_MAX + 1], line[TEXT_MAX + 64];
	int error;
	if (flags != 0)
		unknown("putmsg", "flags", (unsigned)flags);
	if (!is_log(fd))
		unknown("putmsg", "to another stream than /dev/conslog, descriptor", (unsigned)fd);
	if ((error = copy_part(guest_control, &control, room, CONTROL_MAX)) != 0 || (error = copy_part(guest_data, &data, text, TEXT_MAX)) != 0)
		return fail(error);
	/* The log drops others, and takes text without a head as one of a user. */
	if (control.len != (int)sizeof head || data.len < 0)
		unknown("putmsg", "message to /dev/conslog with a head of bytes", (unsigned)control.len);
	memcpy(&head, room, sizeof head);
	if ((head.pri & FACILITIES) == 0)
		head.pri |= USER;
	text[data.len] = '\0';
	size_t length = strlen(text);
	int size = snprintf(line, sizeof line, "pri %d flags %#x level %d: %s%s", head.pri, (unsigned)head.flags, head.level, text,
			    length > 0 && text[length - 1] == '\n' ? "" : "\n");
	long answer = syscall_raw(SYS_write, fd, line, size);
	return is_error(answer) ? result(answer) : 0;
}

const struct symbol conslog_symbols[] = {
	SYMBOL("libc", putmsg),
	SYMBOLS_END
};
