// Package nvlist has the name/value lists of libnvpair(3LIB): ordered lists of typed
// pairs, which illumos uses wherever a struct isn't flexible enough. The resource
// controls of a zone are passed to zone_create as one.
//
// A [List] is built pair by pair ([List.AddUint64] and so on) or from Go values
// ([Encode], [Marshal]). It is packed to the same bytes as by libnvpair, in the native or
// the XDR encoding. [Unpack] reads either. Its input may be anything: Unpack never
// panics, allocates no more than a small multiple of the input, and returns the offset
// of an error and its reason.
//
// In memory a list is in its native encoding: adding a pair appends bytes, packing
// copies them, and a nested list that is looked up shares the bytes of its parent. Bytes
// are written once, so that lists that share them don't see each other's changes, and
// goroutines may read a list at the same time as long as none changes it.
package nvlist
