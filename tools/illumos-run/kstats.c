/*
 * Kernel statistics: /dev/kstat. They are those of zones, which this project's kernel
 * process returns as JSON. The head of the chain has the id 0; the ids of the others are
 * hashes of their names.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include "shim.h"
#include "zonecall.h"

enum { STATS_MAX = 4095, FILES_MAX = 4096, VALUES_MAX = 64 };

/* A statistic: its head, and its values in the JSON text. */
struct stat_text {
	struct sun_kstat head;
	const char *data, *words;
};

static bool files[FILES_MAX]; /* which descriptors are /dev/kstat */

bool kstat_open(const char *guest, long *answer)
{
	char path[16];
	if (copy_in_string(path, guest, sizeof path) != 0 || strcmp(path, "/dev/kstat") != 0)
		return false;
	long fd = syscall_raw(SYS_memfd_create, "kstat", MFD_CLOEXEC);
	if (fd >= FILES_MAX)
		fatal("a descriptor of %ld for /dev/kstat", fd);
	if (fd >= 0)
		files[fd] = true;
	*answer = result(fd);
	return true;
}

void kstat_closing(int fd)
{
	if (fd >= 0 && fd < FILES_MAX)
		files[fd] = false;
}

static _Noreturn void strange(const char *at)
{
	fatal("unexpected JSON of statistics from the kernel process: %.60s", at);
}

/* JSON as Go writes it: without spaces. */

static const char *skip_string(const char *at)
{
	if (*at++ != '"')
		strange(at - 1);
	while (*at != '"') {
		if (*at == '\0' || *at == '\\') /* names of zones have no escapes */
			strange(at);
		at++;
	}
	return at + 1;
}

/* Returns the end of a value: a string, a number, an array or an object. */
static const char *skip_value(const char *at)
{
	int depth = 0;
	do {
		if (*at == '"') {
			at = skip_string(at);
		} else if (*at == '{' || *at == '[') {
			depth++;
			at++;
		} else if (*at == '}' || *at == ']') {
			depth--;
			at++;
		} else if (*at == '\0') {
			strange(at);
		} else {
			at += depth > 0 ? 1 : strcspn(at, ",}]");
		}
	} while (depth > 0);
	return at;
}

/* Returns the value of a name in the object at at, NULL if there is none. */
static const char *member(const char *at, const char *name)
{
	size_t size = strlen(name);
	if (*at != '{')
		strange(at);
	while (*at == '{' || *at == ',') {
		const char *key = at + 1;
		if (*key == '}')
			return NULL;
		const char *value = skip_string(key);
		if (*value++ != ':')
			strange(key);
		if ((size_t)(value - key) == size + 3 && strncmp(key + 1, name, size) == 0)
			return value;
		at = skip_value(value);
	}
	return NULL;
}

static void text_of(const char *object, const char *name, char *to, size_t size)
{
	const char *at = member(object, name);
	if (at == NULL)
		strange(object);
	size_t length = (size_t)(skip_string(at) - at) - 2;
	if (length >= size)
		length = size - 1; /* truncated, as by the kernel */
	memset(to, 0, size);
	memcpy(to, at + 1, length);
}

static uint32_t hash(uint32_t sum, const char *text)
{
	for (; *text != '\0'; text++)
		sum = (sum ^ (uint8_t)*text) * 16777619u;
	return sum;
}

/* Reads all statistics. Returns their number or -errno. The caller frees *text. */
static long ask(char **text, struct stat_text *stats, int32_t *chain)
{
	long fd = kernel_connect(true), count = 0;
	const char *at = NULL;
	if (is_error(fd))
		return fd;
	*text = NULL;
	bool answered = kernel_ask((int)fd, "kstats") == 0 && kernel_reply((int)fd, text, &at) == 0;
	syscall_raw(SYS_close, fd);
	if (!answered) {
		free(*text);
		return -EIO;
	}
	uint32_t sum = 2166136261u;
	if (*at == '[') {
		for (at++; *at == '{'; at = skip_value(at), at += *at == ',') {
			if (count == STATS_MAX)
				fatal("more than %d statistics", STATS_MAX);
			struct stat_text *stat = &stats[count++];
			char names[128];
			memset(&stat->head, 0, sizeof stat->head);
			text_of(at, "module", stat->head.ks_module, sizeof stat->head.ks_module);
			text_of(at, "name", stat->head.ks_name, sizeof stat->head.ks_name);
			text_of(at, "class", stat->head.ks_class, sizeof stat->head.ks_class);
			stat->head.ks_instance = atoi(member(at, "instance"));
			stat->head.ks_type = SUN_KSTAT_TYPE_NAMED;
			stat->head.ks_flags = SUN_KSTAT_FLAG_VAR_SIZE | SUN_KSTAT_FLAG_LONGSTRINGS;
			stat->head.ks_crtime = 1; /* the kernel process doesn't tell when */
			stat->data = member(at, "data");
			stat->words = member(at, "words");
			snprintf(names, sizeof names, "%s:%d:%s", stat->head.ks_module, stat->head.ks_instance, stat->head.ks_name);
			stat->head.ks_kid = (int32_t)(hash(2166136261u, names) & 0x3fffffff) | 0x40000000;
			sum = hash(sum, names);
		}
	}
	*chain = (int32_t)(sum & 0x7fffffff);
	return count;
}

