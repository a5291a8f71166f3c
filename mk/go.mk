CHECKS += check-build check-go

.PHONY: need-cc
need-cc:
	@command -v gcc >/dev/null || ci/need.sh gcc libc6-dev

.PHONY: check-build
check-build: need-cc ## build and vet for Linux and illumos; check-systems does for the others
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 $(GO) build ./...
	GOOS=illumos GOARCH=amd64 CGO_ENABLED=0 $(GO) vet ./...

.PHONY: check-go
check-go: need-cc ## the Go tests, with the race detector
	$(GO) test -race -vet=off ./...
