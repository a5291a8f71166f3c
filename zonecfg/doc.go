// Package zonecfg is the configuration of zones as it lies on disk: the index and
// the XML files of /etc/zones, which the system's own tools read and write too.
//
// A [Store] is those files below a root directory: it lists, reads, creates, saves,
// renames and deletes zones. Every change is made under the system's lock and is
// there whole or not at all, whatever happens on the way. A [Zone] is the
// configuration of one zone: its fields may be changed at will, [Zone.Set],
// [Zone.Append] and the like change it as zonecfg(8) does, down to the order in the
// file; [Zone.Verify] says whether it will do, and [Zone.Rctls], [Zone.Privileges] and
// others turn it into what a zone is started with.
//
// The language of zonecfg(8) is package lang, brands are package brand.
package zonecfg
