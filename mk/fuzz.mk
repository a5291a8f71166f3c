# FUZZES are package:target pairs; every fragment adds its own.
FUZZTIME ?= 60s
CHECKS += check-fuzz

# $(call fuzz,TIME) runs every target that long, or N times for Nx.
define fuzz
	@for pair in $(FUZZES); do \
		echo "fuzz $$pair"; \
		$(GO) test -run '^$$' -fuzz "^$${pair#*:}$$" -fuzztime $(1) "$${pair%%:*}" || exit 1; \
	done
endef

.PHONY: fuzz
fuzz: need-cc ## every fuzz target, FUZZTIME each
	$(call fuzz,$(FUZZTIME))

.PHONY: check-fuzz
check-fuzz: need-cc ## every fuzz target for a moment
	$(call fuzz,2000x)
