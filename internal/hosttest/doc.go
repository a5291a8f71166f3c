// Package hosttest is the contract of [host.Host] as tests, which every host passes.
package hosttest
