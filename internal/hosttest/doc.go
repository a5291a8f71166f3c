// Package hosttest tests the contract of [host.Host], which every host must fulfil.
package hosttest
