FUZZES += ./zonecfg:FuzzParseIndex ./zonecfg:FuzzParseXML
