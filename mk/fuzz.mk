# FUZZES are package:target pairs; every fragment adds its own.
FUZZTIME ?= 60s
CHECKS += check-fuzz

.PHONY: fuzz
fuzz: need-cc ## every fuzz target, FUZZTIME each
	ci/fuzz.sh $(FUZZTIME) $(FUZZES)

.PHONY: check-fuzz
check-fuzz: need-cc ## every fuzz target for a moment
	ci/fuzz.sh 1000x $(FUZZES)
