"""Losses and gradients of supervised fine-tuning, DPO and distillation by PyTorch: writes tuning_losses.json beside
this file. Every example goes through the model by itself, without packing and without padding.

Run with Debian's PyTorch 2.6: /usr/bin/python3 tuning_losses.py
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

V, C, H, KV, I, LAYERS, POSITIONS = 17, 8, 2, 1, 12, 2, 16
BETA, TEMPERATURE, SHARE, K = 0.3, 2.0, 0.7, 4

# tokens, and from where on they are learned
EXAMPLES = [
    ([3, 1, 4, 1, 5, 9, 2, 6], 4), ([5, 3, 5], 1), ([8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2], 6), ([6, 4, 3, 3], 2),
    ([8, 3, 2, 7, 9, 5], 3)]
PAIRS = [
    (([3, 1, 4, 1, 5], 3), ([3, 1, 4, 2, 7, 1], 3)), (([9, 9, 0, 16], 2), ([9, 9, 1], 2)),
    (([2, 7, 1, 8, 2, 8], 2), ([2, 7, 15, 14], 2))]


def shapes(style):
    if style == "gpt2":
        yield "wte.weight", (V, C)
        yield "wpe.weight", (POSITIONS, C)
        for i in range(LAYERS):
            h = f"h.{i}."
            for name, shape in (("ln_1", (C,)), ("attn.c_attn", (C, 3 * C)), ("attn.c_proj", (C, C)), ("ln_2", (C,)),
                                ("mlp.c_fc", (C, I)), ("mlp.c_proj", (I, C))):
                yield h + name + ".weight", shape
                yield h + name + ".bias", (shape[-1],)
        yield "ln_f.weight", (C,)
        yield "ln_f.bias", (C,)
    else:
        keys = KV * C // H
        yield "model.embed_tokens.weight", (V, C)
        for i in range(LAYERS):
            h = f"model.layers.{i}."
            for name, shape in (("input_layernorm", (C,)), ("self_attn.q_proj", (C, C)), ("self_attn.k_proj", (keys, C)),
                                ("self_attn.v_proj", (keys, C)), ("self_attn.o_proj", (C, C)),
                                ("post_attention_layernorm", (C,)), ("mlp.gate_proj", (I, C)), ("mlp.up_proj", (I, C)),
                                ("mlp.down_proj", (C, I))):
                yield h + name + ".weight", shape
        yield "model.norm.weight", (C,)
        yield "lm_head.weight", (V, C)


def parameters(style, seed):
    """Numbers that any language can make: around 1 for norms' weights, else around 0."""
    made, at = {}, 0
    for name, shape in shapes(style):
        size = math.prod(shape)
        values = [((at + i + 1) * 7919 + seed * 104729) % 10007 / 10007 - 0.5 for i in range(size)]
        at += size
        norm = len(shape) == 1 and name.endswith("weight")
        tensor = torch.tensor(values, dtype=torch.float32).reshape(shape)
        made[name] = (tensor + 1 if norm else tensor).double().requires_grad_()
    return made


