/*
 * recode: reads packed lists from standard input, each after its size in four
 * bytes, and answers each with what libnvpair makes of it: a byte that says
 * whether it was accepted, then the list packed again in the native and in the
 * XDR encoding, each after its size. With the argument "print" two more parts
 * follow: what nvlist_print and what dump_nvlist write.
 */
#include <libnvpair.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void
answer(nvlist_t *list, int encoding)
{
	char *packed = NULL;
	size_t size = 0;
	uint32_t n = 0;

	if (nvlist_pack(list, &packed, &size, encoding, 0) == 0)
		n = size;
	fwrite(&n, sizeof (n), 1, stdout);
	fwrite(packed, 1, n, stdout);
	free(packed);
}

static void
answer_printed(nvlist_t *list, int dump)
{
	FILE *out = stdout;
	char *text = NULL;
	size_t size = 0;
	uint32_t n;

	stdout = open_memstream(&text, &size);
	if (dump)
		dump_nvlist(list, 2);
	else
		nvlist_print(stdout, list);
	fclose(stdout);
	stdout = out;
	n = size;
	fwrite(&n, sizeof (n), 1, stdout);
	fwrite(text, 1, n, stdout);
	free(text);
}

int
main(int argc, char *argv[])
{
	uint32_t n;

	(void) argv;
	while (fread(&n, sizeof (n), 1, stdin) == 1) {
		char *in = malloc(n ? n : 1);
		nvlist_t *list = NULL;

		if (in == NULL || fread(in, 1, n, stdin) != n)
			return (1);
		if (nvlist_unpack(in, n, &list, 0) != 0) {
			putchar(0);
		} else {
			putchar(1);
			answer(list, NV_ENCODE_NATIVE);
			answer(list, NV_ENCODE_XDR);
			if (argc > 1) {
				answer_printed(list, 0);
				answer_printed(list, 1);
			}
			nvlist_free(list);
		}
		fflush(stdout);
		free(in);
	}
	return (0);
}
