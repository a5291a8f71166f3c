// Package sim is a [host.Host] in memory, for tests of code that works with zones. It
// needs no privileges and changes nothing on the machine: its directories, links and
// mounts are only those that a test gives it, and its zones run no programs.
package sim
