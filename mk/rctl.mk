FUZZES += ./sys/rctl:FuzzBlock ./sys/rctl:FuzzUnpack
