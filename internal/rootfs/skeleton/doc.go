// Package skeleton fills the root directories of zones of this project's own brands,
// which have no install hook: sparse, and tar from an archive. It is separate from
// package brand because a zone's daemon needs that one too, but installs nothing.
package skeleton
