// Package devfs mounts the file system dev, the /dev of a zone on illumos, and says what it
// has: a zone sees those of the host's devices that its profile names (libdevinfo's di_prof
// functions).
//
// On systems other than illumos the calls fail with ENOTSUP.
package devfs
