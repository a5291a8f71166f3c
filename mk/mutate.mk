# Packages whose tests make mutate tries, and how many mutants of each: see docs/mutation.md.
MUTATE ?= ./kernel ./sys/nvlist ./zonecfg ./internal/zoneadm ./internal/linuxhost
MUTANTS ?= 100

# Root's zones of a mutant end with its process namespace, and a mutant that kills its process
# group doesn't end the others.
.PHONY: mutate
mutate: need-cc ## change MUTANTS places of each package of MUTATE, and list those that no test notices
	$(GO) run ./tools/mutate -n $(MUTANTS) $(if $(SEED),-seed $(SEED)) $(if $(FROM),-from $(FROM)) $(if $(filter 0,$(shell id -u)),-exec 'unshare -pmf --mount-proc --kill-child setsid -w') $(MUTATE)
