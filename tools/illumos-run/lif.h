/* What lif.c does for ioctl.c. */
#ifndef LIF_H
#define LIF_H

#include <stdbool.h>

/* lif_ioctl handles a request about network interfaces. It returns false for others. */
bool lif_ioctl(int fd, int request, void *argument, long *answer);

#endif
