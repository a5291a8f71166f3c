package kernelproc

import (
	"os"
	"sync"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/wire"
)

// reporter returns the function that writes the outcome of the start to the file,
// once, and closes it.
func reporter(ready *os.File) func(error) {
	if ready == nil {
		return func(error) {}
	}
	var once sync.Once
	return func(err error) {
		once.Do(func() {
			_ = wire.WriteReady(ready, err) // if it fails the reader has exited
			ready.Close()
		})
	}
}

// keep sets close-on-exec on a file.
func keep(file *os.File) {
	if file != nil {
		syscall.CloseOnExec(int(file.Fd()))
	}
}
