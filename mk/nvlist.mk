FUZZES += ./sys/nvlist:FuzzUnpack ./sys/priv:FuzzParse

.PHONY: bench-nvlist
bench-nvlist: need-cc ## nvlists compared with the real libnvpair, in one run, as ratios
	GOMAXPROCS=1 ZONES_CI=1 $(GO) test -run '^$$' -bench '^BenchmarkBesideLibnvpair$$' -benchtime 1x ./sys/nvlist
	GOMAXPROCS=1 $(GO) test -count=1 -run '^$$' -bench Controls ./sys/nvlist
