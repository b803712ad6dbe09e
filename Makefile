# Pulso. `make help` lists what there is.
SHELL := /bin/bash
GO ?= go
PKGS := ./...
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0

.PHONY: help build run test test-race lint fmt golden bench cover fuzz server browser

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

build: ## bin/pulso
	$(GO) build -trimpath -ldflags '-s -w' -o bin/pulso ./cmd/pulso

run: ## the demo, with a phone in the browser
	$(GO) run ./cmd/pulso demo

test: server browser ## every test, on SQLite and on a real MariaDB or MySQL, the browser test included
	$(GO) test -count=1 -timeout 30m $(TESTFLAGS) $(PKGS)

test-race: server browser ## the same with the race detector
	$(GO) test -count=1 -timeout 30m -race -short $(TESTFLAGS) $(PKGS)

# A database server for the tests: the one of PULSO_TEST_MYSQL, else MariaDB,
# which is installed where it is missing and we may.
server:
	@if [ -n "$$PULSO_TEST_MYSQL" ] || command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || command -v mysqld >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get -o DPkg::Lock::Timeout=300 update -qq && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends mariadb-server >/dev/null; \
	else echo "no MariaDB or MySQL server: install one (Debian: apt-get install mariadb-server) or set PULSO_TEST_MYSQL" >&2; exit 1; fi

# Chromium for the browser test.
browser:
	@if [ -n "$$PULSO_TEST_CHROMIUM" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get -o DPkg::Lock::Timeout=300 update -qq && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends chromium fonts-noto-color-emoji >/dev/null; \
	else echo "no Chromium: install one (Debian: apt-get install chromium fonts-noto-color-emoji) or set PULSO_TEST_CHROMIUM" >&2; exit 1; fi

lint: ## gofmt, go vet, staticcheck, and govulncheck where its database can be reached
	@test -z "$$(gofmt -l . )" || { gofmt -l .; echo "run make fmt" >&2; exit 1; }
	$(GO) vet $(PKGS)
	$(GO) run $(STATICCHECK) $(PKGS)
	@$(GO) run $(GOVULNCHECK) $(PKGS) > /tmp/pulso-vuln.$$$$ 2>&1; code=$$?; \
	if [ $$code -ne 0 ] && grep -qiE 'no such host|connection refused|dial tcp|timeout|fetching vulnerabilities|403|404' /tmp/pulso-vuln.$$$$; then echo "govulncheck: its database cannot be reached from here"; code=0; else cat /tmp/pulso-vuln.$$$$; fi; \
	rm -f /tmp/pulso-vuln.$$$$; exit $$code

fmt: ## format the code
	gofmt -w .

golden: ## write the golden files anew, to be looked at in the diff
	$(GO) test ./bot/render ./bot/render/picture ./bot/inbox ./cmd/pulso ./cmd/pulso/app ./cmd/pulso/app/config -run 'Golden|Manual|Conversation' -update

bench: server ## ratios side by side: ours against the bare limit (docs/performance.md)
	$(GO) test ./cmd/pulso/app/benchmark -run '^$$' -bench '$(or $(BENCH),.)' -benchtime 1x -timeout 6h -v

cover: server ## coverage by package
	$(GO) test -count=1 -coverprofile cover.out $(PKGS) && $(GO) tool cover -func cover.out | tail -n 1

fuzz: ## each fuzz target for FUZZTIME (default 30s)
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test $$p -list '^Fuzz' | grep '^Fuzz' || true); do \
	  echo "$$p $$f"; $(GO) test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-30s} || exit 1; done; done
