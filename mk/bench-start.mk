.PHONY: bench-start
bench-start: commands ## how long each command takes to start, in starts of an empty Go program
	$(GO) run ./internal/benchstart -bin $(BIN)
