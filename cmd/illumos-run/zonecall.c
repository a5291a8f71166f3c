#include "shim.h"
#include "zonecall.h"

int zone_of(int pid)
{
	(void)pid;
	return 0;
}
