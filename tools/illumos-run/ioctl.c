/*
 * ioctl: passes requests to the parts that handle them. Those of terminals are here; their
 * numbers, flags and control characters differ.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "shim.h"
#include "zonecall.h"
#include "lif.h"

/* The Linux kernel's struct termios, which glibc's differs from. */
struct kernel_termios {
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t line;
	uint8_t cc[19];
};
enum { KERNEL_TCGETS = 0x5401 };

/* <asm-generic/termbits.h>, which can't be included together with glibc's <termios.h>. */
enum {
	L_VINTR, L_VQUIT, L_VERASE, L_VKILL, L_VEOF, L_VTIME, L_VMIN, L_VSWTC, L_VSTART, L_VSTOP,
	L_VSUSP, L_VEOL, L_VREPRINT, L_VDISCARD, L_VWERASE, L_VLNEXT, L_VEOL2,
};

static const struct flag input_flags[] = {
	{ SUN_IGNBRK, 0x001 }, { SUN_BRKINT, 0x002 }, { SUN_IGNPAR, 0x004 }, { SUN_PARMRK, 0x008 },
	{ SUN_INPCK, 0x010 }, { SUN_ISTRIP, 0x020 }, { SUN_INLCR, 0x040 }, { SUN_IGNCR, 0x080 },
	{ SUN_ICRNL, 0x100 }, { SUN_IUCLC, 0x200 }, { SUN_IXON, 0x400 }, { SUN_IXANY, 0x800 },
	{ SUN_IXOFF, 0x1000 }, { SUN_IMAXBEL, 0x2000 },
	/* Only Linux has IUTF8; it stays set, and programs don't see it. */
	{ 0, 0x4000 },
};
enum { LINUX_ONLY_INPUT = 0x4000, LINUX_ONLY_LOCAL = 0x10000, LINUX_ONLY_CONTROL = 0x40000000 };

static const struct flag output_flags[] = {
	{ SUN_OPOST, 0x01 }, { SUN_OLCUC, 0x02 }, { SUN_ONLCR, 0x04 }, { SUN_OCRNL, 0x08 }, { SUN_ONOCR, 0x10 },
	{ SUN_ONLRET, 0x20 }, { SUN_OFILL, 0x40 }, { SUN_OFDEL, 0x80 },
	/* Delays: NLDLY, CRDLY in two bits, TABDLY in two, BSDLY, VTDLY, FFDLY. */
	{ SUN_NLDLY, 0x0100 }, { SUN_CR1, 0x0200 }, { SUN_CR2, 0x0400 }, { SUN_TAB1, 0x0800 }, { SUN_TAB2, 0x1000 },
	{ SUN_BSDLY, 0x2000 }, { SUN_VTDLY, 0x4000 }, { SUN_FFDLY, 0x8000 },
};

static const struct flag local_flags[] = {
	{ SUN_ISIG, 0x0001 }, { SUN_ICANON, 0x0002 }, { SUN_XCASE, 0x0004 }, { SUN_ECHO, 0x0008 }, { SUN_ECHOE, 0x0010 },
	{ SUN_ECHOK, 0x0020 }, { SUN_ECHONL, 0x0040 }, { SUN_NOFLSH, 0x0080 }, { SUN_TOSTOP, 0x0100 },
	{ SUN_ECHOCTL, 0x0200 }, { SUN_ECHOPRT, 0x0400 }, { SUN_ECHOKE, 0x0800 }, { SUN_FLUSHO, 0x1000 },
	{ SUN_PENDIN, 0x4000 }, { SUN_IEXTEN, 0x8000 },
	/* EXTPROC. */
	{ 0, 0x10000 },
};

/* CSIZE is the same two bits on both; CBAUD is translated separately. */
static const struct flag control_flags[] = {
	{ SUN_CS6, 0x010 }, { SUN_CS7, 0x020 }, { SUN_CSTOPB, 0x040 }, { SUN_CREAD, 0x080 }, { SUN_PARENB, 0x100 },
	{ SUN_PARODD, 0x200 }, { SUN_HUPCL, 0x400 }, { SUN_CLOCAL, 0x800 }, { SUN_CRTSCTS, 0x80000000 },
	/* CMSPAR. */
	{ 0, 0x40000000 },
};

