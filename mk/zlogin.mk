CHECKS += check-zlogin
FUZZES += ./zlogin:FuzzScan

.PHONY: check-zlogin
check-zlogin: need-cc ## sessions and the console on a real terminal
	@command -v tmux >/dev/null || ci/need.sh tmux
	$(GO) test -count=1 -run '^TestScripts/zlogin-terminal$$' ./internal/scripts
