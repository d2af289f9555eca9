"""Drives the engine and a llama.cpp build in turns over the same token counts and compares medians.

Each side is a process of its own that keeps its model loaded and answers one measurement a line, so that neither
pays for loading or for the other's memory. Times are wall time; processor time is given beside it, which is the
steadier figure on a machine that does other things too.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

# name, prompt tokens, decoded tokens
CASES = [("128", 128, 16), ("512", 512, 16), ("1024", 1024, 16)]


def prompt_ids(count):
    return [100 + index * 7919 % 20000 for index in range(count)]


def serve_xllamacpp(model, threads):
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.warmup = True
    server = xllamacpp.Server(parameters)

    def measure(prompt, decode):
        parts = []
        server.handle_completions(
            {
                "prompt": prompt_ids(prompt),
                "n_predict": decode + 1,
                "cache_prompt": False,
                "temperature": 0,
                "ignore_eos": True,
                "stream": True,
            },
            parts.append,
        )
        timings = parts[-1]["timings"]
        return timings["prompt_ms"] / 1000, timings["predicted_ms"] / 1000 * decode / (decode + 1)

    return measure


def serve_llama_cpp_python(model, threads):
    import llama_cpp

    llama = llama_cpp.Llama(model_path=model, n_ctx=2048, n_threads=threads, n_threads_batch=threads, verbose=False)

    def measure(prompt, decode):
        llama.reset()
        started = time.perf_counter()
        llama.eval(prompt_ids(prompt))
        prefill = time.perf_counter() - started
        started = time.perf_counter()
        for _ in range(decode):
            llama.eval([int(llama.sample(temp=0.0))])
        return prefill, time.perf_counter() - started

    return measure


def serve(reference, model, threads):
    """The reference's side: answers `PROMPT DECODE` lines with the seconds both took."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    measure = {"xllamacpp": serve_xllamacpp, "llama-cpp-python": serve_llama_cpp_python}[reference](model, threads)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        prefill, decode = measure(*map(int, line.split()))
        print(json.dumps({"prefill_seconds": prefill, "decode_seconds": decode}), file=answers, flush=True)
    os._exit(0)


class Side:
    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        while (line := self.process.stdout.readline()).strip() != "ready":
            if not line:
                raise SystemExit(f"{command[0]} ended before it was ready")

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def measure(self, prompt, decode):
        before = self.processor_seconds()
        self.process.stdin.write(f"{prompt} {decode}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["prefill_seconds"], answer["decode_seconds"], self.processor_seconds() - before

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--engine")
    parser.add_argument("--reference", default="xllamacpp")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json")
    parser.add_argument("--serve", action="store_true")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.reference, arguments.model, arguments.threads)
    threads = str(arguments.threads)
    ours = Side([arguments.engine, arguments.model, "--threads", threads, "--serve"])
    theirs = Side(
        [sys.executable, __file__, arguments.model, "--serve", "--threads", threads, "--reference", arguments.reference]
    )
    lines = []
    for name, prompt, decode in CASES:
        samples = {"ours": [], "theirs": []}
        for round in range(arguments.rounds + 1):
            for key, side in (("ours", ours), ("theirs", theirs)):
                sample = side.measure(prompt, decode)
                if round > 0:  # the first warms up
                    samples[key].append(sample)
        for metric, rate in (
            (f"prefill {name}, tokens/s", lambda s: prompt / s[0]),
            (f"decode after {name}, tokens/s", lambda s: decode / s[1]),
            (f"{prompt} in, {decode} out: passes a processor second", lambda s: 1 / max(s[2], 0.01)),
        ):
            values = {key: statistics.median(map(rate, side)) for key, side in samples.items()}
            line = {
                "metric": metric,
                "ours": round_to(values["ours"]),
                "theirs": round_to(values["theirs"]),
                "ratio": round_to(values["ours"] / values["theirs"]),
            }
            lines.append(line)
            print(json.dumps(line), flush=True)
    ours.close()
    theirs.close()
    if arguments.json:
        with open(arguments.json, "w") as out:
            out.writelines(json.dumps(line) + "\n" for line in lines)


def round_to(value):
    return float(f"{value:.4g}")


if __name__ == "__main__":
    main()
