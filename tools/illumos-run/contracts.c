/*
 * Process contracts: the files below /system/contract and their requests. Linux has no
 * contracts, so each process has its own: a contract is a child that was started while a
 * template was active, and its id is the child's process id. A pidfd of the child reports
 * its exit. Other than on illumos, the child's children are not members.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "nvlist.h"
#include "shim.h"

/* <sys/contract.h>, <sys/contract/process.h> */
enum { CTP_EV_CRITICAL = 100, CTP_EV_INFO = 101, CTP_COOKIE = 102, CTPP_EV_FATAL = 0, CTPP_PARAMS = 1 };
enum { CTE_ACK = 1, CTE_INFO = 2 };
enum { CTS_OWNED, CTS_INHERITED, CTS_ORPHAN, CTS_DEAD };

struct ct_event {
	int32_t id;
	uint32_t pad1;
	uint64_t event;
	int32_t type_of_contract;
	uint32_t flags;
	uint32_t type;
	uint32_t bytes;
	uint32_t global;
	uint32_t pad2;
	void *buffer;
};
_Static_assert(sizeof(struct ct_event) == 48, "ct_event_t");

struct terms {
	uint32_t critical, informative, fatal, params;
	uint64_t cookie;
};

struct contract {
	struct contract *next;
	int32_t id;
	int child;		/* a pidfd, -1 once abandoned */
	struct terms terms;
	bool abandoned;
	bool exit_told, empty_told;
	uint64_t waiting;	/* the critical event without an acknowledgement; 0 for none */
};

enum kind { NONE, TEMPLATE, LATEST, STATUS, CONTROL, EVENTS };

/* An open file of the contract file system, indexed by its descriptor. */
struct contract_file {
	enum kind kind;
	struct contract *contract;
	struct terms terms;	/* of a template */
};

