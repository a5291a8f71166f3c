// Package contract creates, watches and abandons illumos process contracts
// (contract(5), process(5)). A process contract ties a group of processes to the process
// that started them: its holder gets events of the members, and may have them killed
// together. A process that enters a zone must be the only member of its contract.
//
// [Terms] describe the contract of the next child, which [Terms.Start] starts:
//
//	id, err := contract.Terms{Fatal: contract.EventHardware}.Start(func() (err error) {
//		process, err = os.StartProcess(name, argv, attr)
//		return err
//	})
//
// Templates and [Latest] are of one thread (LWP), contracts are held by the whole process:
// [Terms.Activate] locks the goroutine to its thread until the terms are cleared.
//
// The calls use the files below /system/contract, as libcontract does. On systems other
// than illumos they fail with ENOTSUP.
package contract
