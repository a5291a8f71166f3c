CHECKS += check-format check-go

.PHONY: need-cc
need-cc:
	@command -v gcc >/dev/null || ci/need.sh gcc libc6-dev

.PHONY: check-format
check-format: ## gofmt and go mod tidy change nothing
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	$(GO) mod tidy -diff
	cd tools/vet && $(GO) mod tidy -diff

# The race detector makes the recordings of the kernel and of zonecfg several times as
# slow, and they make their calls one after the other: check-lockorder and check-zonecfg
# run them, as the tests of the kernel that make every zone there can be. The recordings with
# calls that wait stay here. A program with the race detector ends a second late, unless told.
.PHONY: check-go
check-go: need-cc ## the Go tests, with the race detector
	GORACE=atexit_sleep_ms=10 $(GO) test -race -vet=off -skip '^TestReplay$$/^random$$/^batch|^TestEveryID$$|$(ZONECFG_RECORDED)' \
		$$($(GO) list ./... | grep -v /internal/documents$$)
