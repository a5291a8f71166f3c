// Package brand knows what kinds of zones there are: for each the commands that
// install, change and remove such a zone (its hooks), the program that is its init,
// how one logs in, which privileges its zones get and which file systems they need.
// The system's brands are described by files below /usr/lib/brand; the Linux
// brands sparse and tar are part of this package.
package brand
