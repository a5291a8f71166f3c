package sysevent

import "fmt"

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sysevent: %s: %w", op, err)
}
