package kernelproc

import (
	"os"
	"sync"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/wire"
)

// reporter returns the function that writes the outcome of starting to the file, once,
// and closes it.
func reporter(ready *os.File) func(error) {
	if ready == nil {
		return func(error) {}
	}
	var once sync.Once
	return func(err error) {
		once.Do(func() {
			wire.WriteReady(ready, err) // nobody waits for it any more when that fails
			ready.Close()
		})
	}
}

// keep keeps a file from programs that this process executes.
func keep(file *os.File) {
	if file != nil {
		syscall.CloseOnExec(int(file.Fd()))
	}
}
