// Mutate changes one place of a package at a time and runs the package's tests: a change
// that no test notices, a survivor, shows what is not asserted.
//
//	mutate [-n 100] [-checks] [-seed 1] [-jobs 2] [-files REGEXP] [-short] [-from FILE] [-with PACKAGES] PACKAGE...
//
// The tree is not touched: go test takes each changed file by its -overlay. The tests run
// with -short and stop at the first failure; what those don't notice is tried by the others
// too, unless -short is given. GOOS and CGO_ENABLED are those of the environment, with -exec
// to run another system's tests; -files limits the changes to some files, -checks to what the
// code asks, and -with adds the tests of packages that use the changed one. -n 0 tries every
// mutant. With -from only the survivors of an earlier run are tried again. docs/mutation.md
// says what to do with the survivors.
package main
