// Package secflags has the security flags of illumos, which harden processes against
// exploits (security-flags(7)): a [Flag], a [Set] of flags, the four [Sets] of a process
// or a zone with the rules between them, a change of a set as psecflags(1) takes it
// ([Delta]), and the security-flags resource of zonecfg(8) ([Config]).
//
// All but [Change] works on every system.
package secflags
