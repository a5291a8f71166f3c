// Package locate has the paths on this host: the run directory with its doors, locks
// and consoles, the directory with the configuration of zones, and this project's
// programs.
package locate
