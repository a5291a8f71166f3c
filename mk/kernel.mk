CHECKS += check-lockorder
FUZZES += ./kernel:FuzzSyscall

.PHONY: check-lockorder
check-lockorder: ## the kernel's tests in a build that checks the lock order
	CGO_ENABLED=0 $(GO) test -vet=off -tags lockorder ./kernel

.PHONY: bench-kernel
bench-kernel: ## getattr, lookup, a zone's life, and how they grow with the number of zones
	$(GO) test -run '^$$' -bench . -benchtime 16382x ./kernel
