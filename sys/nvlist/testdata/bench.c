/*
 * bench: times libnvpair on the list that zone_create takes for a zone with a
 * value on each of its eleven controls. It reads lines of an operation and a
 * count from standard input and answers each with the nanoseconds that count
 * runs took: "build" makes the list and packs it, "pack" packs one that is
 * there, "packinto" does so into memory that is there, "unpack" reads a packed
 * one; "packxdr" and "unpackxdr" are the same in the other encoding. "size"
 * answers with the size of the packed list instead.
 */
#include <libnvpair.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *names[] = {
	"zone.cpu-shares", "zone.cpu-cap", "zone.max-lwps",
	"zone.max-processes", "zone.max-msg-ids", "zone.max-sem-ids",
	"zone.max-shm-ids", "zone.max-shm-memory", "zone.max-locked-memory",
	"zone.max-swap", "zone.max-lofi"
};

#define	CONTROLS (sizeof (names) / sizeof (names[0]))

static void
check(int failed)
{
	if (failed != 0)
		abort();
}

static nvlist_t *
build(void)
{
	nvlist_t *list;
	size_t i;

	check(nvlist_alloc(&list, NV_UNIQUE_NAME, 0));
	for (i = 0; i < CONTROLS; i++) {
		nvlist_t *value;

		check(nvlist_alloc(&value, NV_UNIQUE_NAME, 0));
		check(nvlist_add_uint64(value, "privilege", 0x04000000));
		check(nvlist_add_uint64(value, "limit", 1000 + i));
		check(nvlist_add_uint64(value, "action", 2));
		check(nvlist_add_nvlist_array(list, names[i],
		    (const nvlist_t * const *)&value, 1));
		nvlist_free(value);
	}
	return (list);
}

static size_t
pack(nvlist_t *list, int encoding)
{
	char *packed = NULL;
	size_t size = 0;

	check(nvlist_pack(list, &packed, &size, encoding, 0));
	free(packed);
	return (size);
}

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (t.tv_sec * 1000000000LL + t.tv_nsec);
}

int
main(void)
{
	char operation[32];
	long count, i;
	nvlist_t *list = build();
	char *packed[2] = { NULL, NULL };
	size_t size[2] = { 0, 0 };
	static char room[65536];

	check(nvlist_pack(list, &packed[0], &size[0], NV_ENCODE_NATIVE, 0));
	check(nvlist_pack(list, &packed[1], &size[1], NV_ENCODE_XDR, 0));
	while (scanf("%31s %ld", operation, &count) == 2) {
		int encoding = strstr(operation, "xdr") != NULL ?
		    NV_ENCODE_XDR : NV_ENCODE_NATIVE;
		long long start = now();

		if (strcmp(operation, "build") == 0) {
			for (i = 0; i < count; i++) {
				nvlist_t *built = build();

				(void) pack(built, encoding);
				nvlist_free(built);
			}
		} else if (strcmp(operation, "packinto") == 0) {
			for (i = 0; i < count; i++) {
				char *into = room;
				size_t used = sizeof (room);

				check(nvlist_pack(list, &into, &used,
				    encoding, 0));
			}
		} else if (strncmp(operation, "pack", 4) == 0) {
			for (i = 0; i < count; i++)
				(void) pack(list, encoding);
		} else if (strncmp(operation, "unpack", 6) == 0) {
			for (i = 0; i < count; i++) {
				nvlist_t *read = NULL;

				check(nvlist_unpack(packed[encoding],
				    size[encoding], &read, 0));
				nvlist_free(read);
			}
		} else if (strcmp(operation, "size") == 0) {
			printf("%zu\n", size[0]);
			fflush(stdout);
			continue;
		}
		printf("%lld\n", now() - start);
		fflush(stdout);
	}
	return (0);
}
