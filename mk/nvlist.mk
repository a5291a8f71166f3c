CHECKS += check-nvlist
FUZZES += ./sys/nvlist:FuzzUnpack ./sys/priv:FuzzParse

.PHONY: check-nvlist
check-nvlist: need-cc ## nvlists byte for byte against the real libnvpair
	@if [ -e /usr/include/libzfs/libnvpair.h ] || ci/need.sh libnvpair3linux libzfslinux-dev; then \
		echo 'ZONES_NVPAIR=1 $(GO) test ./sys/nvlist'; ZONES_NVPAIR=1 $(GO) test -count=1 ./sys/nvlist; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'check-nvlist: libnvpair could not be installed here' >&2; exit 1; \
	else \
		echo 'check-nvlist: skipped: libnvpair is not here, and installing it takes root on Debian'; \
	fi

.PHONY: bench-nvlist
bench-nvlist: need-cc ## nvlists compared with the real libnvpair, in one run, as ratios
	@[ -e /usr/include/libzfs/libnvpair.h ] || ci/need.sh libnvpair3linux libzfslinux-dev
	GOMAXPROCS=1 ZONES_BENCH=1 $(GO) test -count=1 -v -run '^TestBesideLibnvpair$$' ./sys/nvlist
	GOMAXPROCS=1 $(GO) test -count=1 -run '^$$' -bench Controls ./sys/nvlist
