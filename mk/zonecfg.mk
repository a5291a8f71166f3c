CHECKS += check-zonecfg
FUZZES += ./zonecfg:FuzzParseIndex ./zonecfg:FuzzParseXML ./zonecfg:FuzzJSON

.PHONY: check-zonecfg
check-zonecfg: need-cc ## without the race detector, which is too slow: every recorded call of zonecfg, changes killed at every system call
	$(GO) test -count=1 -run '^TestCrash$$' ./zonecfg
	$(GO) test -count=1 ./cmd/zonecfg-go

.PHONY: bench-zonecfg
bench-zonecfg: ## list and load 8,191 configured zones, and what one costs among 100 and 8,191
	$(GO) test -run '^$$' -bench '^BenchmarkCost$$' -benchtime 1x ./zonecfg
	$(GO) test -run '^$$' -bench 'Entries|Load|SetState' -benchtime 3x ./zonecfg