/* Speeds from 57600 up have different numbers, slower ones the same. */
enum { SUN_CBAUD_BITS = SUN_CBAUD | SUN_CBAUDEXT, LINUX_CBAUD_BITS = 0x100f };
static const struct number speeds[] = {
	{ SUN_CBAUDEXT | 0, 0x1001 }, { SUN_CBAUDEXT | 2, 0x1002 }, { SUN_CBAUDEXT | 4, 0x1003 },
	{ SUN_CBAUDEXT | 6, 0x1004 }, { SUN_CBAUDEXT | 7, 0x1007 },
};

static uint32_t control_to_sun(uint32_t flags)
{
	int speed = (int)(flags & LINUX_CBAUD_BITS);
	if ((flags & 0x1000) != 0 && !number_to_sun(speeds, COUNT(speeds), speed, &speed))
		unknown("ioctl(TCGETS)", "speed from Linux", flags & LINUX_CBAUD_BITS);
	return (uint32_t)speed |
	       flags_to_sun("ioctl(TCGETS)", control_flags, COUNT(control_flags), flags & ~(uint32_t)LINUX_CBAUD_BITS);
}

static uint32_t control_to_linux(uint32_t flags)
{
	int speed = (int)(flags & SUN_CBAUD_BITS);
	if ((flags & SUN_CBAUDEXT) != 0 && !number_to_linux(speeds, COUNT(speeds), speed, &speed))
		unknown("ioctl(TCSETS)", "speed", flags & SUN_CBAUD_BITS);
	return (uint32_t)speed |
	       flags_to_linux("ioctl(TCSETS)", control_flags, COUNT(control_flags), flags & ~(uint32_t)SUN_CBAUD_BITS);
}

/*
 * Control characters up to LNEXT have the same indexes, except for MIN and TIME: illumos
 * has them at the indexes of EOF and EOL, since they apply when input is not by lines.
 */
static const struct number characters[] = {
	{ SUN_VINTR, L_VINTR }, { SUN_VQUIT, L_VQUIT }, { SUN_VERASE, L_VERASE }, { SUN_VKILL, L_VKILL },
	{ SUN_VEOL2, L_VEOL2 }, { SUN_VSWTCH, L_VSWTC }, { SUN_VSTART, L_VSTART }, { SUN_VSTOP, L_VSTOP },
	{ SUN_VSUSP, L_VSUSP }, { SUN_VREPRINT, L_VREPRINT }, { SUN_VDISCARD, L_VDISCARD },
	{ SUN_VWERASE, L_VWERASE }, { SUN_VLNEXT, L_VLNEXT },
};

static long get_termios(int fd, struct sun_termios *guest)
{
	struct kernel_termios host;
	struct sun_termios sun;
	long answer = syscall_raw(SYS_ioctl, fd, KERNEL_TCGETS, &host);
	if (is_error(answer))
		return result(answer);
	memset(&sun, 0, sizeof sun);
	sun.c_iflag = flags_to_sun("ioctl(TCGETS)", input_flags, COUNT(input_flags), host.iflag);
	sun.c_oflag = flags_to_sun("ioctl(TCGETS)", output_flags, COUNT(output_flags), host.oflag);
	sun.c_lflag = flags_to_sun("ioctl(TCGETS)", local_flags, COUNT(local_flags), host.lflag);
	sun.c_cflag = control_to_sun(host.cflag);
	for (size_t i = 0; i < COUNT(characters); i++)
		sun.c_cc[characters[i].sun] = host.cc[characters[i].linux_];
	bool lines = (sun.c_lflag & SUN_ICANON) != 0;
	sun.c_cc[lines ? SUN_VEOF : SUN_VMIN] = host.cc[lines ? L_VEOF : L_VMIN];
	sun.c_cc[lines ? SUN_VEOL : SUN_VTIME] = host.cc[lines ? L_VEOL : L_VTIME];
	return copy_out(guest, &sun, sizeof sun) != 0 ? fail(SUN_EFAULT) : 0;
}

