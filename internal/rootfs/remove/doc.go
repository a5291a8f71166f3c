// Package remove removes directory trees that somebody else has filled, such as the root
// directory of a zone. It goes by descriptors and follows no symbolic link, so nothing
// outside the tree is removed whatever is renamed meanwhile; it stops at mount points; and
// it holds few descriptors, however deep the tree is.
package remove
