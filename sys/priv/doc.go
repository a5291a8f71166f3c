// Package priv has the privileges of illumos: their names and numbers, sets of
// them with the operations of priv_set(3C), and the rules by which a zone's
// limitpriv property becomes the set that zone_create takes. A privilege is the
// right to do one thing that otherwise only root may; a zone's set bounds what any
// process in it can ever have.
package priv
