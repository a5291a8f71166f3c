// Package mount mounts and unmounts file systems on illumos (mount(2), umount2(2)), and
// reads the table of mounted file systems (mnttab(5)).
//
// On systems other than illumos [Mount] and [Unmount] fail with ENOTSUP. [Table] works on
// Linux too, and [Parse] everywhere.
package mount
