package priv

// SetWords is the number of 32-bit words in a privilege set.
const SetWords = 3

// SetSize is the size of a privilege set in bytes, as zone_create's privssz counts it.
const SetSize = SetWords * 4

// Set is a privilege set as the kernel keeps it (priv_set_t): privilege number
// p is bit 31-p%32 of word p/32. The zero value is the empty set.
type Set [SetWords]uint32
