CHECKS += check-illumos-zones

# The bindings of illumos, run on Linux: their system calls are made by the illumos
# build of the tests and answered by a kernel process in memory.
ILLUMOS_ZONES := ./sys/zone ./sys/rctl ./sys/priv ./sys/secflags ./sys/uadmin ./sys/nvlist ./sys/errno ./sys/mount \
	./sys/pty ./sys/contract ./sys/sysevent ./internal/machine ./sys/internal/... ./kstat/... ./internal/posix/syslog ./sys/utmpx ./sys/zcons ./sys/devfs

.PHONY: check-illumos-zones
check-illumos-zones: $(RUNNER) $(BIN)/zones-kernel ## the illumos build's calls of zones, controls, privileges against the embedded kernel
	ci/with-kernel.sh sim env ZONES_EMBEDDED=plain GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 \
		$(GO) test -count=1 -exec $(RUNNER) $(ILLUMOS_ZONES)
	ci/with-kernel.sh 'sim --labels' env ZONES_EMBEDDED=labels GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 \
		$(GO) test -count=1 -exec $(RUNNER) ./sys/zone

.PHONY: $(BIN)/zones-kernel
$(BIN)/zones-kernel:
	CGO_ENABLED=0 $(GO) build -ldflags='$(LDFLAGS)' -o $@ ./cmd/zones-kernel
