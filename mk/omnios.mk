# The tests on a real illumos; see docs/omnios.md. make test only compiles them, and runs the
# life of a zone with Linux as the host.
CHECKS += check-omnios

.PHONY: omnios
omnios: ## every test on OmniOS, in QEMU: IMAGE=FILE is a disk image
	@[ -n "$(IMAGE)" ] || { echo 'omnios: IMAGE=FILE is missing: a disk image of OmniOS, see docs/omnios.md' >&2; exit 2; }
	ci/omnios/run '$(IMAGE)'

.PHONY: check-omnios
check-omnios: $(BIN)/zones-kernel ## cross-compile the tests and the commands for illumos, as for a machine with it
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && ci/omnios/bundle.sh "$$dir"
	ci/with-kernel.sh linux env CGO_ENABLED=0 $(GO) test -vet=off -count=1 -run '^TestLife$$' ./tools/omnios/guest