static bool is_word(const char *words, const char *key)
{
	size_t size = (size_t)(skip_string(key) - key);
	if (words == NULL)
		return false;
	for (words++; *words == '"'; words = skip_string(words), words += *words == ',')
		if (strncmp(words, key, size) == 0)
			return true;
	return false;
}

/* Writes the values, followed by their strings, for a buffer whose address is base. */
static size_t values_of(struct stat_text *stat, char *to, size_t room, uint64_t base)
{
	struct sun_kstat_named *values = (struct sun_kstat_named *)to;
	size_t count = 0, end;
	const char *keys[VALUES_MAX], *at = stat->data;
	while ((*at == '{' || *at == ',') && at[1] == '"') {
		if (count == VALUES_MAX)
			fatal("a statistic with more than %d values", VALUES_MAX);
		keys[count++] = at + 1;
		at = skip_value(skip_string(at + 1) + 1);
	}
	end = count * sizeof *values;
	if (end > room)
		fatal("a statistic with %zu values", count);
	memset(to, 0, end);
	for (size_t i = 0; i < count; i++) {
		const char *value = skip_string(keys[i]);
		size_t length = (size_t)(value - keys[i]) - 2;
		memcpy(values[i].name, keys[i] + 1, length < sizeof values[i].name ? length : sizeof values[i].name - 1);
		value++;
		if (*value == '"') {
			length = (size_t)(skip_string(value) - value) - 1; /* with the NUL */
			values[i].data_type = SUN_KSTAT_DATA_STRING;
			values[i].value[0] = base + end;
			values[i].value[1] = length;
			if (end + length > room)
				fatal("a statistic with strings of more than %zu bytes", room);
			memcpy(to + end, value + 1, length - 1);
			to[end + length - 1] = '\0';
			end += length;
		} else {
			values[i].value[0] = strtoull(value, NULL, 10);
			values[i].data_type = is_word(stat->words, keys[i]) ? SUN_KSTAT_DATA_UINT32 : SUN_KSTAT_DATA_UINT64;
		}
	}
	stat->head.ks_ndata = (uint32_t)count;
	return end;
}

/*
 * KSTAT_IOC_READ: the guest's head has the id and the buffer. As on illumos, only its number
 * of values, size, flags and time are changed; names and type are in the chain.
 */
static int read_one(struct stat_text *stats, long count, void *argument)
{
	static char data[(STATS_MAX + 1) * sizeof(struct sun_kstat)] __attribute__((aligned(8)));
	struct sun_kstat head;
	struct timespec now;
	size_t size = 0;
	int error = copy_in(&head, argument, sizeof head);
	if (error != 0)
		return error;
	if (head.ks_kid == 0) {
		struct sun_kstat chain = { .ks_module = "unix", .ks_name = "kstat_headers", .ks_class = "kstat" };
		memcpy(data, &chain, sizeof chain); /* the chain has its own head too */
		size = sizeof chain;
		for (long i = 0; i < count; i++, size += sizeof head)
			memcpy(data + size, &stats[i].head, sizeof head);
		head.ks_ndata = (uint32_t)count + 1;
		head.ks_flags = SUN_KSTAT_FLAG_VAR_SIZE;
	} else {
		long i = 0;
		while (i < count && stats[i].head.ks_kid != head.ks_kid)
			i++;
		if (i == count)
			return SUN_ENXIO;
		size = values_of(&stats[i], data, sizeof data, (uint64_t)head.ks_data);
		head.ks_ndata = stats[i].head.ks_ndata;
		head.ks_flags = stats[i].head.ks_flags;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	head.ks_snaptime = now.tv_sec * 1000000000L + now.tv_nsec;
	if (size > head.ks_data_size)
		error = SUN_ENOMEM; /* the head returns the size that is needed */
	else if (size > 0)
		error = copy_out(head.ks_data, data, size);
	head.ks_data_size = size;
	int copied = copy_out(argument, &head, sizeof head);
	return error != 0 ? error : copied;
}

/*
 * With ILLUMOS_RUN_KSTATS=busy every second statistic is being changed when it is read, as on
 * illumos (uts/common/io/kstat.c, read_kstat_data): EAGAIN.
 */
static bool busy(void)
{
	static unsigned reads;
	const char *mode = getenv("ILLUMOS_RUN_KSTATS");
	if (mode == NULL)
		return false;
	if (strcmp(mode, "busy") != 0)
		fatal("ILLUMOS_RUN_KSTATS is %s, not busy", mode);
	return __atomic_fetch_add(&reads, 1, __ATOMIC_RELAXED) % 2 == 0;
}

bool kstat_ioctl(int fd, int request, void *argument, long *answer)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards stats */
	static struct stat_text stats[STATS_MAX];
	if (fd < 0 || fd >= FILES_MAX || !files[fd])
		return false;
	if (request != SUN_KSTAT_IOC_CHAIN_ID && request != SUN_KSTAT_IOC_READ)
		unknown("ioctl of /dev/kstat", "request", (unsigned long)request);
	if (request == SUN_KSTAT_IOC_READ && busy()) {
		*answer = fail(SUN_EAGAIN);
		return true;
	}
	char *text;
	int32_t chain = 0;
	pthread_mutex_lock(&lock);
	long count = ask(&text, stats, &chain);
	int error = is_error(count) ? errno_to_sun((int)-count) : 0;
	if (error == 0 && request == SUN_KSTAT_IOC_READ)
		error = read_one(stats, count, argument);
	if (!is_error(count))
		free(text);
	pthread_mutex_unlock(&lock);
	*answer = error != 0 ? fail(error) : chain;
	return true;
}
