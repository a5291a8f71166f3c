# illumos-run executes illumos Go programs on Linux; see docs/illumos-run.md.
RUNNER := $(BIN)/illumos-run
RUNNER_SOURCES := $(wildcard tools/illumos-run/*.c)
RUNNER_BUILD := $(BIN)/illumos-run.build
RUNNER_OBJECTS := $(patsubst tools/illumos-run/%.c,$(RUNNER_BUILD)/%.o,$(RUNNER_SOURCES))
# A dynamic PIE: Go links illumos programs at 0x400000, and the thread-local
# block of the program must be the runner's own and end at %fs.
RUNNER_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes \
	-fPIE -pthread -fno-strict-aliasing -fno-omit-frame-pointer -I$(RUNNER_BUILD) -Itools/illumos-run

$(RUNNER_BUILD)/abi.h: testdata/abi/abi.json $(wildcard tools/illumos-run/gen/*.go)
	@mkdir -p $(@D)
	$(GO) run ./tools/illumos-run/gen -abi $< -o $@

$(RUNNER_BUILD)/kernel_numbers.h: $(wildcard tools/illumos-run/gen/*.go sys/zone/*.go internal/kernelrpc/wire/*.go)
	@mkdir -p $(@D)
	$(GO) run ./tools/illumos-run/gen -kernel -o $@

$(RUNNER_BUILD)/%.o: tools/illumos-run/%.c $(wildcard tools/illumos-run/*.h) $(RUNNER_BUILD)/abi.h $(RUNNER_BUILD)/kernel_numbers.h | need-cc
	@echo 'gcc $<'; gcc $(RUNNER_CFLAGS) -c -o $@ $<

$(RUNNER): $(RUNNER_OBJECTS) | need-cc
	@echo 'gcc -o $@'; gcc -pie -pthread -o $@ $(RUNNER_OBJECTS)

.PHONY: illumos-run
illumos-run: $(RUNNER) ## the program that runs illumos Go programs on Linux

# Tests of the illumos build, executed here. Of the standard library, what leans
# most on the system; of this project, everything that has a part for illumos.
CHECKS += check-illumos-run
ILLUMOS_GO := GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 $(GO)
# The tests of os look for /etc/hosts, which a bare root file system lacks.
RUNNER_SKIP := $(if $(wildcard /etc/hosts),,-skip '^TestFile(ReadDir|Readdir|Readdirnames)$$/^sysdir$$')
RUNNER_STD := strings bytes os time sync bufio encoding/json net/netip os/exec
RUNNER_PACKAGES := ./tools/illumos-run/... ./cmd/zones-zfs ./sys/datalink ./sys/door ./internal/kernelrpc/... ./zonecfg/... ./internal/zoneadm/... ./internal/zoneadmd ./internal/zlogin

check-go: $(RUNNER)

.PHONY: check-illumos-run
check-illumos-run: $(RUNNER) $(BIN)/zones-kernel ## the illumos build's tests, run on Linux
	$(ILLUMOS_GO) test -vet=off -count=1 -short $(RUNNER_SKIP) -exec $(RUNNER) $(RUNNER_STD)
	ci/with-kernel.sh sim env ZONES_EMBEDDED=plain $(ILLUMOS_GO) test -vet=off -count=1 -short -exec $(RUNNER) $(RUNNER_PACKAGES)

.PHONY: bench-illumos-run
bench-illumos-run: $(RUNNER) $(BIN)/zones-kernel ## an illumos program compared with its Linux build, as ratios
	$(GO) test -count=1 -run '^$$' -bench BesideLinux -benchtime 5x ./tools/illumos-run/check
