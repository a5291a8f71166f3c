// Package kdoor is what passes between the programs of a machine and its kernel
// process: where that is found and how it is started, and the messages of the
// calls. A connection carries one call at a time; a program opens as many as it
// has calls under way.
package kdoor
