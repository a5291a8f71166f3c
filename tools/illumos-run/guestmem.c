/*
 * Copies from and to the guest's memory, which may have a bad address. The instructions
 * that can fault have labels; when one of them does, the signal handler continues at the
 * end of the copy.
 */
#include <string.h>
#include "shim.h"

/* Returns the number of bytes that were not copied. */
size_t guarded_copy(void *to, const void *from, size_t size);

/* Copies a string with its NUL. Returns the number of bytes copied, -1 after a fault. */
long guarded_copy_string(char *to, const char *from, size_t size);

__asm__(
	".text\n"
	".type guarded_copy, @function\n"
	"guarded_copy:\n"
	"	movq %rdx, %rcx\n"
	"guarded_copy_moves:\n"
	"	rep movsb\n"
	"guarded_copy_out:\n"
	"	movq %rcx, %rax\n"
	"	ret\n"
	".size guarded_copy, .-guarded_copy\n"

	".type guarded_copy_string, @function\n"
	"guarded_copy_string:\n"
	"	xorl %eax, %eax\n"
	"1:	cmpq %rdx, %rax\n"
	"	je 2f\n"
	"guarded_copy_string_reads:\n"
	"	movb (%rsi,%rax), %cl\n"
	"	movb %cl, (%rdi,%rax)\n"
	"	incq %rax\n"
	"	testb %cl, %cl\n"
	"	jne 1b\n"
	"2:	ret\n"
	"guarded_copy_string_fault:\n"
	"	movq $-1, %rax\n"
	"	ret\n"
	".size guarded_copy_string, .-guarded_copy_string\n");

extern const char guarded_copy_moves[], guarded_copy_out[];
extern const char guarded_copy_string_reads[], guarded_copy_string_fault[];

bool copy_fixup(uint64_t *ip)
{
	if (*ip == (uint64_t)guarded_copy_moves)
		*ip = (uint64_t)guarded_copy_out;
	else if (*ip == (uint64_t)guarded_copy_string_reads)
		*ip = (uint64_t)guarded_copy_string_fault;
	else
		return false;
	return true;
}

int copy_in(void *to, const void *guest, size_t size)
{
	return guarded_copy(to, guest, size) == 0 ? 0 : SUN_EFAULT;
}

int copy_out(void *guest, const void *from, size_t size)
{
	return guarded_copy(guest, from, size) == 0 ? 0 : SUN_EFAULT;
}

int copy_in_string(char *to, const char *guest, size_t size)
{
	long copied = guarded_copy_string(to, guest, size);
	if (copied < 0)
		return SUN_EFAULT;
	return memchr(to, 0, (size_t)copied) != NULL ? 0 : SUN_ENAMETOOLONG;
}
