// Package layers tests the structure of the module. It reads the graph of imports from
// the code and compares it with the drawing in house_test.go: an import points down, a
// job never reaches the embedded kernel, the kernel never reaches a job or the Linux
// host, sys/ imports nothing else of ours, and only the packages on the list are public.
// Each public package has a comment, documents its exported names, and has an example.
// Each command links only the packages that it may.
//
// A new package gets a place in the drawing; then
//
//	go test ./internal/layers -update
//
// copies the drawing into ARCHITECTURE.md.
package layers
