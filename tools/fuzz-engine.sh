#!/bin/sh
# Fuzz the native engine's datagram entry with libFuzzer, of Debian's clang, which is installed if
# it is missing. FUZZ_ENGINE_RUNS says how many inputs; what breaks it is left in build/fuzz-engine.
set -eu
cd "$(dirname "$0")/.."
if ! command -v clang >/dev/null; then
    if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
        echo "make fuzz-engine needs clang: install it (Debian: apt-get install clang)." >&2
        exit 1
    fi
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends clang libclang-rt-14-dev >/dev/null ||
        apt-get install -qq -y clang >/dev/null
fi
engine=bridge/media/_engine
mkdir -p build/fuzz-engine
clang -std=c11 -O2 -g -pthread -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -I "$engine" fuzz/native/datagram.c "$engine"/*.c -o build/fuzz-engine/datagram
cd build/fuzz-engine
mkdir -p corpus
exec ./datagram -runs="${FUZZ_ENGINE_RUNS:-5000000}" -max_len=4096 -print_final_stats=1 -verbosity=0 corpus
