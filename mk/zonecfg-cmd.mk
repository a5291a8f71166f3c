CHECKS += check-zonecfg-terminal
FUZZES += ./zonecfg/lang:FuzzScript

.PHONY: check-zonecfg-terminal
check-zonecfg-terminal: need-cc ## zonecfg-go on a real terminal, in tmux
	@if command -v tmux >/dev/null || ci/need.sh tmux; then \
		echo 'ZONES_TMUX=1 $(GO) test -run TestTmux ./cmd/zonecfg-go'; ZONES_TMUX=1 $(GO) test -count=1 -run TestTmux ./cmd/zonecfg-go; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'check-zonecfg-terminal: tmux could not be installed here' >&2; exit 1; \
	else \
		echo 'check-zonecfg-terminal: skipped: tmux is not here, and installing it takes root on Debian'; \
	fi
