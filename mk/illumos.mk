FUZZES += ./sys/sysevent:FuzzEvent ./sys/contract:FuzzDetails ./sys/utmpx:FuzzEntry ./sys/mount:FuzzParse ./sys/priv:FuzzTable ./sys/kstat:FuzzDecode
