# Everything a newcomer needs: `make run` and `make test`. Both set up what they need on a fresh Debian machine with Rust and Node.js.

# Where the demo company of `make run` lives.
DEMO ?= data/demo
CARGO ?= cargo
NPM ?= npm

.PHONY: run test quality sanitize fuzz e2e setup web-form console build check deb clean-demo

run: build
	./target/release/frontdesk --config $(DEMO)/frontdesk.toml init --demo --data $(DEMO)
	./target/release/frontdesk --config $(DEMO)/frontdesk.toml serve

build: web-form console
	$(CARGO) build --release --locked

# The public form, embedded in the binary. Built again only when its sources changed.
web-form: web-form/dist/index.html

web-form/node_modules/.package-lock.json: web-form/package-lock.json
	cd web-form && $(NPM) ci --no-audit --no-fund

web-form/dist/index.html: web-form/node_modules/.package-lock.json $(shell find web-form/src web-form/widget web-form/public web-form/index.html web-form/vite.config.ts web-form/vite.widget.config.ts -type f 2>/dev/null)
	cd web-form && $(NPM) run build

# The operators' console, embedded in the binary. Built again only when its sources changed.
console: console/dist/index.html

console/node_modules/.package-lock.json: console/package-lock.json
	cd console && $(NPM) ci --no-audit --no-fund

console/dist/index.html: console/node_modules/.package-lock.json $(shell find console/src console/public console/index.html console/vite.config.ts -type f 2>/dev/null)
	cd console && $(NPM) run build

# What tests need besides Rust and Node.js: a C compiler for SQLite, and Chromium.
setup:
	./scripts/setup

test: setup web-form console
	./scripts/test

# The pages in Chromium against the real program.
e2e: web-form console
	./scripts/e2e

# What the decisions, the search and the answers are worth, with the real models: about half an hour on two cores.
quality: build
	./target/release/frontdesk models pull
	./target/release/frontdesk eval tickets
	./target/release/frontdesk eval sentiment
	./target/release/frontdesk eval injection
	./target/release/frontdesk eval redaction
	./target/release/frontdesk eval retrieval
	./target/release/frontdesk eval answers --set answers.mode=passage
	./target/release/frontdesk eval answers
	FRONTDESK_ALL_QUESTIONS=1 $(CARGO) test --release --locked --features fault-points --test it main_job
	FRONTDESK_ALL_QUESTIONS=1 $(CARGO) test --release --locked --features fault-points --lib llm::golden

# The engine's unsafe code under AddressSanitizer.
sanitize: web-form console
	./scripts/sanitize

# Any bytes into the readers of what comes from outside: MINUTES (5) for each of them.
fuzz:
	./scripts/fuzz

# A Debian package of this machine's architecture, with service, manual pages and completions.
deb: build
	mkdir -p target/package
	./target/release/frontdesk manual target/package/man
	./target/release/frontdesk completions bash > target/package/frontdesk.bash
	command -v cargo-deb >/dev/null || $(CARGO) install --locked cargo-deb
	$(CARGO) deb --no-build --locked

check: web-form console
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets --locked --features fault-points -- -D warnings

clean-demo:
	rm -rf $(DEMO)
