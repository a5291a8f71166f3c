/*
 * utmpx(5): entries of terminals in use. The file is in the kernel process's directory, in the
 * file's own form; libc's has one position in it and returns one buffer (lib/libc/port/gen/getutx.c).
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "shim.h"
#include "zonecall.h"

static long file = -1;
static struct sun_utmpx answer;

static long file_open(int flags)
{
	char path[SUN_MAXPATHLEN + 16];
	kernel_directory(path, SUN_MAXPATHLEN);
	syscall_raw(SYS_mkdir, path, 0700);
	strcat(path, "/utmpx");
	return syscall_raw(SYS_open, path, flags | O_CREAT | O_CLOEXEC, 0644);
}

bool utmpx_open(const char *guest, int sun_flags, long *result_of)
{
	char path[32];
	if (copy_in_string(path, guest, sizeof path) != 0 || strcmp(path, "/var/adm/utmpx") != 0)
		return false;
	/* Only root writes it; others' entries go through utmp_update(8). */
	if ((sun_flags & SUN_O_ACCMODE) != SUN_O_RDONLY && syscall_raw(SYS_geteuid) != 0)
		*result_of = fail(SUN_EACCES);
	else
		*result_of = result(file_open((int)open_flags_to_linux("open", sun_flags)));
	return true;
}

GUEST static long guest_setutxent(void)
{
	if (file >= 0)
		syscall_raw(SYS_lseek, file, 0, SEEK_SET);
	return 0;
}

GUEST static long guest_endutxent(void)
{
	if (file >= 0)
		syscall_raw(SYS_close, file);
	file = -1;
	return 0;
}

/* Reads the next entry of the file; false at its end. */
static bool next(struct sun_futmpx *entry)
{
	if (file < 0 && !is_error(file = file_open(O_RDWR)))
		file = private_fd((int)file);
	return file >= 0 && syscall_raw(SYS_read, file, entry, sizeof *entry) == (long)sizeof *entry;
}

static long returned(const struct sun_futmpx *entry)
{
	int64_t time[2] = { (int32_t)entry->ut_tv, (int32_t)(entry->ut_tv >> 32) };
	memset(&answer, 0, sizeof answer);
	memcpy(answer.ut_user, entry->ut_user, sizeof answer.ut_user);
	memcpy(answer.ut_id, entry->ut_id, sizeof answer.ut_id);
	memcpy(answer.ut_line, entry->ut_line, sizeof answer.ut_line);
	answer.ut_pid = entry->ut_pid;
	answer.ut_type = entry->ut_type;
	answer.ut_exit = entry->ut_exit;
	memcpy(&answer.ut_tv, time, sizeof time);
	answer.ut_session = entry->ut_session;
	answer.ut_syslen = entry->ut_syslen;
	memcpy(answer.ut_host, entry->ut_host, sizeof answer.ut_host);
	return (long)&answer;
}

GUEST static long guest_getutxent(void)
{
	struct sun_futmpx entry;
	return next(&entry) ? returned(&entry) : 0;
}

enum { WILD = 0xff };	/* SC_WILDC: any character of an id */

static bool of_process(int type)
{
	return type >= SUN_INIT_PROCESS && type <= SUN_DEAD_PROCESS;
}

static bool same_id(const char *pattern, const char *id)
{
	for (size_t i = 0; i < sizeof answer.ut_id; i++)
		if ((uint8_t)pattern[i] != WILD && pattern[i] != id[i])
			return false;
	return true;
}

/* Completes an id: that of a dead entry, or else one that no entry has. */
static bool complete(char *id)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	struct sun_futmpx other;
	guest_setutxent();
	while (next(&other))
		if (other.ut_type == SUN_DEAD_PROCESS && same_id(id, other.ut_id)) {
			memcpy(id, other.ut_id, sizeof other.ut_id);
			return true;
		}
	for (unsigned number = 0; number < 36 * 36 * 36; number++) {
		char made[sizeof other.ut_id];
		unsigned rest = number;
		for (size_t i = sizeof made; i-- > 0;) {
			made[i] = (uint8_t)id[i] == WILD ? digits[rest % 36] : id[i];
			rest = (uint8_t)id[i] == WILD ? rest / 36 : rest;
		}
		bool taken = false;
		guest_setutxent();
		while (!taken && next(&other))
			taken = same_id(made, other.ut_id);
		if (!taken) {
			memcpy(id, made, sizeof made);
			return true;
		}
	}
	return false;
}

/* Replaces the entry with the same id, or adds one. */
static long put(struct sun_utmpx *guest, bool wild)
{
	struct sun_utmpx given;
	struct sun_futmpx entry = { 0 }, other;
	int64_t time[2];
	if (copy_in(&given, guest, sizeof given) != 0)
		return fail(SUN_EFAULT);
	if (memchr(given.ut_id, WILD, sizeof given.ut_id) != NULL) {
		if (!wild || !complete(given.ut_id))
			return 0;
		if (copy_out(guest->ut_id, given.ut_id, sizeof given.ut_id) != 0)
			return fail(SUN_EFAULT);
	}
	memcpy(entry.ut_user, given.ut_user, sizeof entry.ut_user);
	memcpy(entry.ut_id, given.ut_id, sizeof entry.ut_id);
	memcpy(entry.ut_line, given.ut_line, sizeof entry.ut_line);
	entry.ut_pid = given.ut_pid;
	entry.ut_type = given.ut_type;
	entry.ut_exit = given.ut_exit;
	memcpy(time, &given.ut_tv, sizeof time);
	entry.ut_tv = (uint32_t)time[0] | (uint64_t)(uint32_t)time[1] << 32;
	entry.ut_session = given.ut_session;
	entry.ut_syslen = given.ut_syslen;
	memcpy(entry.ut_host, given.ut_host, sizeof entry.ut_host);
	/* getutxid knows the types of processes only. */
	if (!of_process(given.ut_type))
		return 0;
	guest_setutxent();
	long at = 0;
	while (next(&other)) {
		if (of_process(other.ut_type) && memcmp(other.ut_id, entry.ut_id, sizeof entry.ut_id) == 0)
			break;
		at += (long)sizeof other;
	}
	if (file < 0 || syscall_raw(SYS_pwrite64, file, &entry, sizeof entry, at) != (long)sizeof entry)
		return 0;
	return returned(&entry);
}

GUEST static long guest_makeutx(struct sun_utmpx *entry) { return put(entry, true); }
GUEST static long guest_modutx(struct sun_utmpx *entry) { return put(entry, false); }

const struct symbol utmpx_symbols[] = {
	SYMBOL("libc", setutxent),
	SYMBOL("libc", endutxent),
	SYMBOL("libc", getutxent),
	SYMBOL("libc", makeutx),
	SYMBOL("libc", modutx),
	SYMBOLS_END
};
