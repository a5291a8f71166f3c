CHECKS += check-lint


.PHONY: check-lint
check-lint: ## the scripts through shellcheck, the workflows through actionlint
	@command -v shellcheck >/dev/null || ci/need.sh shellcheck
	shellcheck ci/*.sh ci/*/*.sh ci/omnios/run .ci/run dist/smf/zones-go
	$(GO) tool -modfile=mk/tools.mod actionlint .github/workflows/*.yml
