# make install puts the commands, man pages, completions and the service below
# $(DESTDIR)$(PREFIX); make uninstall removes exactly these files.
PREFIX ?= /usr/local
DESTDIR ?=
# SYSTEM_NAMES=yes also installs the commands under the names that programs call:
# zoneadm, zonecfg, zlogin in sbin, zonename in bin.
SYSTEM_NAMES ?=

USER_COMMANDS := zoneadm-go zonecfg-go zlogin-go zonename-go
PROGRAMS := $(filter-out $(USER_COMMANDS),$(COMMANDS))
# A page's section is in its title: "# zlogin-go(1)".
MAN_PAGES := $(shell sed -n 's,^\# \(.*\)(\(.\))$$,share/man/man\2/\1.\2,p' docs/man/*.md)
LINKS := sbin/zoneadm sbin/zonecfg sbin/zlogin bin/zonename
INSTALLED = $(patsubst %,bin/%,$(USER_COMMANDS)) $(patsubst %,libexec/zones/%,$(PROGRAMS)) \
	$(MAN_PAGES) \
	$(patsubst %,share/bash-completion/completions/%,$(USER_COMMANDS)) \
	$(patsubst %,share/zsh/site-functions/_%,$(USER_COMMANDS)) \
	$(patsubst %,share/fish/vendor_completions.d/%.fish,$(USER_COMMANDS)) \
	lib/systemd/system/zones-go.service

.PHONY: install
install: commands ## install below $(DESTDIR)$(PREFIX), /usr/local if unset
	@ci/install.sh '$(BIN)' '$(DESTDIR)' '$(PREFIX)' '$(TOOL) go-md2man' $(INSTALLED) $(if $(SYSTEM_NAMES),$(LINKS))

.PHONY: uninstall
uninstall: ## remove what install has installed, with the same DESTDIR and PREFIX
	@cd '$(DESTDIR)$(PREFIX)' && rm -f $(INSTALLED) && \
	for link in $(LINKS); do case $$(readlink "$$link") in ../bin/*-go) rm -f "$$link" ;; esac; done
	@cd '$(DESTDIR)$(PREFIX)' && rmdir -p --ignore-fail-on-non-empty $(sort $(dir $(INSTALLED) $(LINKS))) 2>/dev/null || true
