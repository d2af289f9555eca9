# Read by the comparisons: the Python environment with the other engines (ready builds from PyPI, in the cache folder) and the
# program to measure. `FRONTDESK_PROGRAM` names another program than the release build of this folder.
environment="${XDG_CACHE_HOME:-$HOME/.cache}/frontdesk/bench-engines"
packages="xllamacpp onnxruntime onnx safetensors numpy"
if ! "$environment/bin/python" -c 'import xllamacpp, onnxruntime, onnx, safetensors, numpy' 2>/dev/null; then
    python3 -m venv "$environment"
    # shellcheck disable=SC2086
    "$environment/bin/pip" install --quiet --only-binary :all: $packages
fi
program=${FRONTDESK_PROGRAM:-}
if [ -z "$program" ]; then
    cargo build --release --locked --manifest-path "$here/../Cargo.toml"
    program="${CARGO_TARGET_DIR:-$here/../target}/release/frontdesk"
fi
