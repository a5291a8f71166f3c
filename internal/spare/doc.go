// Package spare keeps things ready that are slow to make, such as processes, so that
// callers needn't wait for them: one, and more for a while after several were taken at
// once. They are of the kind that was last requested. After one is taken, the next ones are
// made with a delay, so as not to compete with the caller for processors.
package spare
