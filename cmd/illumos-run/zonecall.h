/* What zonecall.c does for other parts. */
#ifndef ZONECALL_H
#define ZONECALL_H

/* The zone that a process is in: as this one's when it is itself, else the global one. */
int zone_of(int pid);

#endif
