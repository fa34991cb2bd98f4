"""The peer in PyTorch: nanoGPT's model (Karpathy, 2022) trained as this library trains.

    train_peer.py speed shape=B threads=2 precision=f32
    train_peer.py quality text=FILE seed=1 threads=2 architecture=gpt2

"speed" trains on random tokens, as the lines of its standard input say: "run SECONDS" trains for so long
and answers "STEPS SECONDS", "quit" ends it. "quality" takes the quickstart's 2,000 steps on a text and
answers "LOSS SECONDS": the loss over the whole last tenth, and what training took, evaluations included.

The environment that it is at its best in is set by the program that starts it.
"""

import math
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

# layers, heads, channels, context, batch, vocabulary
SHAPES = {
    "A": (4, 4, 128, 64, 12, 65),
    "B": (6, 6, 384, 256, 12, 65),
    "C": (12, 12, 768, 64, 4, 50257),
}
RANDOM_TOKENS = 1_000_000


class Rotary(nn.Module):
    """Turns pairs of channels half a head apart, as Hugging Face's Llama."""

    def __init__(self, size, context):
        super().__init__()
        frequencies = 10000.0 ** (-torch.arange(0, size, 2) / size)
        angles = torch.outer(torch.arange(context).float(), frequencies).repeat(1, 2)
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def forward(self, x):
        left, right = x.chunk(2, dim=-1)
        return x * self.cos[: x.size(2)] + torch.cat((-right, left), dim=-1) * self.sin[: x.size(2)]


class Attention(nn.Module):
    def __init__(self, heads, channels, context, llama):
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(channels, 3 * channels, bias=not llama)
        self.c_proj = nn.Linear(channels, channels, bias=not llama)
        self.rotary = Rotary(channels // heads, context) if llama else nn.Identity()

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = (
            part.view(B, T, self.heads, C // self.heads).transpose(1, 2)
            for part in self.c_attn(x).split(C, dim=2)
        )
        y = functional.scaled_dot_product_attention(self.rotary(q), self.rotary(k), v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))


class Gelu(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.c_fc = nn.Linear(channels, 4 * channels)
        self.c_proj = nn.Linear(4 * channels, channels)

    def forward(self, x):
        return self.c_proj(functional.gelu(self.c_fc(x), approximate="tanh"))


class SwiGlu(nn.Module):
    def __init__(self, channels):
        super().__init__()
        inner = (8 * channels // 3 + 31) // 32 * 32
        self.gate = nn.Linear(channels, inner, bias=False)
        self.up = nn.Linear(channels, inner, bias=False)
        self.c_proj = nn.Linear(inner, channels, bias=False)

    def forward(self, x):
        return self.c_proj(functional.silu(self.gate(x)) * self.up(x))


class Block(nn.Module):
    def __init__(self, heads, channels, context, llama):
        super().__init__()
        norm = nn.RMSNorm if llama else nn.LayerNorm
        self.ln_1 = norm(channels, eps=1e-5)
        self.attn = Attention(heads, channels, context, llama)
        self.ln_2 = norm(channels, eps=1e-5)
        self.mlp = SwiGlu(channels) if llama else Gelu(channels)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Model(nn.Module):
    """Head and token embedding are one matrix."""

    def __init__(self, layers, heads, channels, context, vocabulary, llama=False):
        super().__init__()
        self.wte = nn.Embedding(vocabulary, channels)
        self.wpe = None if llama else nn.Embedding(context, channels)
        self.h = nn.ModuleList(Block(heads, channels, context, llama) for _ in range(layers))
        self.ln_f = (nn.RMSNorm if llama else nn.LayerNorm)(channels, eps=1e-5)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                scale = math.sqrt(2 * layers) if name.endswith("c_proj.weight") else 1
                nn.init.normal_(parameter, std=0.02 / scale)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, inputs, targets):
        """The mean loss of the targets that are not negative."""
        x = self.wte(inputs)
        if self.wpe is not None:
            x = x + self.wpe(torch.arange(inputs.size(1)))
        for block in self.h:
            x = block(x)
        logits = functional.linear(self.ln_f(x), self.wte.weight)
        return functional.cross_entropy(logits.view(-1, logits.size(-1)), targets.reshape(-1), ignore_index=-1)


class Training:
    """Steps of a model on random windows of a sequence of tokens."""

    def __init__(self, model, tokens, context, batch, rate, bf16=False):
        self.model, self.batch, self.rate, self.bf16 = model, batch, rate, bf16
        self.windows = tokens.unfold(0, context + 1, 1)
        decayed = [p for p in model.parameters() if p.dim() >= 2]
        plain = [p for p in model.parameters() if p.dim() < 2]
        groups = [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), eps=1e-8, fused=True)
        self.steps = 0

    def step(self):
        self.steps += 1
        window = self.windows[torch.randint(len(self.windows), (self.batch,))]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            loss = self.model(window[:, :-1], window[:, 1:])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0, foreach=True)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate(self.steps)
        self.optimizer.step()
        return loss.item()


