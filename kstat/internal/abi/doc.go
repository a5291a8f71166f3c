// Package abi has the layouts and constants of <sys/kstat.h>, named as there. It is
// facts only; package kstat gives them behaviour.
package abi
