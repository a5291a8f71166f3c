FUZZES += ./internal/zoneadmd:FuzzParseBootArgs ./internal/rootfs/tree:FuzzUnpack
