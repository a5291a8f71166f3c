FUZZES += ./sys/kdoor:FuzzDecodeRequest
