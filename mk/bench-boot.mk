.PHONY: bench-boot
bench-boot: commands ## boot and log in beside runc, in one run, as ratios; needs root
	@command -v runc >/dev/null || ci/need.sh runc
	$(GO) run ./internal/benchboot -bin $(BIN)
