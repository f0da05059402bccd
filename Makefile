# Two commands do everything: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test lint bench sanitize soak leaks fuzz fuzz-engine fuzz-floor crash interop network screenshots clean

$(VENV)/.installed: pyproject.toml hatch_build.py $(wildcard bridge/media/_engine/*.[ch] bridge/media/_engine/*.px[id] bridge/media/_engine/*.pyx)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

node_modules/.installed: package.json package-lock.json
	npm ci --no-fund --no-audit --loglevel=error
	touch $@

web/static/vendor/.installed: node_modules/.installed tools/vendor.mjs
	node tools/vendor.mjs
	touch $@

setup: $(VENV)/.installed web/static/vendor/.installed

demo: setup
	$(BIN)/diemcau serve --event config/events/industry40-2021.toml --simulate $${DIEMCAU_SIMULATE:-6}

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports
	npx tsc -p tsconfig.json

test: setup
	sh tools/test-tools.sh
	$(MAKE) --no-print-directory lint
	node --test tests/web/*.test.mjs
	$(BIN)/pytest -n 2 --dist loadfile --reruns 1

# BENCH holds arguments, e.g. make bench BENCH="--viewers 5 20 63 200 500 --engine python native"
bench: setup
	sh bench/janus.sh
	$(BIN)/python -m bench $(BENCH)

# The native engine's own tests with a core that AddressSanitizer and UBSan watch; needs gcc.
sanitize: setup
	$(BIN)/python tools/sanitize.py

# SOAK_MINUTES=10 shortens it; below about ten it proves nothing.
soak: setup
	$(BIN)/python -m bench.soak

leaks: setup
	LEAK_JOINS=$${LEAK_JOINS:-500} $(BIN)/pytest tests/media/test_leaks.py --timeout 1200

# A million inputs in all; FUZZ_RUNS says how many per target. What breaks one is in build/fuzz.
fuzz: setup
	$(BIN)/python -m fuzz

# Five million scripts for the native engine's datagram entry, a quarter of an hour; needs Debian's clang.
fuzz-engine:
	sh tools/fuzz-engine.sh

# Many more examples of the floor's state machine than a test run has; a core does about 130 a second.
fuzz-floor: setup
	FLOOR_EXAMPLES=$${FLOOR_EXAMPLES:-100000} $(BIN)/pytest -q tests/test_state_machine.py

# Ten times what a test run does: processes killed in a storm of commands, again and again.
crash: setup
	DIEMCAU_CRASH_ROUNDS=$${DIEMCAU_CRASH_ROUNDS:-200} $(BIN)/pytest tests/crash

# Media over bad lines: about seventeen minutes with Chromium, as root. Writes the tables of
# docs/network.md and docs/link-health.md.
network: setup
	sh tools/test-tools.sh network
	DIEMCAU_NETWORK=1 $(BIN)/pytest -s tests/network; code=$$?; \
		$(BIN)/python -m tests.network.record && $(BIN)/python -m tests.network.confusion && exit $$code

# The encoders and players of other people that CI has, and GStreamer, which it has not.
interop: setup
	sh tools/test-tools.sh
	sh tools/interop-tools.sh
	$(BIN)/pytest tests/interop tests/interop/check_gstreamer.py

clean:
	rm -rf $(VENV) node_modules web/static/vendor build

screenshots: setup
	rm -f tests/_output/state-*.png
	DIEMCAU_PICTURES=1 $(BIN)/pytest tests/e2e/test_demo.py tests/e2e/test_states.py tests/e2e/test_states_on_air.py
	mkdir -p docs/screenshots
	for page in host host-on-air moderator technician stage; do \
		cp tests/_output/$$page.png docs/screenshots/$$page.png; done
	$(BIN)/python tools/keep_states.py
