FUZZES += ./internal/zoneadmd:FuzzParseBootArgs
