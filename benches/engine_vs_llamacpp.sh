#!/bin/sh
# Compares the engine with a released llama.cpp on the same GGUF file, in turns, medians. Runs unattended.
#   benches/engine_vs_llamacpp.sh MODEL.gguf [--threads "1 2"] [--rounds 7] [--prompts "128 512 1024"] [--no-reply] [--text FILE] [--json FILE]
# The other engine is the ready build in PyPI's package xllamacpp.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/environment.sh"
exec "$environment/bin/python" "$here/engine_vs_llamacpp.py" --program "$program" "$@"
