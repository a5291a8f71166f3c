// Package priv has the privileges of illumos: their names and numbers, sets of
// them with the operations of priv_set(3C), and the rules by which a zone's
// limitpriv property becomes the set that zone_create takes.
package priv
