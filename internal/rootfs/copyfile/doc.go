// Package copyfile copies what is in a file and what the system keeps beside it: data
// without filling its holes, by sharing blocks where the file system can, and extended
// attributes such as file capabilities and access control lists.
package copyfile
