FUZZES += ./zoneadmd:FuzzParseBootArgs
