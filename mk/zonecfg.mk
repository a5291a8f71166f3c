CHECKS += check-zonecfg
# Tests of thousands of calls, made one after the other in each zone.
ZONECFG_RECORDED := ^TestRecordings$$|^TestExportIdentity$$|^TestRecordedRules$$|^TestMatrix$$|^TestMixed$$
FUZZES += ./zonecfg:FuzzParseIndex ./zonecfg:FuzzParseXML ./zonecfg:FuzzJSON

.PHONY: check-zonecfg
check-zonecfg: ## without the race detector, which is too slow: every recorded call of zonecfg, changes killed at every system call
	CGO_ENABLED=0 $(GO) test -vet=off -run '^TestCrash$$' ./zonecfg
	CGO_ENABLED=0 $(GO) test -vet=off -run '$(ZONECFG_RECORDED)' ./cmd/zonecfg-go

.PHONY: bench-zonecfg
bench-zonecfg: ## list and load 8,191 configured zones, and what one costs among 100 and 8,191
	$(GO) test -run '^$$' -bench '^BenchmarkCost$$' -benchtime 1x ./zonecfg
	$(GO) test -run '^$$' -bench 'Entries|Load|SetState' -benchtime 3x ./zonecfg
