// Package tree fills a zone's root directory from an archive: a tar file, plain or
// compressed with gzip or zstd, or the layers of an OCI image layout. Every entry is
// made below the root, whatever names and links the archive contains.
package tree
