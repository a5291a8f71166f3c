FUZZES += ./zonecfg:FuzzParseIndex
