#!/bin/sh
# Compares the engine with a released llama.cpp on the same GGUF file, in turns, medians.
#   benches/engine_vs_llamacpp.sh MODEL.gguf [--threads "1 2"] [--rounds 7] [--prompts "128 512 1024"] [--no-reply] [--text FILE] [--json FILE]
# The other engine is the ready build in PyPI's package xllamacpp, installed into a virtual environment in the cache folder;
# the embedder is compared with ONNX Runtime when --onnx FOLDER names one with all-MiniLM-L6-v2's model.onnx.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
environment="${XDG_CACHE_HOME:-$HOME/.cache}/frontdesk/bench-xllamacpp"
if [ ! -x "$environment/bin/python" ]; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --only-binary :all: xllamacpp onnxruntime numpy
fi
program=${FRONTDESK_PROGRAM:-}
if [ -z "$program" ]; then
    cargo build --release --locked --manifest-path "$here/../Cargo.toml"
    program="${CARGO_TARGET_DIR:-$here/../target}/release/frontdesk"
fi
exec "$environment/bin/python" "$here/engine_vs_llamacpp.py" --program "$program" "$@"
