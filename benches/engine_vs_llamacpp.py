"""Drives the engine and a llama.cpp build in turns over the same token counts and compares medians.

Each side is a process of its own that keeps its model loaded and answers one measurement a line, so that neither pays for
loading or for the other's memory. A ratio above 1 means that ours is better.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys

DECODED = 16
# A support reply: tokens of the prompt, how many of them are there already, tokens of the answer.
REPLY = (900, 600, 120)
# llama.cpp names the probabilities of so many tokens; the text's next token is among them or counted as missing.
CANDIDATES = 20000
CONTEXT = 300


def made_up_ids(count, seed=0):
    return [100 + (index * 7919 + seed * 104729) % 20000 for index in range(count)]


class Theirs:
    """llama.cpp's server, in the process that answers lines."""

    def __init__(self, model, threads):
        import xllamacpp

        parameters = xllamacpp.CommonParams()
        parameters.model.path = model
        parameters.cpuparams.n_threads = threads
        parameters.cpuparams_batch.n_threads = threads
        parameters.n_ctx = 2048
        parameters.n_parallel = 1
        parameters.warmup = True
        self.server = xllamacpp.Server(parameters)
        self.round = 0

    def complete(self, **request):
        parts = []
        self.server.handle_completions({"temperature": 0, "ignore_eos": True, **request}, parts.append)
        last = parts[-1]
        return last[-1] if isinstance(last, list) else last

    def tokens(self, prompt, cached, decode):
        self.round += 1
        ids = made_up_ids(cached) + made_up_ids(prompt - cached, self.round)
        if cached:
            self.complete(prompt=ids[:cached] + made_up_ids(8, -self.round), n_predict=1, cache_prompt=True)
        answer = self.complete(prompt=ids, n_predict=decode + 1, cache_prompt=cached > 0)
        timings = answer["timings"]
        if timings["prompt_n"] > prompt - cached + 8:
            raise SystemExit(f"llama.cpp read {timings['prompt_n']} tokens anew, {prompt - cached} were expected")
        # The first token comes with the prompt: `decode` passes make the others.
        return {
            "prefill_seconds": timings["prompt_ms"] / 1000,
            "decode_seconds": timings["predicted_ms"] / 1000 * decode / max(timings["predicted_n"] - 1, 1),
        }

    def surprise(self, ids):
        total, missing = 0.0, 0
        for end in range(1, len(ids)):
            answer = self.complete(prompt=ids[:end], n_predict=1, cache_prompt=True, n_probs=CANDIDATES)
            candidates = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
            found = [candidate["logprob"] for candidate in candidates if candidate["id"] == ids[end]]
            missing += not found
            total -= found[0] if found else candidates[-1]["logprob"]
        return {"mean_surprise": total / (len(ids) - 1), "missing": missing}


def answer_lines(model, threads):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    theirs = Theirs(model, threads)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        word, *rest = line.strip().split(" ", 1)
        if word == "tokens":
            answer = theirs.tokens(*map(int, rest[0].split()))
        elif word == "memory":
            answer = {"resident_bytes": resident_bytes(os.getpid())}
        else:
            answer = theirs.surprise(json.loads(rest[0]))
        print(json.dumps(answer), file=answers, flush=True)
    os._exit(0)


def resident_bytes(process):
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))


class Side:
    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        while (line := self.process.stdout.readline()).strip() != "ready":
            if not line:
                raise SystemExit(f"{command[0]} ended before it was ready")

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"no answer to {words[0]}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


class Report:
    def __init__(self, name, file):
        self.name, self.file = name, open(file, "a") if file else None

    def line(self, metric, ours, theirs=None, ratio=None):
        if theirs is not None and ratio is None:
            ratio = ours / theirs
        line = {"metric": f"{self.name}: {metric}", "ours": ours, "theirs": theirs, "ratio": ratio}
        line = {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in line.items()}
        print(json.dumps(line), flush=True)
        if self.file:
            print(json.dumps(line), file=self.file, flush=True)


