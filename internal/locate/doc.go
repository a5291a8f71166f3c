// Package locate says where this machine keeps what zones need: the run directory
// with its doors, locks and consoles, the directory below which zones are
// configured, and the programs of this project that start one another.
package locate
