// Package zonecfg is the configuration of zones as it lies on disk: the index and
// the XML files of /etc/zones, which the system's own tools read and write too.
//
// A [Store] is those files below a root directory; a [Zone] is one zone's
// configuration. Every change of the index is made under the system's lock and is
// there whole or not at all.
package zonecfg
