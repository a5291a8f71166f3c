// Package markup reads XML documents into a tree and writes them as libxml2 does
// with its formatted output, so that a file which one of the system's tools wrote
// comes out of a reading and a writing with the same bytes.
//
// It takes the part of XML that configuration files are made of: elements,
// attributes, comments, processing instructions, and a document type that names a
// DTD. Text between elements must be blank, except in documents that are read for
// their text and never written. A document that declares a DTD of its own in its
// head is refused, and with it every entity beyond the five of XML.
//
// Trees are never changed once they are made: whoever wants another one shares the
// parts that stay.
package markup