def heads(x, count):
    return x.reshape(len(x), count, C // H).transpose(0, 1)


def attend(q, k, v):
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return y.transpose(0, 1).reshape(y.shape[1], C)


def gpt2(p, tokens):
    x = p["wte.weight"][tokens] + p["wpe.weight"][: len(tokens)]
    for i in range(LAYERS):
        h = f"h.{i}."
        linear = lambda x, name: x @ p[h + name + ".weight"] + p[h + name + ".bias"]
        norm = lambda x, name: F.layer_norm(x, (C,), p[h + name + ".weight"], p[h + name + ".bias"], 1e-5)
        q, k, v = (heads(part, H) for part in linear(norm(x, "ln_1"), "attn.c_attn").split(C, -1))
        x = x + linear(attend(q, k, v), "attn.c_proj")
        x = x + linear(F.gelu(linear(norm(x, "ln_2"), "mlp.c_fc"), approximate="tanh"), "mlp.c_proj")
    return F.layer_norm(x, (C,), p["ln_f.weight"], p["ln_f.bias"], 1e-5) @ p["wte.weight"].T


def rotate(x):
    d = x.shape[-1]
    angles = torch.outer(torch.arange(x.shape[1]).double(), 10000 ** (-torch.arange(0, d, 2).double() / d))
    cos, sin = torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()
    return x * cos + torch.cat([-x[..., d // 2:], x[..., : d // 2]], -1) * sin


def llama(p, tokens):
    norm = lambda x, name: F.rms_norm(x, (C,), p[name + ".weight"], 1e-5)
    x = p["model.embed_tokens.weight"][tokens]
    for i in range(LAYERS):
        h = f"model.layers.{i}."
        linear = lambda x, name: x @ p[h + name + ".weight"].T
        n = norm(x, h + "input_layernorm")
        q = rotate(heads(linear(n, "self_attn.q_proj"), H))
        k = rotate(heads(linear(n, "self_attn.k_proj"), KV)).repeat_interleave(H // KV, 0)
        v = heads(linear(n, "self_attn.v_proj"), KV).repeat_interleave(H // KV, 0)
        x = x + linear(attend(q, k, v), "self_attn.o_proj")
        n = norm(x, h + "post_attention_layernorm")
        x = x + linear(F.silu(linear(n, "mlp.gate_proj")) * linear(n, "mlp.up_proj"), "mlp.down_proj")
    return norm(x, "model.norm") @ p["lm_head.weight"].T


def rows(model, p, tokens, learned):
    """Logits that predict learned tokens, and these tokens."""
    logits = model(p, torch.tensor(tokens[:-1]))
    return logits[learned - 1:], torch.tensor(tokens[learned:])


def supervised(model, p):
    losses = [F.cross_entropy(*rows(model, p, *example), reduction="none") for example in EXAMPLES]
    return torch.cat(losses).mean(), {}


def log_probability(model, p, example):
    return -F.cross_entropy(*rows(model, p, *example), reduction="sum")


def dpo(model, p, reference):
    losses = []
    for chosen, rejected in PAIRS:
        difference = log_probability(model, p, chosen) - log_probability(model, p, rejected)
        with torch.no_grad():
            difference -= log_probability(model, reference, chosen) - log_probability(model, reference, rejected)
        losses.append(-F.logsigmoid(BETA * difference))
    return torch.stack(losses).mean(), {}


def distillation(model, p, teacher):
    losses, expected = [], []
    for example in EXAMPLES:
        logits, targets = rows(model, p, *example)
        with torch.no_grad():
            logs, ids = F.log_softmax(rows(model, teacher, *example)[0], -1).float().topk(K, -1)
        soft = F.softmax(logs.double() / TEMPERATURE, -1)
        q = F.log_softmax(logits / TEMPERATURE, -1).gather(-1, ids)
        kl = F.kl_div(q, soft, reduction="none").sum(-1) * TEMPERATURE**2
        losses.append((1 - SHARE) * F.cross_entropy(logits, targets, reduction="none") + SHARE * kl)
        expected.append([[row.tolist(), lg.tolist()] for row, lg in zip(ids, logs)])
    return torch.cat(losses).mean(), {"teacher": expected}


def main():
    out = {"torch": torch.__version__, "examples": EXAMPLES, "pairs": PAIRS, "cases": []}
    for style, model in (("gpt2", gpt2), ("llama", llama)):
        for name, loss in (("cross-entropy", lambda p: supervised(model, p)),
                           ("dpo", lambda p: dpo(model, p, parameters(style, 2))),
                           ("distillation", lambda p: distillation(model, p, parameters(style, 3)))):
            p = parameters(style, 1)
            value, more = loss(p)
            value.backward()
            gradients = torch.cat([t.grad.flatten() for t in p.values()])
            out["cases"].append({
                "style": style, "loss": name, "value": value.item(),
                "gradients": [float(f"{g:.6g}") for g in gradients.tolist()], **more})
            print(style, name, value.item(), len(gradients))
    path = pathlib.Path(__file__).parent / "tuning_losses.json"
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n", encoding="utf-8")


main()
