package kstat

import sys "github.com/gozones/zones/sys/kstat"

func open() (sys.Reader, error) { return sys.Open() }
