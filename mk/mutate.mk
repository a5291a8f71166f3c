# Packages whose tests make mutate tries, and how many mutants of each: see docs/mutation.md.
MUTATE ?= ./kernel ./sys/nvlist ./zonecfg ./internal/zoneadm ./internal/linuxhost
MUTANTS ?= 100
# CHECKS_ONLY=1 changes only conditions, and MUTANTS=0 tries every mutant.
CHECKS_ONLY ?=

# Root's zones of a mutant end with its process namespace, and a mutant that kills its process
# group doesn't end the others.
MUTATE_APART := $(if $(filter 0,$(shell id -u)),unshare -pmf --mount-proc --kill-child setsid -w)

.PHONY: mutate
mutate: need-cc ## change MUTANTS places of each package of MUTATE, and list those that no test notices
	$(GO) run ./tools/mutate -n $(MUTANTS) $(if $(CHECKS_ONLY),-checks) $(if $(SEED),-seed $(SEED)) $(if $(FROM),-from $(FROM)) $(if $(MUTATE_APART),-exec '$(MUTATE_APART)') $(MUTATE)

# The bindings of illumos, by the tests of their illumos build under illumos-run. Each run of
# the tests has a kernel process of its own: a mutant leaves zones behind. Some bindings are
# tested where they are used, by the tests of MUTATE_WITH.
MUTATE_ILLUMOS ?= $(MUTATE_BINDINGS)
MUTATE_BINDINGS := ./sys/zone ./sys/rctl ./sys/priv ./sys/secflags ./sys/uadmin ./sys/mount ./sys/pty ./sys/contract ./sys/sysevent \
	./sys/utmpx ./sys/devfs ./sys/datalink ./sys/door ./sys/zcons ./sys/internal/libc ./kstat ./internal/machine ./internal/posix/syslog
MUTATE_WITH ?= ./internal/machine
MUTATE_ILLUMOS_FILES ?= _illumos\.go$$|^decode\.go$$

.PHONY: mutate-illumos
mutate-illumos: $(RUNNER) $(BIN)/zones-kernel ## the same for the illumos files of MUTATE_ILLUMOS, by tests under illumos-run
	CGO_ENABLED=0 $(GO) build -o $(BIN)/mutate ./tools/mutate
	GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 ZONES_EMBEDDED=plain $(BIN)/mutate -n $(MUTANTS) $(if $(CHECKS_ONLY),-checks) $(if $(SEED),-seed $(SEED)) $(if $(FROM),-from $(FROM)) \
		-with '$(MUTATE_WITH)' -files '$(MUTATE_ILLUMOS_FILES)' -exec '$(strip $(MUTATE_APART) $(CURDIR)/ci/with-kernel.sh sim $(RUNNER))' $(MUTATE_ILLUMOS)
