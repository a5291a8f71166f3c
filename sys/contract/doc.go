// Package contract creates, watches and abandons illumos process contracts
// (contract(5), process(5)). A process contract ties a group of processes to the process
// that started them: its holder gets events of the members, and may have them killed
// together. A process that enters a zone must be the only member of its contract.
//
// [Terms] describe the contract of the next child. They apply to one thread:
// [Terms.Activate] locks the goroutine to its thread until the terms are cleared.
// [Latest] then returns the contract of the child.
//
//	active, err := contract.Terms{Fatal: contract.EventHardware}.Activate()
//	if err != nil {
//		return err
//	}
//	process, err := os.StartProcess(name, argv, attr)
//	id, _ := contract.Latest()
//	active.Clear()
//
// The calls use the files below /system/contract, as libcontract does. On systems other
// than illumos they fail with ENOTSUP.
package contract
