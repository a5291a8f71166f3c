.PHONY: bench-boot
bench-boot: commands ## boot and log in compared with runc, as ratios, where the time of a boot goes, ten boots by one command, and a boot next to 300 zones; needs root
	@command -v runc >/dev/null || ci/need.sh runc
	$(GO) run ./internal/benchboot -bin $(BIN)
