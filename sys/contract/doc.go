// Package contract is illumos' process contracts (contract(5), process(5)): a
// bond between a process and a group of processes that it started, by which the
// system tells it what becomes of them, and without which nothing enters a zone.
//
// [Terms] say what the contract of the next child is to be. They hold for one
// thread: [Terms.Activate] keeps the goroutine on its thread until the terms are
// cleared. The contract of a child is then [Latest].
//
//	active, err := contract.Terms{Fatal: contract.EventHardware}.Activate()
//	if err != nil {
//		return err
//	}
//	process, err := os.StartProcess(name, argv, attr)
//	id, _ := contract.Latest()
//	active.Clear()
//
// Everything goes through the files of the contract file system below
// /system/contract. On other systems each call fails with ENOTSUP.
package contract