static long set_termios(int fd, int request, const struct sun_termios *guest)
{
	struct kernel_termios host;
	struct sun_termios sun;
	if (copy_in(&sun, guest, sizeof sun) != 0)
		return fail(SUN_EFAULT);
	/* Flags and characters that illumos lacks stay unchanged. */
	long answer = syscall_raw(SYS_ioctl, fd, KERNEL_TCGETS, &host);
	if (is_error(answer))
		return result(answer);
	host.iflag = flags_to_linux("ioctl(TCSETS)", input_flags, COUNT(input_flags), sun.c_iflag) | (host.iflag & LINUX_ONLY_INPUT);
	host.oflag = flags_to_linux("ioctl(TCSETS)", output_flags, COUNT(output_flags), sun.c_oflag);
	host.lflag = flags_to_linux("ioctl(TCSETS)", local_flags, COUNT(local_flags), sun.c_lflag) | (host.lflag & LINUX_ONLY_LOCAL);
	host.cflag = control_to_linux(sun.c_cflag) | (host.cflag & LINUX_ONLY_CONTROL);
	for (size_t i = 0; i < COUNT(characters); i++)
		host.cc[characters[i].linux_] = sun.c_cc[characters[i].sun];
	bool lines = (sun.c_lflag & SUN_ICANON) != 0;
	host.cc[lines ? L_VEOF : L_VMIN] = sun.c_cc[lines ? SUN_VEOF : SUN_VMIN];
	host.cc[lines ? L_VEOL : L_VTIME] = sun.c_cc[lines ? SUN_VEOL : SUN_VTIME];
	/* TCSETS, TCSETSW and TCSETSF follow TCGETS on both. */
	return result(syscall_raw(SYS_ioctl, fd, KERNEL_TCGETS + (request - SUN_TCGETS), &host));
}

/*
 * Modules on a terminal's stream. Linux's terminals have a line discipline built in, so
 * pushing a module only changes the results of I_FIND and I_LOOK. The list is per terminal
 * and of this process.
 */
enum { STREAMS = 64, MODULES = 8 };
static struct stream {
	uint64_t terminal;
	int modules;
	int anchor, anchored_in;	/* the number of modules that can't be popped, from another zone */
	char names[MODULES][SUN_FMNAMESZ + 1];
} streams[STREAMS];
static int streams_lock;

static struct stream *find_stream(uint64_t terminal)
{
	for (int i = 0; i < STREAMS; i++)
		if (streams[i].terminal == terminal || streams[i].terminal == 0) {
			streams[i].terminal = terminal;
			return &streams[i];
		}
	fatal("ioctl: modules on more than %d terminals", STREAMS);
}

void stream_forget(uint64_t terminal)
{
	while (__atomic_test_and_set(&streams_lock, __ATOMIC_ACQUIRE))
		syscall_raw(SYS_sched_yield);
	for (int i = 0; i < STREAMS; i++)
		if (streams[i].terminal == terminal)
			streams[i] = (struct stream){ .terminal = terminal };
	__atomic_clear(&streams_lock, __ATOMIC_RELEASE);
}

static int own_pid(void)
{
	return (int)syscall_raw(SYS_getpid);
}

static long on_stream(struct stream *stream, int request, char *guest)
{
	char name[SUN_FMNAMESZ + 1] = "";
	int error;
	switch (request) {
	case SUN_I_PUSH:
		if ((error = copy_in_string(name, guest, sizeof name)) != 0)
			return fail(error == SUN_ENAMETOOLONG ? SUN_EINVAL : error);
		if (stream->modules == MODULES)
			return fail(SUN_EINVAL);
		strcpy(stream->names[stream->modules++], name);
		return 0;
	case SUN_I_POP:
		if (stream->modules == 0 || (stream->modules == stream->anchor && stream->anchored_in != zone_of(own_pid())))
			return fail(SUN_EINVAL);
		stream->modules--;
		return 0;
	case SUN_I_ANCHOR:
		if (stream->anchor != 0 && stream->anchored_in != zone_of(own_pid()))
			return fail(SUN_EINVAL);
		stream->anchor = stream->modules;
		stream->anchored_in = zone_of(own_pid());
		return 0;
	case SUN_I_LOOK:
		if (stream->modules == 0)
			return fail(SUN_EINVAL);
		return copy_out(guest, stream->names[stream->modules - 1], sizeof name) != 0 ? fail(SUN_EFAULT) : 0;
	case SUN_I_FIND:
		if ((error = copy_in_string(name, guest, sizeof name)) != 0)
			return fail(error == SUN_ENAMETOOLONG ? SUN_EINVAL : error);
		for (int i = 0; i < stream->modules; i++)
			if (strcmp(stream->names[i], name) == 0)
				return 1;
		return 0;
	}
	unknown("ioctl", "request to a stream", (unsigned long)request);
}

