// Package nvlist has the name/value lists of libnvpair(3LIB): ordered lists of
// typed pairs, in which illumos passes anything that is richer than a struct.
// Zone resource controls go to the kernel as one.
//
// A [List] is built pair by pair ([List.AddUint64] and its family) or from Go
// values ([Encode], [Marshal]), and is packed into the bytes that libnvpair
// would produce for the same list, in its native or its XDR encoding.
// [Unpack] takes either encoding from anybody: it never panics, allocates no
// more than a small multiple of its input, and says in its error at which
// offset the input is wrong and why.
//
// A list is kept in its native encoding all the time: adding appends bytes,
// packing copies them, and a nested list that is looked up is a window on the
// bytes of its parent. Those bytes are never written twice, so lists and
// windows never see each other's changes, and any number of goroutines may
// read a list that none is changing.
package nvlist
