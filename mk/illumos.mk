FUZZES += ./sys/sysevent:FuzzEvent ./sys/contract:FuzzDetails ./sys/utmpx:FuzzEntry ./sys/mount:FuzzParse ./sys/priv:FuzzTable ./kstat:FuzzDecode

# The header tree is not part of this project, and make test does without it: point
# SYSROOT at one. docs/abi.md says where to get it.
.PHONY: cgo-check
cgo-check: ## the cgo build for illumos, compiled, vetted and compared with SYSROOT's headers
	@[ -e "$(SYSROOT)/usr/include/sys/zone.h" ] || { echo "cgo-check: SYSROOT=$(SYSROOT) has no usr/include/sys/zone.h: give a tree of illumos headers, see docs/abi.md" >&2; exit 2; }
	@command -v clang >/dev/null && command -v ld.lld >/dev/null || ci/need.sh clang lld
	CGO_ENABLED=0 $(GO) run ./sys/internal/headers/check -sysroot '$(abspath $(SYSROOT))'
	@$(cgo-illumos) $(GO) vet ./... && echo 'cgo-check: go vet: every package'
	@$(cgo-illumos) $(GO) build $$(GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 $(GO) list -f '{{if ne .Name "main"}}{{.ImportPath}}{{end}}' ./...) && echo 'cgo-check: go build: every package but the commands, whose libraries are not in a tree of headers'

cgo-illumos = SYSROOT='$(abspath $(SYSROOT))' CC='$(CURDIR)/ci/illumos-cc' CGO_CFLAGS='-O2 -g -Wall -Wno-unused-function' CGO_ENABLED=1 GOOS=illumos GOARCH=amd64
