// The runtime's way into libc, as golang.org/x/sys/unix reaches it.

#include "textflag.h"

TEXT ·sysvicall6(SB),NOSPLIT,$0-88
	JMP	syscall·sysvicall6(SB)
