"""What EleutherAI's lm-evaluation-harness says of a toy model, for HarnessTest.

The harness itself runs, from a checkout of its repository (commit below), with its own tasks,
prompts, requests, metrics and layout of results. Only libraries that it imports and that have no
part in this are replaced by empty ones, and Hugging Face's data sets by the files beside this
script. The model is a formula of the last two tokens and the position; the tokenizer has bytes, two
special tokens and a few merged tokens, among them some that a cut between context and continuation
could fall into. Both are written again in HarnessTest.

Made by: /usr/bin/python3 reference.py CHECKOUT > reference.json
with Python 3.13 and lm-evaluation-harness 4e7e0d47f33bc71070c1d38394bafbb52b117163.
"""

import contextlib
import importlib.metadata
import json
import math
import os
import sys
import types

import numpy  # noqa: F401
import torch.utils.data  # noqa: F401

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, sys.argv[1])


class Anything(types.ModuleType):
    """A library that is imported and not used."""

    __path__ = []
    __version__ = "0"

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": lambda self, *a, **k: None})


class Rows(list):
    """A data set: rows that can be mapped."""

    @property
    def features(self):
        return self[0]

    @property
    def column_names(self):
        return list(self[0])

    def map(self, function):
        return Rows({**row, **function(row)} for row in self)


def rows(path):
    with open(os.path.join(HERE, path + ".jsonl"), encoding="utf-8") as lines:
        return Rows(json.loads(line) for line in lines)


for name in ["pandas", "huggingface_hub", "tabulate", "datasets.utils", "datasets.utils.metadata"] + [
    "tqdm", "tqdm.auto", "sqlitedict", "dill", "evaluate", "datasets", "sacrebleu"] + [
    "rouge_score", "rouge_score.rouge_scorer", "pytablewriter", "word2number", "transformers"]:
    sys.modules[name] = Anything(name)
for name in ["tqdm", "tqdm.auto"]:
    sys.modules[name].tqdm = lambda things=None, **kwargs: things
sys.modules["datasets"].Dataset = Rows
FILES = {"Rowan/hellaswag": "hellaswag", "allenai/ai2_arc": "arc_easy", "baber/piqa": "piqa"}
sys.modules["datasets"].load_dataset = lambda path, **kwargs: {
    "train": rows(FILES[path] + "_train"), "validation": rows(FILES[path]),
    "test": rows(FILES[path])}

installed = importlib.metadata.version
importlib.metadata.version = lambda name: "0.4" if name == "lm_eval" else installed(name)

from lm_eval import evaluator, utils  # noqa: E402
from lm_eval.api.model import TemplateLM  # noqa: E402
from lm_eval.api import metrics  # noqa: E402

evaluator.add_env_info = lambda results: None
evaluator.add_tokenizer_info = lambda results, model: None

SIZE = 285
MERGED = {b": ": 258, **{b" " + bytes([c]): 259 + c - 97 for c in range(97, 123)}}


def tokens(text):
    data = text.encode("utf-8")
    found = []
    at = 0
    while at < len(data):
        merged = MERGED.get(data[at:at + 2])
        found.append(data[at] if merged is None else merged)
        at += 1 if merged is None else 2
    return found


def logits(sequence):
    last = sequence[-1]
    before = sequence[-2] if len(sequence) > 1 else 0
    return [((last * 7 + before * 13 + token * (5 + last % 3) + len(sequence) * 3) % 23) / 4
            for token in range(SIZE)]


def log_probability(sequence, token):
    row = logits(sequence)
    return row[token] - math.log(math.fsum(math.exp(one) for one in row))


class Toy(TemplateLM):
    def __init__(self, context, begins):
        super().__init__()
        self.max_length = context
        self.begins = begins

    @property
    def eot_token_id(self):
        return 257 if self.begins else 256

    @property
    def prefix_token_id(self):
        return 256

    tokenizer_name = "toy"

    def tok_encode(self, string, add_special_tokens=None, **kwargs):
        begin = self.begins and add_special_tokens is not False
        return ([256] if begin else []) + tokens(string)

    def _loglikelihood_tokens(self, requests, **kwargs):
        found = []
        for _, context, continuation in requests:
            assert 0 < len(continuation) <= self.max_length and context
            read = (context + continuation)[-(self.max_length + 1):][:-1]
            first = len(read) - len(continuation)
            found.append((math.fsum(
                log_probability(read[:first + i + 1], token)
                for i, token in enumerate(continuation)), False))
        return found

    def loglikelihood_rolling(self, requests, **kwargs):
        found = []
        for (string,) in [request.args for request in requests]:
            windows = map(utils.make_disjoint_window, utils.get_rolling_token_windows(
                token_list=self.tok_encode(string), prefix_token=self.prefix_token_id,
                max_seq_len=self.max_length, context_len=1))
            found.append(math.fsum(one for one, _ in self._loglikelihood_tokens(
                [(None,) + window for window in windows])))
        return found

    def generate_until(self, requests, **kwargs):
        found = []
        for context, until in [request.args for request in requests]:
            kept = tokens(context) if not self.begins else [256] + tokens(context)
            kept = kept[-(self.max_length - until["max_gen_toks"]):]
            written = b""
            for _ in range(until["max_gen_toks"]):
                row = logits(kept)
                kept = kept + [row.index(max(row))]
                written += bytes([kept[-1]])
            found.append(written.decode("utf-8"))
        return found


def perplexity(model, name):
    """As PerplexityTask in lm_eval/api/task.py, whose own documents need a data set's class."""
    from lm_eval.api.task import PerplexityTask
    texts = [row["text"] for row in rows(name)]
    sums = model.loglikelihood_rolling([types.SimpleNamespace(args=(text,)) for text in texts])
    words = [(s, PerplexityTask.count_words(t)) for s, t in zip(sums, texts)]
    octets = [(s, PerplexityTask.count_bytes(t)) for s, t in zip(sums, texts)]
    return {"word_perplexity": metrics.weighted_perplexity(words),
            "byte_perplexity": metrics.weighted_perplexity(octets),
            "bits_per_byte": metrics.bits_per_byte(octets)}


def main():
    cases = []
    for context, begins, shots, limit in [
        (1024, True, 0, None), (1024, False, 0, None), (1024, True, 2, None), (1024, False, 8, None), (128, False, 0, None),
        (128, True, 1, 3), (1024, False, 1, 2)]:
        model = Toy(context, begins)
        got = evaluator.simple_evaluate(
            model=model, tasks=["hellaswag", "arc_easy", "piqa"], num_fewshot=shots,
            limit=limit, log_samples=True, bootstrap_iters=1000, verbosity="ERROR")
        cases.append({
            "context": context, "begins": begins, "shots": shots, "limit": limit,
            "results": got["results"], "versions": got["versions"], "n-shot": got["n-shot"],
            "n-samples": got["n-samples"], "higher_is_better": got["higher_is_better"],
            "keys": sorted(got),
            "requests": {task: [[doc["arguments"] if isinstance(doc["arguments"], list) else
                                 list(doc["arguments"].values()), [r[0][0] for r in doc["resps"]]]
                                for doc in docs] for task, docs in got["samples"].items()},
            "perplexity": perplexity(model, "perplexity")})
    return {"cases": cases}


with contextlib.redirect_stdout(sys.stderr):
    result = main()
json.dump(result, sys.stdout, ensure_ascii=True, indent=1, default=str)
