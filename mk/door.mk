FUZZES += ./sys/kdoor:FuzzDecodeRequest ./sys/kdoor:FuzzDecodeRaw ./sys/zone:FuzzCommandRequest
