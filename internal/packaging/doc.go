// Package packaging tests what make package makes: that the tarballs are complete, work
// where they are unpacked, and are the same wherever and whenever they are made.
package packaging
