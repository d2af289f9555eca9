"""Compares the embedder with ONNX Runtime on the same weights, in turns, medians of wall time.

    benches/embedder_vs_onnxruntime.sh [--threads 2] [--rounds 9] [--json FILE]

prepares what this needs (the packages onnx, onnxruntime, safetensors and numpy) and runs it on the models in the cache folder. The graph is built here from ONNX Runtime's own fused operators (what its
optimizer makes of an exported BERT), so that the comparison is with its best. Vectors of both sides must agree. A ratio above 1 means that ours is faster.
"""

import argparse
import json
import statistics
import time

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from engine_vs_llamacpp import Report, Side

LAYERS, HEADS, EPSILON = 6, 12, 1e-12
CLS, SEP, LETTER_A = 101, 102, 1037
CASES = [(1, 16), (1, 64), (1, 256), (32, 64)]
# ONNX Runtime's threads spin for a while after a run, which would take a core from whoever comes next.
PAUSE_SECONDS = 0.3


def build(weights):
    nodes, constants = [], []

    def constant(name, value):
        constants.append(numpy_helper.from_array(numpy.ascontiguousarray(value, dtype=numpy.float32), name))
        return name

    def node(kind, inputs, output, domain="com.microsoft", **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    get = weights.__getitem__
    positions = get("embeddings.position_embeddings.weight") + get("embeddings.token_type_embeddings.weight")[0]
    words = node("Gather", [constant("words", get("embeddings.word_embeddings.weight")), "ids"], "word", domain="")
    places = node("Gather", [constant("places", positions), "positions"], "place", domain="")
    summed = node("Add", [words, places], "summed", domain="")
    norm = [constant(f"embeddings.{part}", get(f"embeddings.LayerNorm.{part}")) for part in ("weight", "bias")]
    state = node("LayerNormalization", [summed, *norm], "state0", domain="", axis=-1, epsilon=EPSILON)
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        dense = lambda name, prefix=prefix: get(prefix + name + ".weight").T
        bias = lambda name, prefix=prefix: get(prefix + name + ".bias")
        three = [f"attention.self.{part}" for part in ("query", "key", "value")]
        packed = constant(f"{prefix}qkv", numpy.concatenate([dense(name) for name in three], axis=1))
        packed_bias = constant(f"{prefix}qkv_bias", numpy.concatenate([bias(name) for name in three]))
        attended = node("Attention", [state, packed, packed_bias], f"attended{layer}", num_heads=HEADS)

        def half(values, name, norm_name, skip, output):
            product = node("MatMul", [values, constant(prefix + name, dense(name))], output + "_product", domain="")
            norm = [constant(f"{prefix}{norm_name}.{part}", get(f"{prefix}{norm_name}.{part}")) for part in ("weight", "bias")]
            inputs = [product, skip, *norm, constant(prefix + name + "_bias", bias(name))]
            return node("SkipLayerNormalization", inputs, output, epsilon=EPSILON)

        state = half(attended, "attention.output.dense", "attention.output.LayerNorm", state, f"middle{layer}")
        wide = node("MatMul", [state, constant(f"{prefix}up", dense("intermediate.dense"))], f"wide{layer}", domain="")
        squashed = node("BiasGelu", [wide, constant(f"{prefix}up_bias", bias("intermediate.dense"))], f"squashed{layer}")
        state = half(squashed, "output.dense", "output.LayerNorm", state, f"state{layer + 1}")
    mean = node("ReduceMean", [state], "mean", domain="", axes=[1], keepdims=0)
    node("LpNormalization", [mean], "vector", domain="", axis=1, p=2)
    graph = helper.make_graph(
        nodes,
        "minilm",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("ids", "positions")],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", 384])],
        constants,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--chat", required=True, help="a small GGUF file: the program loads one whether it is asked or not")
    parser.add_argument("--weights", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    if arguments.rounds < 7:
        parser.error("a median needs at least 7 rounds")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    model = build(load_file(arguments.weights + "/model.safetensors"))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    threads = ["--threads", str(arguments.threads)]
    ours = Side([arguments.program, "models", "bench", "--lines", arguments.chat, *threads])
    report = Report(f"all-MiniLM-L6-v2, {arguments.threads} threads", arguments.json)
    for batch, tokens in CASES:
        ids = numpy.full((batch, tokens), LETTER_A, dtype=numpy.int64)
        ids[:, 0], ids[:, -1] = CLS, SEP
        positions = numpy.tile(numpy.arange(tokens, dtype=numpy.int64), (batch, 1))
        samples = {"ours": [], "theirs": []}
        for round in range(arguments.rounds + 1):
            time.sleep(PAUSE_SECONDS)
            answer = ours.ask("embed", batch, tokens)
            time.sleep(PAUSE_SECONDS)
            started = time.perf_counter()
            vector = session.run(["vector"], {"ids": ids, "positions": positions})[0][0]
            theirs = time.perf_counter() - started
            likeness = float(numpy.dot(vector, numpy.array(answer["vector"])))
            if likeness < 0.999:
                raise SystemExit(f"the vectors differ: {likeness}")
            if round:
                samples["ours"].append(answer["seconds"] * 1000)
                samples["theirs"].append(theirs * 1000)
        mine, other = statistics.median(samples["ours"]), statistics.median(samples["theirs"])
        report.line(f"{batch} x {tokens} tokens, ms", mine, other, other / mine)
    ours.close()


if __name__ == "__main__":
    main()
