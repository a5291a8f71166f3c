.PHONY: demo
demo: commands ## show the life of a zone, step by step
	ci/demo.sh $(BIN)
