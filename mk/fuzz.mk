# FUZZES are package:target pairs; every fragment adds its own. make test runs the seeds of
# each target, as every go test does; new inputs are tried by make fuzz, since the library
# must be compiled once more for them.
FUZZTIME ?= 60s

.PHONY: fuzz
fuzz: need-cc ## every fuzz target, FUZZTIME each
	ci/fuzz.sh $(FUZZTIME) $(FUZZES)