def quickstart_rate(step, steps=2000, warmup=100, highest=1e-3, lowest=1e-4):
    if step <= warmup:
        return highest * step / (warmup + 1)
    done = (step - warmup) / (steps - warmup)
    return lowest + 0.5 * (1 + math.cos(math.pi * done)) * (highest - lowest)


@torch.no_grad()
def evaluate(model, tokens, context, batch, sample=None):
    """The loss of every token but the first, or of so many windows spread evenly."""
    count = (len(tokens) - 1 + context - 1) // context
    measured = count if sample is None else min(sample, count)
    starts = [i * count // measured * context for i in range(measured)]
    padded = torch.cat((tokens, torch.full((context,), -1)))
    total = predicted = 0
    for first in range(0, measured, batch):
        window = torch.stack([padded[s : s + context + 1] for s in starts[first : first + batch]])
        targets = window[:, 1:]
        some = int((targets >= 0).sum())
        total += model(window[:, :-1].clamp(min=0), targets).item() * some
        predicted += some
    return total / predicted


def speed(shape="A", threads="2", precision="f32"):
    torch.set_num_threads(int(threads))
    torch.manual_seed(1337)
    layers, heads, channels, context, batch, vocabulary = SHAPES[shape]
    model = Model(layers, heads, channels, context, vocabulary)
    tokens = torch.randint(vocabulary, (RANDOM_TOKENS,))
    training = Training(model, tokens, context, batch, lambda step: 1e-4, precision == "bf16")
    for line in sys.stdin:
        command, *seconds = line.split()
        if command == "quit":
            return
        before, start = training.steps, time.perf_counter()
        while True:
            training.step()
            elapsed = time.perf_counter() - start
            if elapsed >= float(seconds[0]):
                break
        print(training.steps - before, elapsed, flush=True)


def quality(text, seed="1", threads="2", architecture="gpt2"):
    torch.set_num_threads(int(threads))
    torch.manual_seed(int(seed))
    layers, heads, channels, context, batch, _ = SHAPES["A"]
    with open(text, encoding="utf-8", newline="") as file:
        characters = numpy.array([ord(c) for c in file.read()])
    vocabulary, tokens = numpy.unique(characters, return_inverse=True)
    tokens = torch.from_numpy(tokens).long()
    split = int(len(tokens) * 0.9)
    model = Model(layers, heads, channels, context, len(vocabulary), architecture == "llama")
    training = Training(model, tokens[:split], context, batch, quickstart_rate)
    start = time.perf_counter()
    for step in range(1, 2001):
        training.step()
        if step % 100 == 0 and step < 2000:
            sampled = evaluate(model, tokens[split:], context, batch, sample=240)
            print(f"step {step}: {sampled:.4f}", file=sys.stderr, flush=True)
    loss = evaluate(model, tokens[split:], context, batch)
    print(loss, time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    modes = {"speed": speed, "quality": quality}
    modes[sys.argv[1]](**dict(argument.split("=", 1) for argument in sys.argv[2:]))
