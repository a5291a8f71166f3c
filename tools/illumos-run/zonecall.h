/* Functions of zonecall.c for other parts. */
#ifndef ZONECALL_H
#define ZONECALL_H

#include <stdbool.h>
#include <stdint.h>

/* Returns the zone of a process: this guest's for itself, else the global zone. */
int zone_of(int pid);

/* Whether a privilege, by the kernel process's number (KERNEL_PRIV_NAME), is in effect. */
bool has_privilege(int number);

/* The effective set of a process: all for the kernel's (0), otherwise the kernel process knows. */
void privileges_of(int pid, uint32_t uid, uint32_t set[3]);

/* Returns whether a zone is in a state in which interfaces can be given to it. */
bool zone_takes_interfaces(int zone);

/*
 * zonenumbers.c: translates the subcode of zone(2), and an attribute in its arguments, from
 * illumos's numbers to those of the kernel process.
 */
void zone_numbers_to_kernel(uint64_t arguments[6]);

/*
 * interrupt.c: whether a call of zone(2), with the arguments after its subcode, is to be
 * interrupted, and whether it takes effect before that.
 */
enum interruption { NOT_INTERRUPTED, INTERRUPTED_BEFORE, INTERRUPTED_AFTER };
enum interruption zone_interruption(int subcode, const uint64_t *arguments);

/*
 * session.c: the guest has entered a zone; TIOCSCTTY; and giving the controlling terminal up
 * for a program in the zone, which returns whether there was one.
 */
void session_entered(void);
long session_take_terminal(int fd);
bool session_give_up_terminal(void);

/*
 * ZONES_RUN and ZONES_KERNEL name the kernel process's directory and program. The values are
 * those of the first guest's environment; the programs that it executes inherit them,
 * whatever environment they get. NULL if not set.
 */
enum zone_variable { ZONES_RUN, ZONES_KERNEL, ZONE_VARIABLES };
const char *zone_variable(enum zone_variable which);
void zone_set_variable(enum zone_variable which, const char *value);

/*
 * For a guest that has entered a zone: the directory to which it changes and the program
 * that it executes are in the zone. They return false if it hasn't entered one.
 */
bool zone_chdir(const char *path, long *answer);
bool zone_execute(const char *path, char *const *arguments, char *const *environment, long *answer);

/*
 * For mount points below the root of a zone, where the kernel process mounts in the zone, and
 * for those of a guest that has entered one. They return false for other mount points.
 */
bool zone_mount(const char *special, const char *point, int flags, const char *type, const char *options, int room, long *answer);
bool zone_unmount(const char *point, int flags, long *answer);

/*
 * The relay for a program in a zone, which a guest executed: it passes signals on and exits
 * as the program does. The runner's arguments are ZONE_RELAY and the descriptor of its
 * connection to the kernel process.
 */
#define ZONE_RELAY "--zone-relay"
_Noreturn void zone_relay(const char *fd);

/*
 * kernelproc.c: returns a new connection to the kernel process, or -errno. If none is running,
 * it is started if start is set. kernel_pid returns its process id, -1 if none is running.
 */
long kernel_connect(bool start);
void kernel_directory(char *path, size_t size);
int kernel_pid(void);

/*
 * kernelrpc.c: asks the kernel process on a connection for an operation without
 * arguments; 0 or -errno. kernel_reply receives a reply, 0 or illumos' error number:
 * *body is the JSON in *message, which the caller frees.
 */
long kernel_ask(int fd, const char *op);
int kernel_reply(int fd, char **message, const char **body);

#endif
