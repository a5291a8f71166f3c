/*
 * Loads an illumos Go program: an ET_EXEC file whose only relocations are the jump slots
 * of the functions it imports. glibc's dynamic linker isn't involved, so the runner doesn't
 * export the guest_ functions, and can use glibc itself.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "shim.h"

enum { PAGE = 4096 };

static uint64_t page_down(uint64_t address) { return address & ~(uint64_t)(PAGE - 1); }
static uint64_t page_up(uint64_t address) { return page_down(address + PAGE - 1); }

static bool read_at(int fd, void *to, size_t size, uint64_t offset)
{
	return syscall_raw(SYS_pread64, fd, to, size, offset) == (long)size;
}

/* The interpreters by which an illumos program is recognized. */
static bool is_illumos_interpreter(const char *path)
{
	static const char *const known[] = {
		"/lib/amd64/ld.so.1", "/lib/64/ld.so.1",
		"/usr/lib/amd64/ld.so.1", "/usr/lib/64/ld.so.1",
	};
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(path, known[i]) == 0)
			return true;
	return false;
}

static bool is_amd64_elf(const Elf64_Ehdr *header)
{
	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       header->e_ident[EI_DATA] == ELFDATA2LSB && header->e_machine == EM_X86_64 &&
	       header->e_phentsize == sizeof(Elf64_Phdr);
}

bool elf_is_guest(int fd)
{
	Elf64_Ehdr header;
	if (!read_at(fd, &header, sizeof header, 0) || !is_amd64_elf(&header))
		return false;
	for (int i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;
		char interpreter[64] = "";
		if (!read_at(fd, &segment, sizeof segment, header.e_phoff + (uint64_t)i * sizeof segment))
			return false;
		if (segment.p_type != PT_INTERP)
			continue;
		return segment.p_filesz > 0 && segment.p_filesz < sizeof interpreter &&
		       read_at(fd, interpreter, segment.p_filesz, segment.p_offset) && is_illumos_interpreter(interpreter);
	}
	return false;
}

/*
 * Maps one segment. The addresses must be free: the runner is position independent and
 * far away, so an existing mapping is an error.
 */
