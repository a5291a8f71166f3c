/* What lif.c does for ioctl.c. */
#ifndef LIF_H
#define LIF_H

#include <stdbool.h>

/* lif_ioctl answers a request about network interfaces; false when it is none. */
bool lif_ioctl(int fd, int request, void *argument, long *answer);

#endif
