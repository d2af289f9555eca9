#!/bin/sh
# Compares the embedder with ONNX Runtime on the same weights, in turns, medians. Runs unattended.
#   benches/embedder_vs_onnxruntime.sh [--threads 2] [--rounds 9] [--json FILE]
# Needs the models all-minilm-l6-v2 and smollm2-135m-instruct-q4_1 (`frontdesk models pull`; the second one only because the
# program loads a chat model whether it is asked or not).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/environment.sh"
models="${XDG_CACHE_HOME:-$HOME/.cache}/frontdesk/models"
exec "$environment/bin/python" "$here/embedder_vs_onnxruntime.py" --program "$program" \
    --chat "$models/smollm2-135m-instruct-q4_1/SmolLM2-135M-Instruct.Q4_1.gguf" --weights "$models/all-minilm-l6-v2" "$@"
