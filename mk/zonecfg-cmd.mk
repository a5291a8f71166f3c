FUZZES += ./zonecfg/lang:FuzzScript
