// Package rctl has the resource controls of illumos: what a control is
// ([Control]), what can be set on it ([Value]), the controls of a zone as its
// configuration has them and as zone_create takes them ([Set]), and the ways to
// reach the controls of a kernel ([System] for a zone's, [Calls] for the
// caller's own with getrctl(2) and setrctl(2)).
package rctl
