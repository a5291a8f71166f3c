# make test runs every check of the project. The parts live in mk/*.mk, one file
# per subject; each adds its checks to CHECKS.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
GO ?= go
ifeq ($(shell command -v $(GO)),)
$(error no $(GO) in PATH: install Go 1.25 or later, for example from https://go.dev/dl)
endif
export GOFLAGS := -buildvcs=false -trimpath
export CGO_ENABLED ?= 1
BIN := $(CURDIR)/bin
# What the commands print for --version. A tree without Git's history has none, unless the
# command line of make gives it: a variable of that name in the environment is another's.
ifneq ($(origin VERSION),command line)
VERSION := $(shell git describe --tags --always --abbrev=12 --dirty 2>/dev/null)
endif
LDFLAGS = -s$(if $(VERSION), -X github.com/gozones/zones/internal/version.given=$(VERSION))
CHECKS :=
FUZZES :=
include $(wildcard mk/*.mk)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 24 | sort

# Checks wait a lot: for zones, terminals, time. So as many as there are processors run
# side by side, and each prints its output when it ends.
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

# A test that could run here and is skipped fails: see internal/testenv.
test: export ZONES_CI := 1
.PHONY: test
test: ## every check of the project
	@$(MAKE) --no-print-directory --output-sync=target -j$(JOBS) $(CHECKS)
	@echo 'make test: all checks passed:$(foreach c,$(CHECKS), $(c))'
