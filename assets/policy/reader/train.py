"""Trains the reader of names and addresses (src/redaction/reader.rs) and writes its weights.

    python3 -m venv venv && venv/bin/pip install numpy onnx onnxruntime safetensors tokenizers faker==40.63.0
    OMP_NUM_THREADS=1 venv/bin/python assets/policy/reader/train.py --model ~/.cache/frontdesk/models/all-minilm-l6-v2

The texts are made by corpus.py from templates.txt and Faker; nothing else is learnt from. A small network of two layers reads each word: the states
that the embedding model gives to the word and its two neighbours (mean over a word's tokens), and features of five words around it. A quarter
of the templates and 30 % of the names are held out; figures are of these.
"""

import argparse
import struct
import sys
from pathlib import Path

import numpy

import corpus

sys.path.insert(0, str(corpus.HERE.parents[2] / "benches"))
HIDDEN, CLASSES, FEATURES = 64, 3, 30
AROUND = (-2, -1, 0, 1, 2)
THRESHOLDS = (0.2, 0.7, 0.2, 0.7)
# Owners from this number on are messages of the shipped exemplars.
MESSAGES = 100_000


class Lists:
    """The word lists of the rules: what src/redaction/words.rs reads."""

    def __init__(self):
        text = (corpus.HERE.parent / "redaction.toml").read_text(encoding="utf-8")
        lists = corpus.tomllib.loads(text)
        self.names = set(lists["given_names"]) | set((corpus.HERE.parent / "names.txt").read_text(encoding="utf-8").split("\n"))
        self.names.discard("")
        for name in ("not_names", "name_particles", "streets", "address_parts", "countries", "months"):
            setattr(self, name, set(lists[name]))
        self.street_endings = lists["street_endings"]

    def is_name(self, lower):
        lower = lower.removesuffix("'s").removesuffix("’s")
        return lower in self.names or lower.split("-")[0] in self.names

    def is_street(self, lower):
        return lower in self.streets or any(len(lower) > len(ending) + 2 and lower.endswith(ending) for ending in self.street_endings)


def features(text, words, pieces, lists, hide=lambda: False):
    """(words, FEATURES) of zeros and ones; the same as `features` in src/redaction/reader/features.rs, in the same order."""
    rows = numpy.zeros((len(words), FEATURES), dtype=numpy.float32)
    capitals = any(c.isupper() for c in text)
    for index, word in enumerate(words):
        value, lower = word.group(), word.group().lower()
        digits = sum(c in "0123456789" for c in value)
        before = text[words[index - 1].end() if index else 0 : word.start()]
        after = text[word.end() : words[index + 1].start() if index + 1 < len(words) else len(text)]
        length = len(value)
        row = [
            value[0].isupper(),
            length > 1 and not any(c.islower() for c in value) and digits == 0 and value[0].isupper(),
            0 < digits == length,
            0 < digits < length,
            1 <= digits <= 2,
            digits == 3,
            digits == 4,
            digits == 5,
            digits > 5,
            length == 1,
            lists.is_name(lower) and not hide(),
            lower in lists.not_names,
            lists.is_street(lower),
            lower in lists.address_parts,
            lower in lists.countries,
            lower in lists.months,
            lower in lists.name_particles,
            pieces[index] == 1,
            pieces[index] >= 3,
            index == 0 or any(c in ".!?" for c in before),
            "\n" in before,
            "," in before,
            before == " ",
            any(c in ":<>@/_=#$€£" for c in before),
            index + 1 == len(words) or any(c in ".!?" for c in after),
            "\n" in after,
            "," in after,
            any(c in ":<>@/_=%" for c in after),
            capitals,
            "'" in value or "’" in value,
        ]
        rows[index] = row
    return rows


class Encoder:
    """States of a text's words at one layer."""

    def __init__(self, folder, layers):
        import onnx
        import onnxruntime
        from embedder_vs_onnxruntime import build
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        graph = onnx.load_from_string(build(load_file(str(Path(folder) / "model.safetensors"))))
        del graph.graph.output[:]
        self.outputs = [f"state{layer}" for layer in layers]
        for name in self.outputs:
            graph.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", "tokens", 384]))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)

    def words(self, text, words):
        """(layers, words, 384), and the tokens of each word."""
        encoding = self.tokenizer.encode(text)
        ids = numpy.array([encoding.ids], dtype=numpy.int64)
        positions = numpy.arange(ids.shape[1], dtype=numpy.int64)[None]
        states = [state[0] for state in self.session.run(self.outputs, {"ids": ids, "positions": positions})]
        means = numpy.zeros((len(states), len(words), 384), dtype=numpy.float32)
        pieces = [0] * len(words)
        at = 0
        for row, (start, end) in enumerate(encoding.offsets):
            if start == end:
                continue
            while at < len(words) and words[at].end() <= start:
                at += 1
            if at < len(words) and end > words[at].start():
                pieces[at] += 1
                for layer, state in enumerate(states):
                    means[layer, at] += state[row]
        counts = numpy.maximum(numpy.array(pieces, dtype=numpy.float32), 1.0)
        return means / counts[:, None], pieces


