FUZZES += ./sys/secflags:FuzzParse ./sys/secflags:FuzzBinary
