// Package skeleton fills the root directories of zones of this project's own brands,
// which have no install hook: sparse, and tar from an archive. It stands apart from
// package brand, which a zone's daemon needs too: that installs nothing.
package skeleton
