CHECKS += check-zonecfg
FUZZES += ./zonecfg:FuzzParseIndex ./zonecfg:FuzzParseXML ./zonecfg:FuzzJSON

.PHONY: check-zonecfg
check-zonecfg: need-cc ## changes killed at every system call, zone files byte for byte against libxml2
	$(GO) test -count=1 -run TestCrash ./zonecfg
	@if { command -v xml2-config >/dev/null && [ -e /usr/include/libxml2/libxml/tree.h ]; } || ci/need.sh libxml2-dev; then \
		echo 'ZONES_LIBXML2=1 $(GO) test -run TestBesideLibxml2 ./zonecfg'; ZONES_LIBXML2=1 $(GO) test -count=1 -run TestBesideLibxml2 ./zonecfg; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'check-zonecfg: libxml2 could not be installed here' >&2; exit 1; \
	else \
		echo 'check-zonecfg: skipped: libxml2 is not here, and installing it takes root on Debian'; \
	fi

.PHONY: bench-zonecfg
bench-zonecfg: ## list and load 8,191 configured zones, and what one costs among 100 and 8,191
	ZONES_BENCH=1 $(GO) test -count=1 -v -run '^TestCost$$' ./zonecfg
	$(GO) test -run '^$$' -bench 'Entries|Load|SetState' -benchtime 3x ./zonecfg
