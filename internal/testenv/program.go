package testenv

import (
	"io/fs"
	"os"
	"syscall"
)

// WriteProgram is [os.WriteFile] for a program that the test then runs.
//
// While a file is open for writing it can't be executed (ETXTBSY), and a child that another
// test starts in that moment has the descriptor until its own exec. So no child is started
// while the file is open.
func WriteProgram(path string, content []byte, mode fs.FileMode) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(path, content, mode)
}
