// Package priv has the privileges of illumos: their names and numbers, sets of them with
// the operations of priv_set(3C), and the rules by which a zone's limitpriv property
// becomes the set that zone_create takes. A privilege is the right to do one thing that
// only root may do otherwise (privileges(7)). No process in a zone can have a privilege
// that the zone's set lacks.
//
// Sets can be read, written and combined on every system. [Own], [Change], [GetFlag],
// [SetFlag] and [Kernel] are about this process and the running kernel, and fail with
// ENOTSUP on systems other than illumos.
package priv