class Corpus:
    """Words of many texts one after another, two empty rows between texts, so that neighbours are found by counting."""

    def __init__(self):
        self.states, self.rows, self.marks, self.owner = [], [], [], []

    def add(self, states, rows, marks, owner):
        for kept, values in ((self.states, states), (self.rows, rows)):
            kept.append(numpy.concatenate([values, numpy.zeros((2, values.shape[1]), values.dtype)]).astype(numpy.float16))
        self.marks += [*marks, corpus.NOT_ASKED, corpus.NOT_ASKED]
        self.owner += [owner] * len(marks) + [-1, -1]

    def close(self):
        self.states, self.rows = numpy.concatenate(self.states), numpy.concatenate(self.rows)
        self.marks, self.owner = numpy.array(self.marks), numpy.array(self.owner)
        return self

    def inputs(self, index):
        """What the network reads for each word: three states, then the features of five words; zeros beyond the ends."""
        count = len(self.marks)
        parts = [self.states[(index + step) % count] for step in (-1, 0, 1)] + [self.rows[(index + step) % count] for step in AROUND]
        return numpy.concatenate(parts, axis=1).astype(numpy.float32)


class Network:
    """inputs -> HIDDEN (rectified) -> CLASSES; Adam (Kingma & Ba 2015) on cross entropy."""

    def __init__(self, width, seed):
        random = numpy.random.default_rng(seed)
        self.random = random
        self.parts = [
            (random.standard_normal((width, HIDDEN)) * (2 / width) ** 0.5).astype(numpy.float32),
            numpy.zeros(HIDDEN, numpy.float32),
            (random.standard_normal((HIDDEN, CLASSES)) * (2 / HIDDEN) ** 0.5).astype(numpy.float32),
            numpy.zeros(CLASSES, numpy.float32),
        ]
        self.moments = [(numpy.zeros_like(part), numpy.zeros_like(part)) for part in self.parts]
        self.steps = 0

    def shares(self, values):
        up, up_bias, out, out_bias = self.parts
        scores = numpy.maximum(values @ up + up_bias, 0) @ out + out_bias
        scores = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)

    def learn(self, values, marks, rate, decay=1e-4, drop=0.2):
        up, up_bias, out, out_bias = self.parts
        hidden = numpy.maximum(values @ up + up_bias, 0)
        mask = (self.random.random(hidden.shape, dtype=numpy.float32) > drop) / (1 - drop)
        dropped = hidden * mask.astype(numpy.float32)
        scores = dropped @ out + out_bias
        scores = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        slope = scores / scores.sum(axis=1, keepdims=True)
        slope[numpy.arange(len(marks)), marks] -= 1
        slope /= len(marks)
        inner = (slope @ out.T) * mask * (hidden > 0)
        inner = inner.astype(numpy.float32)
        slopes = [values.T @ inner, inner.sum(axis=0), dropped.T @ slope, slope.sum(axis=0)]
        self.steps += 1
        for part, (one, two), gradient in zip(self.parts, self.moments, slopes):
            one += 0.1 * (gradient - one)
            two += 0.001 * (gradient * gradient - two)
            step = (one / (1 - 0.9**self.steps)) / (numpy.sqrt(two / (1 - 0.999**self.steps)) + 1e-8)
            part -= (rate * (step + decay * part)).astype(numpy.float32)


