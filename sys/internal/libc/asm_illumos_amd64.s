// The runtime's entry into libc, reached as golang.org/x/sys/unix does.

#include "textflag.h"

TEXT ·sysvicall6(SB),NOSPLIT,$0-88
	JMP	syscall·sysvicall6(SB)

// func eight() uintptr
TEXT ·eight(SB),NOSPLIT,$0-8
	LEAQ	callEight<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// callEight is a C function of one argument, the address of nine words: a function
// and its eight arguments. It runs on a system stack, which is aligned to 16 bytes
// before the call; the last two arguments go on the stack.
TEXT callEight<>(SB),NOSPLIT|NOFRAME,$0
	PUSHQ	BP
	MOVQ	SP, BP
	SUBQ	$16, SP
	MOVQ	DI, R10
	MOVQ	56(R10), AX
	MOVQ	AX, 0(SP)
	MOVQ	64(R10), AX
	MOVQ	AX, 8(SP)
	MOVQ	0(R10), R11
	MOVQ	8(R10), DI
	MOVQ	16(R10), SI
	MOVQ	24(R10), DX
	MOVQ	32(R10), CX
	MOVQ	40(R10), R8
	MOVQ	48(R10), R9
	XORL	AX, AX // mount(2) is variadic: no vector registers
	CALL	R11
	MOVQ	BP, SP
	POPQ	BP
	RET
