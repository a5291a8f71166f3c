CHECKS += check-systems
# Every system that README says the library builds for. All packages are vetted where the
# commands work, and elsewhere those that programs import.
SYSTEMS := linux/amd64 linux/arm64 linux/386 linux/arm illumos/amd64 solaris/amd64 \
	darwin/arm64 freebsd/amd64 windows/amd64
LIBRARY := .,./kernel/...,./kstat/...,./sys/...,./zonecfg/...

.PHONY: print-systems
print-systems:
	@echo $(SYSTEMS)

# tools/vet is go vet without compiling for each system, which would take minutes. It is a
# module of its own, for the same reason as mk/tools.mod.
.PHONY: check-systems
check-systems: ## the analysers of go vet, for every system in README
	cd tools/vet && CGO_ENABLED=0 $(GO) build -o $(BIN)/vet .
	$(BIN)/vet $(foreach s,$(SYSTEMS),$(s)$(if $(filter linux/% illumos/% darwin/%,$(s)),,=$(LIBRARY)))
