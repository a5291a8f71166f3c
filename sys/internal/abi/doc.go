// Package abi declares the structures and numbers of illumos kernel interfaces
// that packages below sys/ pass to the system, for amd64, one file per header.
// Names are those of C, fields are in C's order. There is no behaviour here, and
// nothing depends on the operating system: the declarations are held against
// testdata/abi/abi.json wherever tests run, and against a tree of the system's own
// headers by package headers.
//
// What people use stands in the packages for it, with names of its own.
package abi
