# Every system that README says the library builds for. linux/amd64 is vetted by
# check-build and illumos/amd64 too; the others by make check-systems, which compiles the
# standard library for each and so takes too long for make test on two cores. All packages
# are vetted where the commands work, and elsewhere those that programs import.
SYSTEMS := linux/amd64 linux/arm64 linux/386 linux/arm illumos/amd64 solaris/amd64 \
	darwin/arm64 freebsd/amd64 windows/amd64
LIBRARY := . ./kernel/... ./kstat/... ./sys/... ./zonecfg/...

.PHONY: print-systems
print-systems:
	@echo $(SYSTEMS)

.PHONY: check-systems
check-systems: $(patsubst %,vet-%,$(subst /,-,$(filter-out linux/amd64,$(SYSTEMS)))) ## vet for every system in README

.PHONY: vet-%
vet-%:
	GOOS=$(word 1,$(subst -, ,$*)) GOARCH=$(word 2,$(subst -, ,$*)) CGO_ENABLED=0 $(GO) vet \
		$(if $(filter linux-% illumos-% darwin-%,$*),./...,$(LIBRARY))
