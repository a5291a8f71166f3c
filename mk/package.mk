# make package makes a tarball of an installation below PREFIX for each of TARGETS, and
# their checksums. The same commit, PREFIX and release of Go give the same bytes: entries
# are sorted, belong to root and have the time of the commit, or SOURCE_DATE_EPOCH.
TARGETS := illumos/amd64 linux/amd64 linux/arm64
PACKAGES := $(BIN)/package
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null))

# Those of this machine that print their completions.
.PHONY: completing
completing:
	@env -u GOOS -u GOARCH CGO_ENABLED=0 $(GO) build -ldflags='$(LDFLAGS)' -o $(BIN)/ $(addprefix ./cmd/,$(USER_COMMANDS))

.PHONY: print-files
print-files:
	@printf '%s\n' $(foreach t,$(TARGETS),$(call files,$(firstword $(subst /, ,$(t)))))

.PHONY: package
package: completing ## reproducible tarballs for TARGETS (illumos/amd64 linux/amd64 linux/arm64) in bin/package
	@rm -rf '$(PACKAGES)' && mkdir -p '$(PACKAGES)'
	@$(foreach t,$(TARGETS),ci/package.sh '$(BIN)' '$(PACKAGES)' $(t) '$(or $(VERSION),devel)' '$(EPOCH)' '$(PREFIX)' "$$($(TOOL) -n go-md2man)" \
		'$(LDFLAGS) -buildid=' $(call files,$(firstword $(subst /, ,$(t)))) &&) cd '$(PACKAGES)' && sha256sum *.tar.gz >SHA256SUMS && ls -l