static long stream_ioctl(int fd, int request, char *guest)
{
	struct kernel_termios ignored;
	struct stat status;
	long answer = syscall_raw(SYS_ioctl, fd, KERNEL_TCGETS, &ignored);
	if (is_error(answer) || is_error(answer = syscall_raw(SYS_fstat, fd, &status)))
		return result(answer);
	while (__atomic_test_and_set(&streams_lock, __ATOMIC_ACQUIRE))
		syscall_raw(SYS_sched_yield);
	answer = on_stream(find_stream(status.st_rdev), request, guest);
	__atomic_clear(&streams_lock, __ATOMIC_RELEASE);
	return answer;
}

GUEST static long guest_ioctl(int fd, int request, char *argument)
{
	long answer;
	if (contract_ioctl(fd, request, argument, &answer) || mnttab_ioctl(fd, request, &answer) || kstat_ioctl(fd, request, argument, &answer) ||
	    zcons_ioctl(fd, request, argument, &answer))
		return answer;
	switch (request) {
	case SUN_TCGETS: return get_termios(fd, (struct sun_termios *)argument);
	case SUN_TCSETS:
	case SUN_TCSETSW:
	case SUN_TCSETSF: return set_termios(fd, request, (const struct sun_termios *)argument);
	/* struct winsize is the same, and so are process groups and counts. */
	case SUN_TIOCGWINSZ: return result(syscall_raw(SYS_ioctl, fd, TIOCGWINSZ, argument));
	case SUN_TIOCSWINSZ: return result(syscall_raw(SYS_ioctl, fd, TIOCSWINSZ, argument));
	case SUN_TIOCGPGRP: return result(syscall_raw(SYS_ioctl, fd, TIOCGPGRP, argument));
	case SUN_TIOCSPGRP: return result(syscall_raw(SYS_ioctl, fd, TIOCSPGRP, argument));
	case SUN_TIOCGSID: return result(syscall_raw(SYS_ioctl, fd, TIOCGSID, argument));
	case SUN_TIOCSCTTY: return session_take_terminal(fd);
	case SUN_TIOCNOTTY: return result(syscall_raw(SYS_ioctl, fd, TIOCNOTTY, 0));
	case SUN_TIOCSTI: return result(syscall_raw(SYS_ioctl, fd, TIOCSTI, argument));
	/* Their arguments are 0 to 3 with the same meaning on both. */
	case SUN_TCSBRK: return result(syscall_raw(SYS_ioctl, fd, TCSBRK, argument));
	case SUN_TCXONC: return result(syscall_raw(SYS_ioctl, fd, TCXONC, argument));
	case SUN_TCFLSH: return result(syscall_raw(SYS_ioctl, fd, TCFLSH, argument));
	case SUN_FIONREAD: return result(syscall_raw(SYS_ioctl, fd, FIONREAD, argument));
	case SUN_FIONBIO: return result(syscall_raw(SYS_ioctl, fd, FIONBIO, argument));
	case SUN_I_PUSH:
	case SUN_I_POP:
	case SUN_I_LOOK:
	case SUN_I_ANCHOR:
	case SUN_I_FIND: return stream_ioctl(fd, request, argument);
	case SUN_I_STR:
		if (tcp_message(fd, (const struct sun_strioctl *)argument, &answer))
			return answer;
		return pty_message(fd, (const struct sun_strioctl *)argument);
	}
	if (lif_ioctl(fd, request, argument, &answer))
		return answer;
	unknown("ioctl", "request", (unsigned)request);
}

const struct symbol ioctl_symbols[] = {
	SYMBOL("libc", ioctl),
	SYMBOLS_END
};
