CHECKS += check-zonecfg
FUZZES += ./zonecfg:FuzzParseIndex ./zonecfg:FuzzParseXML ./zonecfg:FuzzJSON

.PHONY: check-zonecfg
check-zonecfg: need-cc ## changes killed at every system call: the race detector of check-go is too slow for them
	$(GO) test -count=1 -run '^TestCrash$$' ./zonecfg

.PHONY: bench-zonecfg
bench-zonecfg: ## list and load 8,191 configured zones, and what one costs among 100 and 8,191
	$(GO) test -run '^$$' -bench '^BenchmarkCost$$' -benchtime 1x ./zonecfg
	$(GO) test -run '^$$' -bench 'Entries|Load|SetState' -benchtime 3x ./zonecfg
