// Package tree fills a zone's root directory from an archive: a tar file, plain or
// compressed, or the layers of an OCI image layout.
//
// The result is what the maker of the archive meant, or an error that names the entry.
// Names and links are resolved as a process inside the root directory would resolve them,
// so no entry leads out of it. The archive is read to its end, and everything that it says
// about its own integrity is checked.
package tree
