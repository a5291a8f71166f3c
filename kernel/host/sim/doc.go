// Package sim is a machine in memory: zones have no processes but those that the
// kernel itself keeps, every directory of a tree that the test gives exists, and
// programs are Go functions. It makes nothing real and needs no privilege, so
// code that works with zones can be tested with it anywhere.
package sim
