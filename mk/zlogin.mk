FUZZES += ./internal/zlogin:FuzzScan
