// Package documents tests that the documents are true: links resolve, every command line
// does what the page says, and a stranger's first hour goes as README has it.
package documents
