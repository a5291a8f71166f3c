FUZZES += ./sys/kdoor:FuzzDecodeRequest ./sys/zone:FuzzCommandRequest
FUZZES += ./sys/zone:FuzzCommandRequest
