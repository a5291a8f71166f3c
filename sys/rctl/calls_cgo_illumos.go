//go:build cgo

package rctl

/*
#include <sys/types.h>
#include <sys/rctl.h>
#include <sys/rctl_impl.h>
#include <errno.h>
#include <rctl.h>
#include <string.h>
#include <stdlib.h>

// Blocks are passed field by field, since the block's layout in the system's headers
// may differ.
typedef struct zones_block {
	uint64_t value, enforced;
	uint32_t privilege, global;
	int32_t level;
	uint32_t local;
	int32_t signal, pid;
	int64_t fired;
} zones_block_t;

static void
zones_in(rctl_opaque_t *to, const zones_block_t *from)
{
	(void) memset(to, 0, sizeof (*to));
	to->rcq_value = from->value;
	to->rcq_enforced_value = from->enforced;
	to->rcq_privilege = from->privilege;
	to->rcq_global_flagaction = (int)from->global;
	to->rcq_global_syslog_level = from->level;
	to->rcq_local_flagaction = (int)from->local;
	to->rcq_local_signal = from->signal;
	to->rcq_local_recipient_pid = from->pid;
	to->rcq_firing_time = from->fired;
}

static void
zones_out(zones_block_t *to, const rctl_opaque_t *from)
{
	to->value = from->rcq_value;
	to->enforced = from->rcq_enforced_value;
	to->privilege = from->rcq_privilege;
	to->global = (uint32_t)from->rcq_global_flagaction;
	to->level = from->rcq_global_syslog_level;
	to->local = (uint32_t)from->rcq_local_flagaction;
	to->signal = from->rcq_local_signal;
	to->pid = from->rcq_local_recipient_pid;
	to->fired = from->rcq_firing_time;
}

static int
zones_rctl(int set, const char *name, zones_block_t *old, zones_block_t *new, uint_t flags)
{
	rctl_opaque_t o, n;
	rctlblk_t *op = NULL, *np = NULL;
	int r;

	if (old != NULL) {
		zones_in(&o, old);
		op = (rctlblk_t *)&o;
	}
	if (new != NULL) {
		zones_in(&n, new);
		np = (rctlblk_t *)&n;
	}
	r = set ? setrctl(name, op, np, flags) : getrctl(name, op, np, flags);
	if (r == 0 && !set && new != NULL)
		zones_out(new, &n);
	return (r);
}

static int
zones_rctlctl(const char *name, zones_block_t *block, uint_t flags)
{
	rctl_opaque_t b;
	int r;

	zones_in(&b, block);
	r = rctlctl(name, (rctlblk_t *)&b, flags);
	if (r == 0)
		zones_out(block, &b);
	return (r);
}

static int
zones_setprojrctl(const char *name, const zones_block_t *blocks, size_t count, uint_t flags)
{
	rctl_opaque_t *list = calloc(count == 0 ? 1 : count, sizeof (rctl_opaque_t));
	size_t i;
	int r, e;

	if (list == NULL)
		return (-1);
	for (i = 0; i < count; i++)
		zones_in(&list[i], &blocks[i]);
	r = setprojrctl(name, (rctlblk_t *)list, count, flags);
	e = errno;
	free(list);
	errno = e;
	return (r);
}
*/
import "C"

import (
	"syscall"
	"unsafe"

	"github.com/gozones/zones/sys/errno"
)

var _ Calls = Native{}

func init() { open = func() (Calls, error) { return Native{}, nil } }

// Native makes the calls of the running illumos kernel, through C and the system's
// headers. The zero value is ready to use.
type Native struct{}

func answer(result C.int, err error) error {
	if result != -1 {
		return nil
	}
	number, _ := err.(syscall.Errno)
	return errno.Errno(number)
}

func name(s string) *C.char { return (*C.char)(unsafe.Pointer(&append([]byte(s), 0)[0])) }

// toC and toGo convert between Block and C's block.
func toC(b *Block) *C.zones_block_t {
	if b == nil {
		return nil
	}
	return &C.zones_block_t{
		value: C.uint64_t(b.Value), enforced: C.uint64_t(b.EnforcedValue), privilege: C.uint32_t(b.Privilege),
		global: C.uint32_t(b.GlobalFlagAction), level: C.int32_t(b.GlobalSyslogLevel), local: C.uint32_t(b.LocalFlagAction),
		signal: C.int32_t(b.LocalSignal), pid: C.int32_t(b.LocalRecipientPid), fired: C.int64_t(b.FiringTime),
	}
}

func toGo(c *C.zones_block_t) Block {
	return Block{
		Value: uint64(c.value), EnforcedValue: uint64(c.enforced), Privilege: uint32(c.privilege),
		GlobalFlagAction: uint32(c.global), GlobalSyslogLevel: int32(c.level), LocalFlagAction: uint32(c.local),
		LocalSignal: int32(c.signal), LocalRecipientPid: int32(c.pid), FiringTime: int64(c.fired),
	}
}

// Getrctl is getrctl(2).
func (Native) Getrctl(control string, old, new *Block, flags uint32) error {
	c := toC(new)
	r, err := C.zones_rctl(0, name(control), toC(old), c, C.uint_t(flags))
	if err := answer(r, err); err != nil {
		return err
	}
	if new != nil {
		*new = toGo(c)
	}
	return nil
}

// Setrctl is setrctl(2).
func (Native) Setrctl(control string, old, new *Block, flags uint32) error {
	r, err := C.zones_rctl(1, name(control), toC(old), toC(new), C.uint_t(flags))
	return answer(r, err)
}

// Rctllist is rctllist, on which rctl_walk(3C) is based.
func (Native) Rctllist(buf []byte) (int, error) {
	n, err := C.rctllist((*C.char)(unsafe.Pointer(unsafe.SliceData(buf))), C.size_t(len(buf)))
	if int64(n) == -1 {
		return 0, answer(-1, err)
	}
	return int(n), nil
}

// Rctlctl is rctlctl, which rctladm(8) uses.
func (Native) Rctlctl(control string, b *Block, flags uint32) error {
	c := toC(b)
	r, err := C.zones_rctlctl(name(control), c, C.uint_t(flags))
	if err := answer(r, err); err != nil {
		return err
	}
	*b = toGo(c)
	return nil
}

// Setprojrctl is setprojrctl, which setproject(3PROJECT) uses.
func (Native) Setprojrctl(control string, blocks []Block, flags uint32) error {
	list := make([]C.zones_block_t, len(blocks))
	for i := range blocks {
		list[i] = *toC(&blocks[i])
	}
	r, err := C.zones_setprojrctl(name(control), unsafe.SliceData(list), C.size_t(len(list)), C.uint_t(flags))
	return answer(r, err)
}
