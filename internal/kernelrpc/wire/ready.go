package wire

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/gozones/zones/sys/zone"
)

// ready is what a kernel process writes to a pipe of the program that started it, once its
// door is open. If it can't start it writes an error instead, as JSON.
const ready = "ready\n"

// WriteReady writes the outcome of starting: nil for success.
func WriteReady(w io.Writer, failure error) error {
	if failure == nil {
		_, err := io.WriteString(w, ready)
		return err
	}
	return json.NewEncoder(w).Encode(zone.AsError(failure))
}

// ReadReady reads the outcome of starting: [io.ErrUnexpectedEOF] if the process has exited
// without writing any.
func ReadReady(r io.Reader) error {
	text, err := bufio.NewReader(io.LimitReader(r, 64<<10)).ReadString('\n')
	switch {
	case text == ready:
		return nil
	case err == io.EOF && text == "":
		return io.ErrUnexpectedEOF
	case err != nil && err != io.EOF:
		return err
	}
	failure, err := zone.DecodeError([]byte(text))
	if err != nil || failure == nil {
		return fmt.Errorf("it wrote %q", strings.TrimSpace(text))
	}
	return failure
}
