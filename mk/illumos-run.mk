# illumos-run executes illumos Go programs on Linux; see docs/illumos-run.md.
RUNNER := $(BIN)/illumos-run
RUNNER_SOURCES := $(wildcard cmd/illumos-run/*.c)
RUNNER_BUILD := $(BIN)/illumos-run.build
RUNNER_OBJECTS := $(patsubst cmd/illumos-run/%.c,$(RUNNER_BUILD)/%.o,$(RUNNER_SOURCES))
# A dynamic PIE: Go links illumos programs at 0x400000, and the thread-local
# block of the program must be the runner's own and end at %fs.
RUNNER_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes \
	-fPIE -pthread -fno-strict-aliasing -fno-omit-frame-pointer -I$(RUNNER_BUILD) -Icmd/illumos-run

$(RUNNER_BUILD)/abi.h: testdata/abi/abi.json $(wildcard cmd/illumos-run/gen/*.go)
	@mkdir -p $(@D)
	$(GO) run ./cmd/illumos-run/gen -abi $< -o $@

$(RUNNER_BUILD)/%.o: cmd/illumos-run/%.c $(wildcard cmd/illumos-run/*.h) $(RUNNER_BUILD)/abi.h | need-cc
	gcc $(RUNNER_CFLAGS) -c -o $@ $<

$(RUNNER): $(RUNNER_OBJECTS) | need-cc
	gcc -pie -pthread -o $@ $(RUNNER_OBJECTS)

.PHONY: illumos-run
illumos-run: $(RUNNER) ## the program that runs illumos Go programs on Linux
