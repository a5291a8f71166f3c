// C functions that the system calls on its own threads. These have no goroutine and no
// growing stack, and all signals are blocked (see Masked). Each passes on its arguments
// by calling the functions whose addresses are in its cookie.

#include "go_asm.h"
#include "textflag.h"

// func doorProcedure() uintptr
TEXT ·doorProcedure(SB),NOSPLIT,$0-8
	LEAQ	serveDoor<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// func eventHandler() uintptr
TEXT ·eventHandler(SB),NOSPLIT,$0-8
	LEAQ	handleEvent<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// serveDoor is void (*)(void *cookie, char *data, size_t length, door_desc_t
// *descriptors, uint_t count). It writes its frame's address to the pipe, waits for the
// reply and returns it to the caller. door_return only returns when it failed; then
// the caller gets an empty reply.
TEXT serveDoor<>(SB),NOSPLIT|NOFRAME,$0
	SUBQ	$doorFrame__size, SP
	ANDQ	$~15, SP
	MOVQ	SP, BX
	MOVQ	DI, R12
	MOVL	R8, R8
	MOVQ	SI, doorFrame_data(BX)
	MOVQ	DX, doorFrame_length(BX)
	MOVQ	CX, doorFrame_descriptors(BX)
	MOVQ	R8, doorFrame_count(BX)
	MOVQ	DI, doorFrame_cookie(BX)
	MOVQ	$0, doorFrame_ucred(BX)
	MOVQ	BX, doorFrame_self(BX)
	LEAQ	doorFrame_ucred(BX), DI
	MOVQ	doorCookie_ucred(R12), AX
	CALL	AX
	LEAQ	doorFrame_sem(BX), DI
	XORL	SI, SI
	XORL	DX, DX
	MOVQ	doorCookie_semInit(R12), AX
	CALL	AX
	MOVQ	doorCookie_pipe(R12), DI
	LEAQ	doorFrame_self(BX), SI
	MOVL	$8, DX
	MOVQ	doorCookie_write(R12), AX
	CALL	AX
	CMPQ	AX, $8
	JNE	nothing
wait:
	LEAQ	doorFrame_sem(BX), DI
	MOVQ	doorCookie_semWait(R12), AX
	CALL	AX
	TESTL	AX, AX
	JNE	wait
	LEAQ	doorFrame_reply(BX), DI
	MOVQ	doorFrame_replyLength(BX), SI
	LEAQ	doorFrame_replyDescriptors(BX), DX
	MOVQ	doorFrame_replyCount(BX), CX
	MOVQ	doorCookie_reply(R12), AX
	CALL	AX
nothing:
	XORL	DI, DI
	XORL	SI, SI
	XORL	DX, DX
	XORL	CX, CX
	MOVQ	doorCookie_reply(R12), AX
	CALL	AX
	JMP	nothing

// handleEvent is int (*)(sysevent_t *event, void *cookie). It writes the event to the
// pipe. When that fails it returns EAGAIN, and the system delivers the event again.
TEXT handleEvent<>(SB),NOSPLIT|NOFRAME,$0
	PUSHQ	BX
	PUSHQ	R12
	SUBQ	$8, SP
	MOVQ	DI, BX
	MOVQ	SI, R12
	MOVQ	eventCookie_getSize(R12), AX
	CALL	AX
	MOVQ	AX, 0(SP)
	MOVQ	eventCookie_pipe(R12), DI
	MOVQ	BX, SI
	MOVQ	AX, DX
	MOVQ	eventCookie_write(R12), AX
	CALL	AX
	MOVQ	0(SP), CX
	ADDQ	$8, SP
	POPQ	R12
	POPQ	BX
	CMPQ	AX, CX
	JNE	again
	XORL	AX, AX
	RET
again:
	MOVL	$11, AX // EAGAIN
	RET
