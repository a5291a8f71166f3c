CHECKS += check-lint check-omnios


.PHONY: check-lint
check-lint: ## the scripts through shellcheck, the workflows through actionlint
	@command -v shellcheck >/dev/null || ci/need.sh shellcheck
	shellcheck ci/*.sh ci/*/*.sh ci/omnios/run .ci/run
	$(GO) tool -modfile=mk/tools.mod actionlint .github/workflows/*.yml

.PHONY: check-omnios
check-omnios: ## cross-compile the tests and the commands for illumos, as for a machine with it
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && ci/omnios/bundle.sh "$$dir"
