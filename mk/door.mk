FUZZES += ./internal/kernelrpc/wire:FuzzDecodeRequest ./internal/kernelrpc/wire:FuzzDecodeReply ./internal/kernelrpc/wire:FuzzDecodeRaw ./sys/zone:FuzzCommandRequest ./sys/zone:FuzzDecodeError
