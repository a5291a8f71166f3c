FUZZES += ./internal/zoneadmd:FuzzParseBootArgs ./internal/rootfs/tree:FuzzUnpack ./internal/rootfs/tree:FuzzEntries
