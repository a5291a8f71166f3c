# The commands are built without cgo: they run on any Linux, and start faster.
COMMANDS := $(patsubst cmd/%/main.go,%,$(wildcard cmd/*/main.go))

.PHONY: commands
commands: ## build the commands into bin/
	CGO_ENABLED=0 $(GO) build -ldflags='$(LDFLAGS)' -o $(BIN)/ $(addprefix ./cmd/,$(COMMANDS))
