// Package spare keeps one thing ready that takes its time to make, such as a process,
// so that whoever needs one needn't wait. What is kept is of the kind that was asked
// for last. The next one is made a while after the last was taken, when whoever took
// it is done with the machine.
package spare