enum { FILES_MAX = 4096 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all that follows */
static struct contract *contracts;
static struct contract_file files[FILES_MAX];
static uint64_t events;

/* Two words of a thread's data: its active terms, and the last contract it created. */
enum { ACTIVE_WORD = 1, LATEST_WORD = 2 };

static struct contract *find(int32_t id)
{
	struct contract *contract = contracts;
	while (contract != NULL && contract->id != id)
		contract = contract->next;
	return contract;
}

static bool ended(const struct contract *contract)
{
	struct pollfd child = { .fd = contract->child, .events = POLLIN };
	return contract->child < 0 || syscall_raw(SYS_poll, &child, 1, 0) == 1;
}

/* The descriptor of events: an epoll that watches the child. */
static long events_descriptor(const struct contract *contract, int flags)
{
	struct epoll_event event = { .events = EPOLLIN };
	long fd = syscall_raw(SYS_epoll_create1, EPOLL_CLOEXEC);
	if (!is_error(fd) && contract->child >= 0)
		syscall_raw(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, contract->child, &event);
	if (!is_error(fd) && (flags & SUN_O_NONBLOCK) != 0)
		syscall_raw(SYS_fcntl, fd, F_SETFL, O_NONBLOCK);
	return fd;
}

bool contract_open(const char *guest, int flags, long *answer)
{
	static const char root[] = "/system/contract/";
	char path[128];
	struct contract_file file = { .kind = NONE };
	if (copy_in_string(path, guest, sizeof path) != 0 || strncmp(path, root, sizeof root - 1) != 0)
		return false;
	const char *rest = path + sizeof root - 1;
	pthread_mutex_lock(&lock);
	if (strcmp(rest, "process/template") == 0) {
		file.kind = TEMPLATE;
	} else if (strcmp(rest, "process/latest") == 0) {
		file.kind = LATEST;
		file.contract = find((int32_t)thread.reserved[LATEST_WORD]);
	} else if (strncmp(rest, "process/", 8) == 0 || strncmp(rest, "all/", 4) == 0) {
		char *end;
		long id = strtol(strchr(rest, '/') + 1, &end, 10);
		file.contract = find((int32_t)id);
		file.kind = strcmp(end, "/status") == 0 ? STATUS : strcmp(end, "/ctl") == 0 ? CONTROL : strcmp(end, "/events") == 0 ? EVENTS : NONE;
		if (file.contract == NULL)
			file.kind = NONE;
	}
	long fd;
	if (file.kind == NONE)
		fd = -ENOENT;
	else if (file.kind == LATEST && file.contract == NULL)
		fd = -ESRCH;
	else if (file.kind == EVENTS)
		fd = events_descriptor(file.contract, flags);
	else
		fd = syscall_raw(SYS_memfd_create, "contract", MFD_CLOEXEC);
	if (fd >= FILES_MAX)
		fatal("a descriptor of %ld for a file of contracts", fd);
	if (fd >= 0)
		files[fd] = file;
	pthread_mutex_unlock(&lock);
	*answer = result(fd);
	return true;
}

void contract_closing(int fd)
{
	if (fd >= 0 && fd < FILES_MAX && files[fd].kind != NONE) {
		pthread_mutex_lock(&lock);
		files[fd].kind = NONE;
		pthread_mutex_unlock(&lock);
	}
}

/* The contract that this process is in; 0 for the one of the first guest, with others. */
static int32_t member_of;

int32_t contract_member_of(void)
{
	return member_of;
}

void contract_set_member_of(int32_t id)
{
	member_of = id;
}

void contract_child(void)
{
	if (thread.reserved[ACTIVE_WORD] != 0)
		member_of = (int32_t)syscall_raw(SYS_getpid);
	contracts = NULL; /* those are the parent's */
}

/*
 * zone_enter: only for a process that is alone in its contract and holds none
 * (uts/common/os/zone.c).
 */
bool contract_lets_enter(void)
{
	if (member_of != syscall_raw(SYS_getpid))
		return false;
	for (const struct contract *contract = contracts; contract != NULL; contract = contract->next)
		if (!contract->abandoned)
			return false;
	return true;
}

void contract_forked(int pid)
{
	struct terms *terms = (struct terms *)thread.reserved[ACTIVE_WORD];
	if (terms == NULL)
		return;
	struct contract *made = calloc(1, sizeof *made);
	long child = syscall_raw(SYS_pidfd_open, pid, 0);
	if (made == NULL || is_error(child))
		fatal("a contract for process %d can't be made", pid);
	made->id = pid;
	made->child = private_fd((int)child);
	made->terms = *terms;
	pthread_mutex_lock(&lock);
	made->next = contracts;
	contracts = made;
	pthread_mutex_unlock(&lock);
	thread.reserved[LATEST_WORD] = (uint64_t)pid;
}

static int set_term(struct terms *terms, const void *argument)
{
	struct sun_ct_param param;
	uint32_t word;
	int error = copy_in(&param, argument, sizeof param);
	if (error != 0)
		return error;
	if (param.ctpm_id == CTP_COOKIE)
		return param.ctpm_size != sizeof terms->cookie ? SUN_EINVAL : copy_in(&terms->cookie, param.ctpm_value, sizeof terms->cookie);
	if (param.ctpm_size != sizeof word)
		return SUN_EINVAL;
	error = copy_in(&word, param.ctpm_value, sizeof word);
	if (error != 0)
		return error;
	switch (param.ctpm_id) {
	case CTP_EV_CRITICAL:
	case CTP_EV_INFO:
		if ((word & ~(uint32_t)SUN_CT_PR_ALLEVENT) != 0)
			return SUN_EINVAL;
		*(param.ctpm_id == CTP_EV_INFO ? &terms->informative : &terms->critical) = word;
		return 0;
	case CTPP_EV_FATAL:
		if ((word & ~(uint32_t)SUN_CT_PR_ALLFATAL) != 0)
			return SUN_EINVAL;
		terms->fatal = word;
		return 0;
	case CTPP_PARAMS:
		if ((word & ~(uint32_t)SUN_CT_PR_ALLPARAM) != 0)
			return SUN_EINVAL;
		terms->params = word;
		return 0;
	}
	unknown("ioctl(CT_TSET)", "term", param.ctpm_id);
}

static int activate(const struct terms *terms)
{
	struct terms *active = malloc(sizeof *active);
	if (active == NULL)
		return SUN_ENOMEM;
	*active = *terms;
	free((void *)thread.reserved[ACTIVE_WORD]);
	thread.reserved[ACTIVE_WORD] = (uint64_t)active;
	return 0;
}

static int clear(void)
{
	free((void *)thread.reserved[ACTIVE_WORD]);
	thread.reserved[ACTIVE_WORD] = 0;
	return 0;
}

static int status(const struct contract *contract, void *argument)
{
	struct sun_ct_status out;
	unsigned char list[512] = { 0 };
	size_t size = 0;
	int error = copy_in(&out, argument, sizeof out);
	if (error != 0)
		return error;
	uint32_t detail = out.ctst_detail;
	uint64_t room = out.ctst_nbytes;
	void *buffer = out.ctst_buffer;
	if (detail > SUN_CTD_ALL)
		return SUN_EINVAL;
	if (detail >= SUN_CTD_FIXED) {
		size = nv_head(list);
		size += nv_pair(list + size, "ctps_params", SUN_DATA_TYPE_UINT32, 1, &contract->terms.params, 4);
		size += nv_pair(list + size, "ctps_ev_fatal", SUN_DATA_TYPE_UINT32, 1, &contract->terms.fatal, 4);
		if (detail == SUN_CTD_ALL && !ended(contract))
			size += nv_pair(list + size, "ctps_members", SUN_DATA_TYPE_UINT32_ARRAY, 1, &contract->id, 4);
		size += 4;
	}
	memset(&out, 0, sizeof out);
	out.ctst_id = contract->id;
	out.ctst_holder = contract->abandoned ? 0 : (int32_t)syscall_raw(SYS_getpid);
	out.ctst_state = contract->abandoned ? CTS_ORPHAN : CTS_OWNED;
	out.ctst_nevents = contract->waiting != 0;
	out.ctst_ntime = out.ctst_qtime = -1;
	out.ctst_detail = detail;
	out.ctst_critical = contract->terms.critical;
	out.ctst_informative = contract->terms.informative;
	out.ctst_cookie = contract->terms.cookie;
	out.ctst_buffer = buffer;
	out.ctst_nbytes = size;
	if (size > 0 && size <= room)
		error = copy_out(buffer, list, size);
	return error != 0 ? error : copy_out(argument, &out, sizeof out);
}

/* The wait status of the child, without reaping it: the guest waits for it. */
static int32_t exit_status(const struct contract *contract)
{
	siginfo_t info;
	memset(&info, 0, sizeof info);
	if (syscall_raw(SYS_waitid, P_PIDFD, contract->child, &info, WEXITED | WNOWAIT | WNOHANG, NULL) != 0)
		return 0; /* the guest has waited for it already */
	return info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 : signal_to_sun(info.si_status) | (info.si_code == CLD_DUMPED ? 0x80 : 0);
}

static int receive(struct contract *contract, void *argument)
{
	struct ct_event out;
	unsigned char list[256] = { 0 };
	uint32_t wanted = contract->terms.critical | contract->terms.informative, type;
	int error = copy_in(&out, argument, sizeof out);
	if (error != 0)
		return error;
	if (!ended(contract))
		return SUN_EAGAIN;
	if (!contract->exit_told && (wanted & SUN_CT_PR_EV_EXIT) != 0)
		type = SUN_CT_PR_EV_EXIT;
	else if (!contract->empty_told && (wanted & SUN_CT_PR_EV_EMPTY) != 0)
		type = SUN_CT_PR_EV_EMPTY;
	else
		return SUN_EAGAIN;
	int32_t how = exit_status(contract);
	size_t size = nv_head(list);
	size += nv_pair(list + size, "ctpe_pid", SUN_DATA_TYPE_UINT32, 1, &contract->id, 4);
	if (type == SUN_CT_PR_EV_EXIT)
		size += nv_pair(list + size, "ctpe_exitstatus", SUN_DATA_TYPE_INT32, 1, &how, 4);
	size += 4;
	uint32_t room = out.bytes;
	void *buffer = out.buffer;
	memset(&out, 0, sizeof out);
	out.id = contract->id;
	out.flags = (contract->terms.critical & type) != 0 ? 0 : CTE_INFO;
	out.type = type;
	out.bytes = (uint32_t)size;
	out.global = (uint32_t)size;
	out.buffer = buffer;
	if (size <= room) {
		out.event = ++events;
		error = copy_out(buffer, list, size);
		*(type == SUN_CT_PR_EV_EXIT ? &contract->exit_told : &contract->empty_told) = true;
		if (out.flags == 0)
			contract->waiting = out.event;
	}
	return error != 0 ? error : copy_out(argument, &out, sizeof out);
}

static int control(struct contract *contract, int request, const void *argument)
{
	uint64_t event;
	int error;
	switch (request) {
	case SUN_CT_CABANDON:
		if (contract->abandoned)
			return SUN_EACCES;
		contract->abandoned = true;
		if ((contract->terms.params & SUN_CT_PR_NOORPHAN) != 0)
			syscall_raw(SYS_pidfd_send_signal, contract->child, 9 /* SIGKILL */, NULL, 0);
		return 0;
	case SUN_CT_CACK:
		error = copy_in(&event, argument, sizeof event);
		if (error != 0)
			return error;
		if (event == 0 || event != contract->waiting)
			return SUN_ESRCH;
		contract->waiting = 0;
		return 0;
	case SUN_CT_CADOPT:
		return SUN_EINVAL; /* no contract is ever inherited here */
	}
	unknown("ioctl of a contract", "request", (unsigned long)request);
}

bool contract_ioctl(int fd, int request, void *argument, long *answer)
{
	int error;
	if (fd < 0 || fd >= FILES_MAX || files[fd].kind == NONE)
		return false;
	pthread_mutex_lock(&lock);
	struct contract_file *file = &files[fd];
	if (file->kind == TEMPLATE && request == SUN_CT_TSET)
		error = set_term(&file->terms, argument);
	else if (file->kind == TEMPLATE && request == SUN_CT_TACTIVATE)
		error = activate(&file->terms);
	else if (file->kind == TEMPLATE && request == SUN_CT_TCLEAR)
		error = clear();
	else if ((file->kind == STATUS || file->kind == LATEST) && request == SUN_CT_SSTATUS)
		error = status(file->contract, argument);
	else if (file->kind == EVENTS && request == SUN_CT_ERECV)
		error = receive(file->contract, argument);
	else if (file->kind == CONTROL)
		error = control(file->contract, request, argument);
	else
		unknown("ioctl of a file of contracts", "request", (unsigned long)request);
	pthread_mutex_unlock(&lock);
	*answer = error != 0 ? fail(error) : 0;
	return true;
}
