#!/bin/sh
# Compares the engine with a released llama.cpp on the same GGUF file, interleaved, medians.
#   benches/engine_vs_llamacpp.sh MODEL.gguf [--threads N] [--rounds N] [--reference PACKAGE] [--json FILE]
# PACKAGE is a PyPI package with llama.cpp in it: xllamacpp (a ready build, the default) or llama-cpp-python
# (compiled here for this processor). It is installed into a virtual environment in the cache folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
reference=xllamacpp
previous=
for argument in "$@"; do
    [ "$previous" = --reference ] && reference=$argument
    previous=$argument
done
environment="${XDG_CACHE_HOME:-$HOME/.cache}/frontdesk/bench-$reference"
if [ ! -x "$environment/bin/python" ]; then
    python3 -m venv "$environment"
fi
"$environment/bin/pip" install --quiet "$reference"
cargo build --release --manifest-path "$here/../Cargo.toml" --bench engine
engine=$(ls -t "${CARGO_TARGET_DIR:-$here/../target}"/release/deps/engine-* | grep -v '\.d$' | head -n 1)
exec "$environment/bin/python" "$here/engine_vs_llamacpp.py" --engine "$engine" "$@"