def train(data, epochs=8, batch=512, rate=1e-3, seed=1):
    index = numpy.flatnonzero(data.marks >= 0)
    network = Network(data.inputs(index[:1]).shape[1], seed)
    random = numpy.random.default_rng(seed)
    total = epochs * (len(index) // batch)
    for _ in range(epochs):
        for chosen in numpy.array_split(random.permutation(index), len(index) // batch):
            pace = rate * (1 - network.steps / (total + epochs))
            network.learn(data.inputs(chosen), data.marks[chosen], max(pace, rate / 50))
    return network


def runs(kinds, owner):
    """(kind, first, behind the last) of words of one kind that follow one another in a text."""
    start = 0
    for at in range(1, len(kinds) + 1):
        if at == len(kinds) or kinds[at] != kinds[start] or owner[at] != owner[start]:
            if kinds[start] > 0:
                yield kinds[start], start, at
            start = at


def found(shares, owner, thresholds):
    """Kinds of words as `Reader::find` gives them, gaps aside."""
    low = numpy.array([thresholds[0], thresholds[2]])
    high = numpy.array([thresholds[1], thresholds[3]])
    best = 1 + numpy.argmax(shares[:, 1:], axis=1)
    kinds = numpy.where(shares[numpy.arange(len(best)), best] >= low[best - 1], best, 0)
    for kind, start, end in list(runs(kinds, owner)):
        if shares[start:end, kind].max() < high[kind - 1]:
            kinds[start:end] = 0
    return kinds


def figures(data, network, thresholds):
    kinds = found(network.shares(data.inputs(numpy.arange(len(data.marks)))), data.owner, thresholds)
    kinds[data.owner < 0] = 0
    parts = []
    for mark, name in ((corpus.PERSON, "people"), (corpus.ADDRESS, "addresses")):
        whole = [(kinds[start:end] > 0).all() for kind, start, end in runs(data.marks, data.owner) if kind == mark]
        right = [(data.marks[start:end] != corpus.NEITHER).any() for kind, start, end in runs(kinds, data.owner) if kind == mark]
        parts.append(f"{name}: whole {numpy.mean(whole):.3f} of {len(whole)}, rightly {numpy.mean(right):.3f}")
    marked = set(data.owner[data.marks != corpus.NEITHER].tolist())
    plain = set(data.owner[data.owner >= 0].tolist()) - marked
    disturbed = set(data.owner[kinds > 0].tolist()) & plain
    messages = {owner for owner in plain if owner >= MESSAGES}
    parts.append(f"disturbed {len(disturbed - messages)} of {len(plain - messages)} plain sentences, {len(disturbed & messages)} of {len(messages)} messages")
    return "; ".join(parts)


def gather(encoder, lists, made, messages, hidden_names):
    """Two corpora: to learn from, and held out. """
    data = {False: Corpus(), True: Corpus()}
    random = corpus.random.Random(9)

    def put(held, owner, text, marks):
        words = list(corpus.WORD.finditer(text))
        if words:
            states, pieces = encoder.words(text, words)
            rows = features(text, words, pieces, lists, lambda: random.random() < hidden_names)
            data[held].add(states[0], rows, [corpus.word_mark(marks, *word.span()) for word in words], owner)

    for owner, (_, held, text, marks) in enumerate(made):
        put(held, owner, text, marks)
    for number, text in enumerate(messages):
        put(number % 4 == 0, MESSAGES + number, text, [corpus.NEITHER] * len(text))
    return data[False].close(), data[True].close()


def both(one, other):
    whole = Corpus()
    for name in ("states", "rows", "marks", "owner"):
        setattr(whole, name, numpy.concatenate([getattr(one, name), getattr(other, name)]))
    return whole


def write(path, network, layer, thresholds):
    """The form that src/redaction/reader/network.rs reads."""
    width = network.parts[0].shape[0]
    with open(path, "wb") as out:
        out.write(b"FDREADR1" + struct.pack("<4I4f", width, HIDDEN, CLASSES, layer, *thresholds))
        for part in network.parts:
            out.write(part.astype("<f2").tobytes())


def plain_messages(lists):
    """Shipped exemplars without a capitalised word that is on the list of names."""
    chosen = [
        text
        for text in corpus.messages()
        if not any(word.group()[0].isupper() and lists.is_name(word.group().lower()) and word.group().lower() not in lists.not_names for word in corpus.WORD.finditer(text))
    ]
    corpus.random.Random(4).shuffle(chosen)
    return chosen[:1400]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", default=str(corpus.HERE / "weights.bin"))
    parser.add_argument("--layer", type=int, default=4)
    parser.add_argument("--fills", type=int, default=22, help="texts of each template")
    parser.add_argument("--thresholds", type=float, nargs=4, default=THRESHOLDS, help="low and high, of people and of addresses")
    arguments = parser.parse_args()
    lists = Lists()
    learnt, held = gather(Encoder(arguments.model, [arguments.layer]), lists, corpus.texts(1, arguments.fills), plain_messages(lists), 0.4)
    network = train(learnt)
    print("held out templates and names, a listed name shown as such six times in ten:", figures(held, network, arguments.thresholds))
    write(arguments.out, train(both(learnt, held)), arguments.layer, arguments.thresholds)


if __name__ == "__main__":
    main()
