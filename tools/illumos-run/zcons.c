/*
 * Consoles of zones: the driver zcons, its parent's requests (devctl), and devfsadm, which
 * links the devices in /dev. Read from illumos's uts/common/io/zcons.c and pseudonex.c and
 * uts/common/os/sunndi.c.
 *
 * The devices are a table in the kernel process's directory, so that they outlive the guests.
 * The two sides of one are a pseudo-terminal of Linux, as long as the manager's side is open;
 * the zone's side without it takes and gives nothing. Locks on bytes of the table say which
 * sides are open.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "shim.h"
#include "zonecall.h"

enum { NODES = 64, FILES = 4096, LIST_MAX = 0x10000, TABLE_LOCK = 1 << 20 };
enum side { NONE, PARENT, MANAGER, INSIDE };

struct node {
	char zone[SUN_ZONENAME_MAX];	/* the property zonename; none: "" */
	int32_t exists, linked, held, resident, terminal;
};

/* The guest's descriptors of these devices. */
static struct {
	int8_t side, node;
	int16_t lock, other;	/* descriptors: of the lock, and of the terminal for the manager */
	int32_t options;	/* I_SRDOPT */
} files[FILES];

static const char parent_path[] = "/devices/pseudo/zconsnex@1:devctl", link_dir[] = "/dev/zcons/";
static const char *const side_names[] = { [MANAGER] = "globalconsole", [INSIDE] = "zoneconsole" };

