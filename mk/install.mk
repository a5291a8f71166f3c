# make install puts the commands, man pages, documents, completions and the service below
# $(DESTDIR)$(PREFIX); make uninstall removes exactly these files. make package, in
# package.mk, has the same list for other systems.
PREFIX ?= /usr/local
DESTDIR ?=
# SYSTEM_NAMES=yes also installs the commands under the names that programs call:
# zoneadm, zonecfg, zlogin in sbin, zonename in bin.
SYSTEM_NAMES ?=

USER_COMMANDS := zoneadm-go zonecfg-go zlogin-go zonename-go
PROGRAMS := $(filter-out $(USER_COMMANDS),$(COMMANDS))
# A page's section is in its title: "# zlogin-go(1)".
MAN_PAGES := $(shell sed -n 's,^\# \(.*\)(\(.\))$$,share/man/man\2/\1.\2,p' docs/man/*.md)
# What man pages refer to, and what that refers to.
DOCS := configuration.md install.md kernel.md linux-host.md parity-zlogin.md parity-zoneadmd.md zlogin.md \
	zone.schema.json zoneadm.md zoneadm-verbs.md zoneadmd.md zonecfg.md CHANGELOG.md LICENSE
LINKS := sbin/zoneadm sbin/zonecfg sbin/zlogin bin/zonename

# illumos has a kernel of its own, and no use for the brands that are installed from archives.
LEFT_OUT_illumos := zones-kernel zones-unpack
SERVICE_illumos := lib/svc/manifest/zones-go.xml lib/svc/method/zones-go
# A user's own installation has a unit for that user's systemd, and others have one for each
# user beside the system's.
OF_USER = $(if $(filter-out 0,$(shell id -u)),$(filter $(HOME)/%,$(PREFIX)/))
SERVICE_linux = $(if $(OF_USER),share/systemd/user/zones-go.service,lib/systemd/system/zones-go.service lib/systemd/user/zones-go.service)

# The files of an installation on an operating system, below PREFIX.
files = $(patsubst %,bin/%,$(USER_COMMANDS)) \
	$(patsubst %,libexec/zones/%,$(filter-out $(LEFT_OUT_$(1)),$(PROGRAMS))) \
	$(filter-out $(foreach p,$(LEFT_OUT_$(1)),share/man/man8/$(p).8),$(MAN_PAGES)) \
	$(patsubst %,share/doc/zones/%,$(DOCS)) \
	$(patsubst %,share/bash-completion/completions/%,$(USER_COMMANDS)) \
	$(patsubst %,share/zsh/site-functions/_%,$(USER_COMMANDS)) \
	$(patsubst %,share/fish/vendor_completions.d/%.fish,$(USER_COMMANDS)) \
	$(SERVICE_$(1))
INSTALLED = $(call files,$(shell $(GO) env GOOS))

.PHONY: install
install: commands ## install below $(DESTDIR)$(PREFIX), /usr/local if unset
	@ci/install.sh '$(BIN)' '$(BIN)' '$(DESTDIR)' '$(PREFIX)' "$$($(TOOL) -n go-md2man)" $(INSTALLED) $(if $(SYSTEM_NAMES),$(LINKS))

.PHONY: uninstall
uninstall: ## remove what install has installed, with the same DESTDIR and PREFIX
	@cd '$(DESTDIR)$(PREFIX)' && rm -f $(INSTALLED) && \
	for link in $(LINKS); do case $$(readlink "$$link") in ../bin/*-go) rm -f "$$link" ;; esac; done
	@cd '$(DESTDIR)$(PREFIX)' && rmdir -p --ignore-fail-on-non-empty $(sort $(dir $(INSTALLED) $(LINKS))) 2>/dev/null || true
