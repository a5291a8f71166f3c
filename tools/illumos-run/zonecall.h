/* What zonecall.c does for other parts. */
#ifndef ZONECALL_H
#define ZONECALL_H

#include <stdbool.h>
#include <stdint.h>

/* The zone that a process is in: as this one's when it is itself, else the global one. */
int zone_of(int pid);

/*
 * zonenumbers.c: turns the subcode of zone(2) and the attribute that it is about
 * from illumos's numbers to the kernel process's.
 */
void zone_numbers_to_kernel(uint64_t arguments[6]);

/*
 * Where the kernel process is found and by which program it is started: the
 * variables of these names in the environment of the first guest, which those that
 * it executes inherit whatever environment it gives them. NULL when not set.
 */
enum zone_variable { ZONES_RUN, ZONES_KERNEL, ZONE_VARIABLES };
const char *zone_variable(enum zone_variable which);
void zone_set_variable(enum zone_variable which, const char *value);

/*
 * Of a guest that has entered a zone: the directory that it changes to and the
 * program that it executes are the zone's. False when it hasn't entered one.
 */
bool zone_chdir(const char *path, long *answer);
bool zone_execute(const char *path, char *const *arguments, char *const *environment, long *answer);

/*
 * A mount below the root of a zone is the kernel process's, in the zone's own
 * table. False when it is the machine's.
 */
bool zone_mount(const char *special, const char *point, int flags, const char *type, const char *options, int room, long *answer);
bool zone_unmount(const char *point, int flags, long *answer);

/*
 * What the runner is when a guest has become a program in a zone: it passes signals
 * on and ends as the program does. Its argument is ZONE_RELAY and the number of its
 * connection to the kernel process.
 */
#define ZONE_RELAY "--zone-relay"
_Noreturn void zone_relay(const char *fd);

/* A new connection to the kernel process, which is started where none runs; or -errno. */
long zone_connect(void);

#endif
