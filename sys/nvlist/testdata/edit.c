/*
 * edit: keeps one list of libnvpair and changes it as it is told on standard
 * input, where every command comes after its size in four bytes: n FLAGS makes a
 * new list, m PACKED merges a list into it, r TYPE NAME removes a pair, a NAME
 * removes all of a name, d goes on with a copy. Each is answered with the errno in
 * four bytes. p is answered with the packed list after its size.
 */
#include <libnvpair.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(void)
{
	nvlist_t *list = NULL;
	uint32_t n;

	while (fread(&n, sizeof (n), 1, stdin) == 1) {
		char *in = calloc(1, n + 1);
		nvlist_t *other = NULL;
		char *packed = NULL;
		size_t size = 0;
		int32_t answer = 0, type = 0;

		if (in == NULL || n == 0 || fread(in, 1, n, stdin) != n)
			return (1);
		switch (in[0]) {
		case 'n':
			nvlist_free(list);
			answer = nvlist_alloc(&list, in[1], 0);
			break;
		case 'm':
			if ((answer = nvlist_unpack(in + 1, n - 1, &other, 0)) != 0)
				break;
			answer = nvlist_merge(list, other, 0);
			nvlist_free(other);
			break;
		case 'r':
			memcpy(&type, in + 1, sizeof (type));
			answer = nvlist_remove(list, in + 5, type);
			break;
		case 'a':
			answer = nvlist_remove_all(list, in + 1);
			break;
		case 'd':
			if ((answer = nvlist_dup(list, &other, 0)) == 0) {
				nvlist_free(list);
				list = other;
			}
			break;
		case 'p':
			if (nvlist_pack(list, &packed, &size, NV_ENCODE_NATIVE, 0) != 0)
				return (1);
			n = size;
			fwrite(&n, sizeof (n), 1, stdout);
			fwrite(packed, 1, n, stdout);
			free(packed);
			fflush(stdout);
			free(in);
			continue;
		}
		fwrite(&answer, sizeof (answer), 1, stdout);
		fflush(stdout);
		free(in);
	}
	return (0);
}
