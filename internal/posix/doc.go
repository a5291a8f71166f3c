// Package posix has the Unix calls that this project makes and whose names or types differ
// by system, and what stands for each of them on Windows: an equivalent where there is
// one, otherwise an error that wraps [errors.ErrUnsupported] and names the call.
package posix
