// Package layers is a test: it draws the graph of the module's imports from the code
// and holds it against the house, the drawing in house_test.go. An import points down,
// a job never reaches the embedded kernel, the kernel never reaches a job or the Linux
// host, sys/ stands alone, and a package is public only when it's meant to be. Another
// test holds what each command links against what it may.
//
// A new package gets its place in the drawing; then
//
//	go test ./internal/layers -update
//
// copies the drawing into docs/architecture.md.
package layers
