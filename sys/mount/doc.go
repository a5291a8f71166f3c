// Package mount is illumos' mount(2) and umount2(2), with the option string that
// the system reads and corrects, and the table of what is mounted. On other
// systems the calls fail with ENOTSUP.
package mount
