CHECKS += check-zlogin
FUZZES += ./internal/zlogin:FuzzScan

.PHONY: check-zlogin
check-zlogin: need-cc ## sessions and the console on a real terminal
	@if command -v tmux >/dev/null || ci/need.sh tmux; then \
		echo "$(GO) test -run TestScripts/zlogin-terminal ./internal/scripts"; \
		$(GO) test -count=1 -run '^TestScripts/zlogin-terminal$$' ./internal/scripts; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'check-zlogin: tmux could not be installed here' >&2; exit 1; \
	else \
		echo 'check-zlogin: skipped: tmux is not here, and installing it takes root on Debian'; \
	fi
