// Package secflags has the security flags of illumos: the flags ([Flag]) and
// sets of them ([Set]), the four sets of a process or a zone ([Sets]) with the
// rules between them, changes as psecflags(1) takes them ([Delta]), and the
// security-flags resource of zonecfg(8) ([Config]).
package secflags
