FUZZES += ./zlogin:FuzzScan
