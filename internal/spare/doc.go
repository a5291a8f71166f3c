// Package spare keeps one thing ready that is slow to make, such as a process, so that
// callers needn't wait for it. It is of the kind that was last requested. After it is
// taken, the next one is made with a delay, so as not to compete with the caller for
// processors.
package spare
