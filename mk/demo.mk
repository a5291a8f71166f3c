.PHONY: demo
demo: commands ## watch a zone live and die
	ci/demo.sh $(BIN)