def in_turns(ours, theirs, rounds, *words):
    """Medians of both sides' fields, measured in turns; the first round warms up."""
    samples = {"ours": [], "theirs": []}
    for round in range(rounds + 1):
        for key, side in (("ours", ours), ("theirs", theirs)):
            sample = side.ask(*words)
            if round:
                samples[key].append(sample)

    def median(key, value):
        return statistics.median(map(value, samples[key]))

    return median


def speed(report, ours, theirs, threads, rounds, prompts):
    for prompt in prompts:
        median = in_turns(ours, theirs, rounds, "tokens", prompt, 0, DECODED)
        what = f"{threads} threads, " if threads > 1 else "1 thread, "
        for metric, rate in (
            (what + f"reading {prompt} tokens, tokens/s", lambda s: prompt / s["prefill_seconds"]),
            (what + f"writing after {prompt}, tokens/s", lambda s: DECODED / s["decode_seconds"]),
        ):
            report.line(metric, median("ours", rate), median("theirs", rate))
    shares = []
    for _ in range(rounds):
        sample = ours.ask("tokens", 16, 0, 48)
        bandwidth = ours.ask("bandwidth", threads)["bytes_per_second"]
        shares.append(48 / sample["decode_seconds"] * sample["weight_bytes"] / bandwidth)
    report.line(what + "writing, share of the memory's bandwidth", statistics.median(shares))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--program", default="frontdesk")
    parser.add_argument("--threads", default=f"1 {os.cpu_count()}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--prompts", default="128 512 1024", help="tokens of the prompts")
    parser.add_argument("--no-reply", dest="reply", action="store_false", help="leave out the reply and what follows it")
    parser.add_argument("--text", help="a text for the perplexity")
    parser.add_argument("--json")
    parser.add_argument("--serve", type=int)
    arguments = parser.parse_args()
    if arguments.rounds < 7:
        parser.error("a median needs at least 7 rounds")
    if arguments.serve:
        answer_lines(arguments.model, arguments.serve)
    report = Report(os.path.basename(arguments.model), arguments.json)
    for threads in map(int, arguments.threads.split()):
        ours = Side([arguments.program, "models", "bench", "--lines", arguments.model, "--threads", str(threads)])
        theirs = Side([sys.executable, __file__, arguments.model, "--serve", str(threads)])
        speed(report, ours, theirs, threads, arguments.rounds, list(map(int, arguments.prompts.split())))
        if arguments.reply and threads == max(map(int, arguments.threads.split())):
            whole = lambda s: s["prefill_seconds"] + s["decode_seconds"]
            median = in_turns(ours, theirs, arguments.rounds, "tokens", *REPLY)
            metric = f"{threads} threads, a reply ({REPLY[0]} in, {REPLY[1]} of them cached, {REPLY[2]} out), s"
            mine, other = median("ours", whole), median("theirs", whole)
            report.line(metric, mine, other, other / mine)
            first = lambda s: s["prefill_seconds"]
            mine, other = median("ours", first), median("theirs", first)
            report.line(f"{threads} threads, the same to the first token, s", mine, other, other / mine)
            mine, other = (side.ask("memory")["resident_bytes"] / 1e6 for side in (ours, theirs))
            report.line("memory after that, MB", mine, other, other / mine)
            if arguments.text:
                ids = ours.ask("ids", arguments.text)[:CONTEXT]
                mine = math.exp(ours.ask("surprise", CONTEXT, arguments.text)["mean_surprise"])
                answer = theirs.ask("surprise", json.dumps(ids))
                other = math.exp(answer["mean_surprise"])
                report.line(f"perplexity of {len(ids)} tokens ({answer['missing']} uncertain)", mine, other, other / mine)
        ours.close()
        theirs.close()


if __name__ == "__main__":
    main()
