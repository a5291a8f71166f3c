package abi

import "unsafe"

// Requests to terminals and to the modules of a stream (<sys/termios.h>,
// <sys/stropts.h>), and to pseudo-terminals (<sys/ptms.h>).
const (
	TCGETS     = 0x540d
	TCSETS     = 0x540e
	TCSETSW    = 0x540f
	TCSETSF    = 0x5410
	TIOCGWINSZ = 0x5468
	TIOCSWINSZ = 0x5467
	TIOCGPGRP  = 0x7414
	TIOCSPGRP  = 0x7415
	TIOCGSID   = 0x7416
	TIOCSCTTY  = 0x7484
	TIOCNOTTY  = 0x7471

	I_PUSH = 0x5302
	I_POP  = 0x5303
	I_LOOK = 0x5304
	I_STR  = 0x5308
	I_FIND = 0x530b

	I_ANCHOR = 0x5318

	FMNAMESZ = 8

	ISPTM   = 0x5001
	UNLKPT  = 0x5002
	ZONEPT  = 0x5004
	OWNERPT = 0x5005
)

// Flags and characters of a terminal that this project changes (<sys/termios.h>).
const (
	BRKINT = 0x2
	ICRNL  = 0x100
	IGNBRK = 0x1
	IGNCR  = 0x80
	INLCR  = 0x40
	INPCK  = 0x10
	ISTRIP = 0x20
	IUCLC  = 0x200
	IXON   = 0x400
	PARMRK = 0x8
	OPOST  = 0x1
	ECHO   = 0x8
	ECHONL = 0x40
	ICANON = 0x2
	IEXTEN = 0x8000
	ISIG   = 0x1
	CSIZE  = 0x30
	PARENB = 0x100
	CS8    = 0x30

	VMIN  = 4
	VTIME = 5
	NCCS  = 19
)

// Termios is struct termios.
type Termios struct {
	Iflag uint32      // c_iflag
	Oflag uint32      // c_oflag
	Cflag uint32      // c_cflag
	Lflag uint32      // c_lflag
	Cc    [NCCS]uint8 // c_cc
	_     uint8
}

// Winsize is struct winsize.
type Winsize struct {
	Row    uint16 // ws_row
	Col    uint16 // ws_col
	XPixel uint16 // ws_xpixel
	YPixel uint16 // ws_ypixel
}

// Strioctl is struct strioctl, the argument of I_STR.
type Strioctl struct {
	Cmd     int32          // ic_cmd
	Timeout int32          // ic_timout: seconds
	Len     int32          // ic_len
	_       int32          // padding
	Data    unsafe.Pointer // ic_dp
}

const (
	_ = -((unsafe.Sizeof(Termios{}) ^ 36) * lp64)  // sizeof (struct termios)
	_ = -((unsafe.Sizeof(Winsize{}) ^ 8) * lp64)   // sizeof (struct winsize)
	_ = -((unsafe.Sizeof(Strioctl{}) ^ 24) * lp64) // sizeof (struct strioctl)
)
