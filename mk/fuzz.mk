# FUZZES are package:target pairs; every fragment adds its own.
FUZZTIME ?= 60s

.PHONY: fuzz
fuzz: need-cc ## every fuzz target, FUZZTIME each
	@for pair in $(FUZZES); do \
		echo "fuzz $$pair"; \
		$(GO) test -run '^$$' -fuzz "^$${pair#*:}$$" -fuzztime $(FUZZTIME) "$${pair%%:*}" || exit 1; \
	done
