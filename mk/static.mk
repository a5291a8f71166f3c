CHECKS += check-static
# Analysers are built from mk/tools.mod, so that programs that use the library don't get
# their modules.
TOOL := env -u GOOS -u GOARCH CGO_ENABLED=0 $(GO) tool -modfile=mk/tools.mod

.PHONY: check-static
check-static: ## staticcheck, and errcheck with the exceptions of mk/errcheck.txt, for Linux and illumos
	@staticcheck=$$($(TOOL) -n staticcheck) errcheck=$$($(TOOL) -n errcheck); export CGO_ENABLED=0 GOARCH=amd64; \
	for system in linux illumos; do echo "check-static: $$system"; export GOOS=$$system; \
		"$$staticcheck" ./...; "$$errcheck" -ignoretests -exclude mk/errcheck.txt ./...; done
