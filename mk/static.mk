# Not a part of make test, in which building and running them would take over a minute of
# two processors: the workflow runs it.
# Analysers are built from mk/tools.mod, so that programs that use the library don't get
# their modules.
TOOL := $(GO) tool -modfile=mk/tools.mod

.PHONY: check-static
check-static: need-cc ## staticcheck, and errcheck with the exceptions of mk/errcheck.txt
	$(TOOL) staticcheck ./...
	$(TOOL) errcheck -ignoretests -exclude mk/errcheck.txt ./...