static void map_segment(const char *path, int fd, const Elf64_Phdr *segment)
{
	int protection = (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_W ? PROT_WRITE : 0) |
			 (segment->p_flags & PF_X ? PROT_EXEC : 0);
	uint64_t start = page_down(segment->p_vaddr);
	uint64_t file_end = segment->p_vaddr + segment->p_filesz;
	uint64_t end = page_up(segment->p_vaddr + segment->p_memsz);
	uint64_t lead = segment->p_vaddr - start;
	if (segment->p_filesz > 0) {
		long at = syscall_raw(SYS_mmap, start, page_up(file_end) - start, protection,
				      MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, segment->p_offset - lead);
		if (at != (long)start)
			fatal("%s: can't map the segment at %#lx: errno %ld", path, start, -at);
	}
	if (segment->p_memsz <= segment->p_filesz)
		return;
	/* The rest of the last page is bss, which must be zero. */
	uint64_t zero_end = segment->p_filesz > 0 ? page_up(file_end) : start;
	if (zero_end > file_end && segment->p_filesz > 0)
		memset((void *)file_end, 0, zero_end - file_end);
	if (end > zero_end) {
		long at = syscall_raw(SYS_mmap, zero_end, end - zero_end, protection,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (at != (long)zero_end)
			fatal("%s: can't map the memory at %#lx: errno %ld", path, zero_end, -at);
	}
}

_Noreturn static void missing(const char *name)
{
	fatal("%s calls %s, which illumos-run does not have", guest_path, name);
}

/*
 * Returns a function for a name that no part has. Programs link many functions that they
 * never call, so only a call stops the program.
 */
static uint64_t make_stub(const char *name)
{
	enum { STUB = 32 };
	static unsigned char *page;
	static size_t used = PAGE;
	if (used + STUB > PAGE) {
		page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			fatal("no memory for the stub of %s", name);
		used = 0;
	}
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	unsigned char *stub = page + used;
	unsigned char *code = stub;
	void (*target)(const char *) = missing;
	*code++ = 0x48, *code++ = 0xbf; /* movabs $name, %rdi */
	memcpy(code, &name, 8), code += 8;
	*code++ = 0x48, *code++ = 0xb8; /* movabs $missing, %rax */
	memcpy(code, &target, 8), code += 8;
	*code++ = 0x48, *code++ = 0x83, *code++ = 0xe4, *code++ = 0xf0; /* and $-16, %rsp */
	*code++ = 0xff, *code++ = 0xd0; /* call *%rax */
	used += STUB;
	mprotect(page, PAGE, PROT_READ | PROT_EXEC);
	return (uint64_t)stub;
}

/* Addresses from the dynamic section. */
struct dynamic {
	const Elf64_Sym *symbols;
	const char *strings;
	const Elf64_Rela *jumps, *others;
	uint64_t jumps_size, others_size;
	const Elf64_Dyn *entries;
};

static struct dynamic read_dynamic(uint64_t address)
{
	struct dynamic dynamic = { .entries = (const Elf64_Dyn *)address };
	for (const Elf64_Dyn *entry = dynamic.entries; entry->d_tag != DT_NULL; entry++)
		switch (entry->d_tag) {
		case DT_SYMTAB: dynamic.symbols = (const Elf64_Sym *)entry->d_un.d_ptr; break;
		case DT_STRTAB: dynamic.strings = (const char *)entry->d_un.d_ptr; break;
		case DT_JMPREL: dynamic.jumps = (const Elf64_Rela *)entry->d_un.d_ptr; break;
		case DT_PLTRELSZ: dynamic.jumps_size = entry->d_un.d_val; break;
		case DT_RELA: dynamic.others = (const Elf64_Rela *)entry->d_un.d_ptr; break;
		case DT_RELASZ: dynamic.others_size = entry->d_un.d_val; break;
		}
	return dynamic;
}

/*
 * Returns whether the program needs the library, as libNAME.so or libNAME.so.N. Every
 * program has libc.
 */
static bool needs(const struct dynamic *dynamic, const char *library)
{
	size_t length = strlen(library);
	if (strcmp(library, "libc") == 0)
		return true;
	for (const Elf64_Dyn *entry = dynamic->entries; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_NEEDED) {
			const char *name = dynamic->strings + entry->d_un.d_val;
			if (strncmp(name, library, length) == 0 && name[length] == '.')
				return true;
		}
	return false;
}

static uint64_t resolve(const char *path, const struct dynamic *dynamic, const Elf64_Sym *symbol)
{
	const char *name = dynamic->strings + symbol->st_name;
	/* _end, _etext and _edata are in the program itself. */
	if (symbol->st_shndx != SHN_UNDEF)
		return symbol->st_value;
	const struct symbol *found = symbol_find(name);
	if (found == NULL) {
		trace("%s imports %s, which illumos-run does not have", path, name);
		return make_stub(name);
	}
	if (!needs(dynamic, found->library))
		fatal("%s imports %s but does not need its library, %s", path, name, found->library);
	return (uint64_t)fault_gated(found);
}

static void relocate(const char *path, const struct dynamic *dynamic)
{
	if (dynamic->others_size != 0 && dynamic->others != dynamic->jumps)
		fatal("%s has relocations other than for imported functions; only programs that Go's own linker made can run", path);
	for (uint64_t i = 0; i < dynamic->jumps_size / sizeof(Elf64_Rela); i++) {
		const Elf64_Rela *jump = &dynamic->jumps[i];
		if (ELF64_R_TYPE(jump->r_info) != R_X86_64_JUMP_SLOT)
			fatal("%s: relocation type %lu; only programs that Go's own linker made can run", path, ELF64_R_TYPE(jump->r_info));
		uint64_t value = resolve(path, dynamic, &dynamic->symbols[ELF64_R_SYM(jump->r_info)]);
		*(uint64_t *)jump->r_offset = value + (uint64_t)jump->r_addend;
	}
}

void *elf_load(const char *path, int fd)
{
	Elf64_Ehdr header;
	if (!read_at(fd, &header, sizeof header, 0) || !is_amd64_elf(&header))
		fatal("%s is not a 64-bit x86 ELF program", path);
	if (header.e_type != ET_EXEC)
		fatal("%s is not linked at a fixed address, as Go links for illumos (ELF type %d)", path, header.e_type);
	if (!elf_is_guest(fd))
		fatal("%s is not an illumos program: its interpreter is not illumos's ld.so.1", path);
	uint64_t dynamic_address = 0;
	for (int i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;
		if (!read_at(fd, &segment, sizeof segment, header.e_phoff + (uint64_t)i * sizeof segment))
			fatal("%s is truncated in its program headers", path);
		switch (segment.p_type) {
		case PT_LOAD:
			map_segment(path, fd, &segment);
			break;
		case PT_DYNAMIC:
			dynamic_address = segment.p_vaddr;
			break;
		case PT_TLS:
			/* The guest's only thread-local word is g in struct thread. */
			if (segment.p_memsz != sizeof thread.g || segment.p_filesz != 0)
				fatal("%s has %lu bytes of thread-local data; Go's programs have 8", path, segment.p_memsz);
			break;
		}
	}
	if (dynamic_address == 0)
		fatal("%s is linked statically; illumos programs never are", path);
	struct dynamic dynamic = read_dynamic(dynamic_address);
	relocate(path, &dynamic);
	return (void *)header.e_entry;
}