/* Opens the table. */
static long table_open(void)
{
	char path[SUN_MAXPATHLEN + 16];
	kernel_directory(path, SUN_MAXPATHLEN);
	syscall_raw(SYS_mkdir, path, 0700);
	strcat(path, "/zcons");
	long fd = syscall_raw(SYS_open, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return is_error(fd) ? fd : private_fd((int)fd);
}

/* A lock of the open file, not of the process, so that threads have their own. */
static long lock(long table, int how, long at, int type)
{
	struct flock range = { .l_type = (short)type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };
	return syscall_raw(SYS_fcntl, table, how, &range);
}

static long byte_of(int node, enum side side)
{
	return node * 2 + (side == INSIDE);
}

/* The table, locked; closing it unlocks it. */
static long table_take(struct node nodes[NODES])
{
	long table = table_open();
	if (is_error(table))
		return table;
	lock(table, F_OFD_SETLKW, TABLE_LOCK, F_WRLCK);
	memset(nodes, 0, NODES * sizeof *nodes);
	syscall_raw(SYS_pread64, table, nodes, NODES * sizeof *nodes, 0);
	return table;
}

static void table_put(long table, const struct node nodes[NODES])
{
	syscall_raw(SYS_pwrite64, table, nodes, NODES * sizeof *nodes, 0);
}

/* Splits the name of a link into zone and side. */
static enum side link_side(const char *guest, char *zone)
{
	char path[128];
	if (copy_in_string(path, guest, sizeof path) != 0 || strncmp(path, link_dir, sizeof link_dir - 1) != 0)
		return NONE;
	char *name = path + sizeof link_dir - 1, *slash = strchr(name, '/');
	if (slash == NULL || slash - name >= SUN_ZONENAME_MAX)
		return NONE;
	*slash = '\0';
	strcpy(zone, name);
	for (enum side side = MANAGER; side <= INSIDE; side++)
		if (strcmp(slash + 1, side_names[side]) == 0)
			return side;
	return NONE;
}

static int linked_node(const struct node nodes[NODES], const char *zone)
{
	for (int i = 0; i < NODES; i++)
		if (nodes[i].linked && strcmp(nodes[i].zone, zone) == 0)
			return i;
	return -1;
}

static long own(long fd, enum side side, int node, long lock_fd, long other)
{
	if (fd >= FILES)
		fatal("a descriptor of %ld for a console", fd);
	files[fd].side = (int8_t)side;
	files[fd].node = (int8_t)node;
	files[fd].lock = (int16_t)lock_fd;
	files[fd].other = (int16_t)other;
	files[fd].options = SUN_RNORM | SUN_RPROTNORM;
	return fd;
}

/* Opens the manager's side: a new pseudo-terminal. */
static long open_manager(struct node *node, uint32_t flags, long *other)
{
	char name[32];
	unsigned number;
	int locked = 0;
	long fd = syscall_raw(SYS_open, "/dev/ptmx", flags | O_NOCTTY);
	if (is_error(fd))
		return fd;
	syscall_raw(SYS_ioctl, fd, TIOCSPTLCK, &locked);
	syscall_raw(SYS_ioctl, fd, TIOCGPTN, &number);
	snprintf(name, sizeof name, "/dev/pts/%u", number);
	*other = syscall_raw(SYS_open, name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (!is_error(*other))	/* else a read of the manager fails while nobody has it open */
		*other = private_fd((int)*other);
	node->terminal = (int32_t)number;
	return fd;
}

static long open_inside(long table, int at, const struct node *node, uint32_t flags)
{
	char name[32];
	/* Nobody has the manager's side if it can be locked. */
	if (lock(table, F_OFD_SETLK, byte_of(at, MANAGER), F_WRLCK) == 0) {
		lock(table, F_OFD_SETLK, byte_of(at, MANAGER), F_UNLCK);
		return syscall_raw(SYS_open, "/dev/null", flags);
	}
	snprintf(name, sizeof name, "/dev/pts/%d", node->terminal);
	return syscall_raw(SYS_open, name, flags);
}

static long open_side(const char *zone, enum side side, uint32_t flags)
{
	struct node nodes[NODES];
	long table = table_take(nodes), other = -1, fd;
	if (is_error(table))
		return result(table);
	int at = linked_node(nodes, zone);
	if (at < 0 || !nodes[at].exists) {	/* a link stays when its device goes */
		syscall_raw(SYS_close, table);
		return fail(SUN_ENOENT);
	}
	/* The manager's side can be opened once. The lock is that of the open file. */
	long own_lock = table_open();
	if (lock(own_lock, F_OFD_SETLK, byte_of(at, side), side == MANAGER ? F_WRLCK : F_RDLCK) != 0) {
		syscall_raw(SYS_close, own_lock);
		syscall_raw(SYS_close, table);
		return fail(SUN_EBUSY);
	}
	fd = side == MANAGER ? open_manager(&nodes[at], flags, &other) : open_inside(table, at, &nodes[at], flags);
	table_put(table, nodes);
	syscall_raw(SYS_close, table);
	if (is_error(fd)) {
		syscall_raw(SYS_close, own_lock);
		return result(fd);
	}
	return own(fd, side, at, own_lock, other);
}

bool zcons_open(const char *guest, int sun_flags, long *answer)
{
	char path[sizeof parent_path + 1], zone[SUN_ZONENAME_MAX];
	enum side side = link_side(guest, zone);
	if (side != NONE) {
		*answer = open_side(zone, side, open_flags_to_linux("open", sun_flags));
		return true;
	}
	if (copy_in_string(path, guest, sizeof path) != 0 || strcmp(path, parent_path) != 0)
		return false;
	if (syscall_raw(SYS_geteuid) != 0) {
		*answer = fail(SUN_EACCES);
		return true;
	}
	long fd = syscall_raw(SYS_memfd_create, "zconsnex", MFD_CLOEXEC);
	*answer = is_error(fd) ? result(fd) : own(fd, PARENT, 0, -1, -1);
	return true;
}

void zcons_closing(int fd)
{
	if (fd < 0 || fd >= FILES || files[fd].side == NONE)
		return;
	if (files[fd].lock >= 0)
		syscall_raw(SYS_close, files[fd].lock);
	if (files[fd].other >= 0)
		syscall_raw(SYS_close, files[fd].other);
	files[fd].side = NONE;
}

bool zcons_readlink(const char *guest, char *buffer, size_t size, long *answer)
{
	struct node nodes[NODES];
	char zone[SUN_ZONENAME_MAX], target[128];
	enum side side = link_side(guest, zone);
	if (side == NONE)
		return false;
	long table = table_take(nodes);
	int at = is_error(table) ? -1 : linked_node(nodes, zone);
	if (!is_error(table))
		syscall_raw(SYS_close, table);
	if (at < 0) {
		*answer = fail(SUN_ENOENT);
		return true;
	}
	size_t length = (size_t)snprintf(target, sizeof target, "../../../devices/pseudo/zconsnex@1/zcons@%d:%s", at, side_names[side]);
	if (length > size)
		length = size;
	*answer = copy_out(buffer, target, length) != 0 ? fail(SUN_EFAULT) : (long)length;
	return true;
}

bool zcons_special(const char *guest, char *terminal, size_t size)
{
	struct node nodes[NODES];
	char zone[SUN_ZONENAME_MAX];
	if (link_side(guest, zone) != INSIDE)
		return false;
	long table = table_take(nodes);
	if (is_error(table))
		return false;
	syscall_raw(SYS_close, table);
	int at = linked_node(nodes, zone);
	if (at >= 0)
		snprintf(terminal, size, "/dev/pts/%d", nodes[at].terminal);
	return at >= 0;
}

/* Reads the properties of a new device: integers, strings, and its driver's name. */
static int properties(const char *list, size_t size, struct node *node)
{
	enum { HEAD = 12, PAIR = 16 };
	bool named = false, numbered = false;
	if (size < HEAD + 4 || list[0] != 0 || list[1] != 1)
		return SUN_EFAULT;
	for (size_t at = HEAD;;) {
		int32_t pair, type, number;
		int16_t name_size;
		memcpy(&pair, list + at, sizeof pair);
		if (pair == 0)
			break;
		if (pair < PAIR || at + (size_t)pair + 4 > size)
			return SUN_EFAULT;
		memcpy(&name_size, list + at + 4, sizeof name_size);
		memcpy(&type, list + at + 12, sizeof type);
		const char *name = list + at + PAIR, *value = list + at + ((PAIR + (size_t)name_size + 7) & ~7UL);
		memcpy(&number, value, sizeof number);
		if (type != SUN_DATA_TYPE_STRING && type != SUN_DATA_TYPE_INT32)
			return SUN_EINVAL;
		if (strcmp(name, "ndi_dc.devi_nodename") == 0 && type == SUN_DATA_TYPE_STRING) {
			named = true;
			if (strcmp(value, "zcons") != 0)	/* valid-children of zconsnex */
				return SUN_ENXIO;
		} else if (strcmp(name, "zonename") == 0 && type == SUN_DATA_TYPE_STRING) {
			snprintf(node->zone, sizeof node->zone, "%s", value);
		} else if (strcmp(name, "auto-assign-instance") == 0) {
			numbered = true;
		} else if (strcmp(name, "ddi-no-autodetach") == 0) {
			node->resident = type == SUN_DATA_TYPE_INT32 && number == 1;
		} else {
			fatal("zcons: unknown property \"%s\" of a device", name);
		}
		at += (size_t)pair;
	}
	if (!named)
		return SUN_EINVAL;
	if (!numbered)
		fatal("zcons: a device with a fixed number");
	return 0;
}

static int create(const struct sun_devctl_iocdata *request, struct node nodes[NODES])
{
	static char list[LIST_MAX];
	struct node node = { .exists = 1 };
	char name[16];
	int at = 0;
	if (request->nvl_user == NULL)
		return SUN_EINVAL;
	if (request->nvl_usersz == 0 || request->nvl_usersz > LIST_MAX || copy_in(list, request->nvl_user, request->nvl_usersz) != 0)
		return SUN_EFAULT;
	int error = properties(list, request->nvl_usersz, &node);
	if (error != 0)
		return error;
	while (at < NODES && nodes[at].exists)
		at++;
	if (at == NODES)
		fatal("zcons: more than %d consoles", NODES);
	nodes[at] = node;
	/* The name has no NUL at its end. */
	size_t length = (size_t)snprintf(name, sizeof name, "zcons@%d", at);
	if (request->cpyout_buf != NULL && copy_out(request->cpyout_buf, name, length) != 0) {
		nodes[at].exists = 0;
		return SUN_EFAULT;
	}
	return 0;
}

static int destroy(const struct sun_devctl_iocdata *request, struct node nodes[NODES], long table)
{
	char name[16], unit[16], same[16];
	int at = 0;
	if (request->c_nodename == NULL || request->c_unitaddr == NULL)
		return SUN_EINVAL;
	if (copy_in_string(name, request->c_nodename, sizeof name) != 0 || copy_in_string(unit, request->c_unitaddr, sizeof unit) != 0)
		return SUN_EFAULT;
	for (; at < NODES; at++) {
		snprintf(same, sizeof same, "%d", at);
		if (nodes[at].exists && strcmp(name, "zcons") == 0 && strcmp(unit, same) == 0)
			break;
	}
	if (at == NODES)
		return 0;	/* ndi_devi_unconfig_one finds nothing to do */
	/* A side that is open or held keeps the driver from detaching. */
	bool used = nodes[at].held;
	for (enum side side = MANAGER; side <= INSIDE; side++) {
		used = used || lock(table, F_OFD_SETLK, byte_of(at, side), F_WRLCK) != 0;
		lock(table, F_OFD_SETLK, byte_of(at, side), F_UNLCK);
	}
	if (used)
		return SUN_EBUSY;
	nodes[at].exists = 0;
	return 0;
}

static int parent_request(int request, const void *argument)
{
	struct sun_devctl_iocdata data;
	struct node nodes[NODES];
	int error;
	if (request != SUN_DEVCTL_BUS_DEV_CREATE && request != SUN_DEVCTL_DEVICE_REMOVE)
		unknown("ioctl of zconsnex", "request", (unsigned long)request);
	if (copy_in(&data, argument, sizeof data) != 0)
		return SUN_EFAULT;
	long table = table_take(nodes);
	if (is_error(table))
		return errno_to_sun((int)-table);
	error = request == SUN_DEVCTL_BUS_DEV_CREATE ? create(&data, nodes) : destroy(&data, nodes, table);
	table_put(table, nodes);
	syscall_raw(SYS_close, table);
	return error;
}

/* ZC_HOLDSUBSID and ZC_RELEASESUBSID; fd is what the caller has as the zone's side. */
static int hold(int manager, bool held, long fd)
{
	struct node nodes[NODES];
	int at = files[manager].node, error = 0;
	long table = table_take(nodes);
	if (is_error(table))
		return errno_to_sun((int)-table);
	if (nodes[at].held != held) {
		if (zone_of((int)syscall_raw(SYS_getpid)) != SUN_GLOBAL_ZONEID || fd < 0 || fd >= FILES ||
		    files[fd].side != INSIDE || files[fd].node != at)
			error = SUN_EINVAL;
		else
			nodes[at].held = held;
	}
	table_put(table, nodes);
	syscall_raw(SYS_close, table);
	return error;
}

bool zcons_ioctl(int fd, int request, void *argument, long *answer)
{
	int error = 0;
	if (fd < 0 || fd >= FILES || files[fd].side == NONE)
		return false;
	if (files[fd].side == PARENT) {
		error = parent_request(request, argument);
	} else if (request == SUN_ZC_HOLDSUBSID || request == SUN_ZC_RELEASESUBSID) {
		/* The zone's side passes it on to nobody who knows it. */
		error = files[fd].side == MANAGER ? hold(fd, request == SUN_ZC_HOLDSUBSID, (long)argument) : SUN_EINVAL;
	} else if (request == SUN_I_SRDOPT) {
		/* One way of reading, and one of treating the control part of a message. */
		long options = (long)argument, control = options & (SUN_RPROTDAT | SUN_RPROTDIS | SUN_RPROTNORM);
		if ((options & ~0x1fL) != 0 || (options & 3) == 3 || (control & (control - 1)) != 0)
			error = SUN_EINVAL;
		else
			files[fd].options = (int32_t)options;
	} else if (request == SUN_I_GRDOPT) {
		error = copy_out(argument, &files[fd].options, sizeof files[fd].options);
	} else {
		return false;
	}
	*answer = error != 0 ? fail(error) : 0;
	return true;
}

const char devfsadm_path[] = "/usr/sbin/devfsadm";

/* devfsadm -i zcons links every device. One that may be unloaded has gone by then. */
int zcons_devfsadm(int argc, char **argv)
{
	struct node nodes[NODES];
	if (argc != 2 || strcmp(argv[0], "-i") != 0 || strcmp(argv[1], "zcons") != 0)
		fatal("devfsadm: only -i zcons is known");
	long table = table_take(nodes);
	if (is_error(table))
		return 1;
	for (int i = 0; i < NODES; i++) {
		nodes[i].exists = nodes[i].exists && nodes[i].resident;
		nodes[i].linked = nodes[i].exists && nodes[i].zone[0] != '\0';
	}
	table_put(table, nodes);
	return 0;
}
