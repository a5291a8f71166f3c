package contract_test

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/sys/contract"
	"github.com/gozones/zones/sys/errno"
)

func ExampleTerms_Valid() {
	terms := contract.Terms{Critical: contract.EventEmpty, Fatal: contract.EventExit}
	err := terms.Valid()
	fmt.Println(err)
	fmt.Println(errors.Is(err, errno.EINVAL))
	// Output:
	// contract: no fatal event 0x4: Invalid argument
	// true
}
