"""Writes families.txt: losses and gradients of small models by PyTorch's autograd.

A plain transformer, written from the papers and from transformers' modeling files, in double
precision. Weights are sines, so that nothing but these lines is needed to make the same model.
Run with PyTorch 2.6: python3 families.py > families.txt

A line holds: family, tensor, shape, norm of its gradient, and the gradient's product with a vector
of cosines; the tensor "loss" holds the loss.
"""

import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

VOCABULARY, HIDDEN, LAYERS, HEADS, KEYS, SIZE, INNER = 13, 16, 2, 4, 2, 6, 20
BATCH, STEPS = 2, 9

FAMILIES = {
    "llama": {},
    "qwen2": {"bias": True},
    "qwen3": {"head_norm": True},
    "smollm3": {"no_rope": {1}},
    "phi3": {"fused": True, "window": 5},
    "gemma2": {"gemma": True, "caps": (5.0, 3.0), "windows": [4, 0], "scalar": 9},
    "gemma3_text": {"gemma": True, "head_norm": True, "windows": [4, 0], "scalar": 9, "local": 100.0},
    "mixtral": {"experts": 3, "used": 2, "normalized": True, "balance": 0.02},
    "qwen2_moe": {"bias": True, "experts": 4, "used": 2, "shared": 10, "balance": 0.05},
}


class Model:
    def __init__(self, name, options):
        self.name = name
        self.o = options
        self.tensors = {}

    def get(self, name, *shape):
        if name not in self.tensors:
            seed = sum(ord(c) * (i + 1) for i, c in enumerate(name)) % 1000
            count = math.prod(shape)
            norm = name.endswith("norm.weight")
            shift = 0.0 if not norm or self.o.get("gemma") else 1.0
            values = torch.tensor([shift + 0.3 * math.sin(1.7 * i + seed) for i in range(count)])
            values = values.float().double()
            self.tensors[name] = values.reshape(shape).requires_grad_()
        return self.tensors[name]

    def norm(self, name, x, size):
        w = self.get(name + ".weight", size)
        y = x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)
        return y * (1 + w) if self.o.get("gemma") else y * w

    def linear(self, name, x, outputs, bias=False):
        b = self.get(name + ".bias", outputs) if bias else None
        return F.linear(x, self.get(name + ".weight", outputs, x.shape[-1]), b)

    def rotate(self, x, theta):
        half = SIZE // 2
        angles = torch.outer(
            torch.arange(STEPS).double(), theta ** (-2.0 * torch.arange(half).double() / SIZE)
        )
        cos = torch.cat([angles.cos()] * 2, -1)
        sin = torch.cat([angles.sin()] * 2, -1)
        turned = torch.cat([-x[..., half:], x[..., :half]], -1)
        return x * cos + turned * sin

    def attention(self, h, layer, x):
        o = self.o
        if o.get("fused"):
            qkv = self.linear(h + "self_attn.qkv_proj", x, (HEADS + 2 * KEYS) * SIZE)
            q, k, v = qkv.split([HEADS * SIZE, KEYS * SIZE, KEYS * SIZE], -1)
        else:
            q = self.linear(h + "self_attn.q_proj", x, HEADS * SIZE, o.get("bias", False))
            k = self.linear(h + "self_attn.k_proj", x, KEYS * SIZE, o.get("bias", False))
            v = self.linear(h + "self_attn.v_proj", x, KEYS * SIZE, o.get("bias", False))
        q = q.reshape(BATCH, STEPS, HEADS, SIZE).transpose(1, 2)
        k = k.reshape(BATCH, STEPS, KEYS, SIZE).transpose(1, 2)
        v = v.reshape(BATCH, STEPS, KEYS, SIZE).transpose(1, 2)
        if o.get("head_norm"):
            q = self.norm(h + "self_attn.q_norm", q, SIZE)
            k = self.norm(h + "self_attn.k_norm", k, SIZE)
        window = o["windows"][layer] if "windows" in o else o.get("window", 0)
        theta = o["local"] if window and "local" in o else 10000.0
        if layer not in o.get("no_rope", ()):
            q, k = self.rotate(q, theta), self.rotate(k, theta)
        k = k.repeat_interleave(HEADS // KEYS, 1)
        v = v.repeat_interleave(HEADS // KEYS, 1)
        scores = q @ k.transpose(-1, -2) * o.get("scalar", SIZE) ** -0.5
        if "caps" in o:
            scores = o["caps"][0] * torch.tanh(scores / o["caps"][0])
        i = torch.arange(STEPS)
        seen = i[None, :] <= i[:, None]
        if window:
            seen &= i[None, :] > i[:, None] - window
        scores = scores.masked_fill(~seen, -math.inf)
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(BATCH, STEPS, HEADS * SIZE)
        return self.linear(h + "self_attn.o_proj", y, HIDDEN)

    def gated(self, x, gate, up, down, inner):
        g = self.linear(gate, x, inner)
        act = F.gelu(g, approximate="tanh") if self.o.get("gemma") else F.silu(g)
        return self.linear(down, act * self.linear(up, x, inner), HIDDEN)

    def mixture(self, h, x):
        o = self.o
        flat = x.reshape(-1, HIDDEN)
        mixtral = self.name == "mixtral"
        module = h + ("block_sparse_moe." if mixtral else "mlp.")
        p = self.linear(module + "gate", flat, o["experts"]).softmax(-1)
        weights, chosen = p.topk(o["used"], -1)
        if o.get("normalized"):
            weights = weights / weights.sum(-1, keepdim=True)
        y = torch.zeros_like(flat)
        names = ("w1", "w3", "w2") if mixtral else ("gate_proj", "up_proj", "down_proj")
        for e in range(o["experts"]):
            expert = [module + f"experts.{e}." + n for n in names]
            own = (weights * (chosen == e)).sum(-1, keepdim=True)
            y = y + own * self.gated(flat, *expert, INNER)
        if "shared" in o:
            shared = [module + "shared_expert." + n for n in names]
            gate = self.linear(module + "shared_expert_gate", flat, 1).sigmoid()
            y = y + gate * self.gated(flat, *shared, o["shared"])
        self.routes.append((p, chosen))
        return y.reshape(x.shape)

    def loss(self, inputs, targets):
        o = self.o
        self.routes = []
        x = self.get("model.embed_tokens.weight", VOCABULARY, HIDDEN)[inputs]
        if o.get("gemma"):
            x = x * math.sqrt(HIDDEN)
        for layer in range(LAYERS):
            h = f"model.layers.{layer}."
            y = self.attention(h, layer, self.norm(h + "input_layernorm", x, HIDDEN))
            if o.get("gemma"):
                x = x + self.norm(h + "post_attention_layernorm", y, HIDDEN)
                y = self.norm(h + "pre_feedforward_layernorm", x, HIDDEN)
            else:
                x = x + y
                y = self.norm(h + "post_attention_layernorm", x, HIDDEN)
            if "experts" in o:
                y = self.mixture(h, y)
            elif o.get("fused"):
                g, u = self.linear(h + "mlp.gate_up_proj", y, 2 * INNER).chunk(2, -1)
                y = self.linear(h + "mlp.down_proj", F.silu(g) * u, HIDDEN)
            else:
                parts = (h + "mlp.gate_proj", h + "mlp.up_proj", h + "mlp.down_proj")
                y = self.gated(y, *parts, INNER)
            if o.get("gemma"):
                y = self.norm(h + "post_feedforward_layernorm", y, HIDDEN)
            x = x + y
        x = self.norm("model.norm", x, HIDDEN)
        tied = bool(o.get("gemma"))
        logits = (
            F.linear(x, self.get("model.embed_tokens.weight"))
            if tied
            else self.linear("lm_head", x, VOCABULARY)
        )
        if "caps" in o:
            logits = o["caps"][1] * torch.tanh(logits / o["caps"][1])
        loss = F.cross_entropy(logits.reshape(-1, VOCABULARY), targets.reshape(-1))
        if "experts" in o:
            p = torch.cat([r[0] for r in self.routes])
            chosen = torch.cat([r[1] for r in self.routes])
            share = F.one_hot(chosen, o["experts"]).double().mean(0)
            loss = loss + o["balance"] * o["experts"] * (share * p.mean(0)).sum()
        return loss


if __name__ == "__main__":
    print("# torch", torch.__version__)
    inputs = torch.tensor([(7 * i * i + 3 * i) % VOCABULARY for i in range(BATCH * STEPS)])
    targets = torch.tensor([(5 * i * i + i + 2) % VOCABULARY for i in range(BATCH * STEPS)])
    for name, options in FAMILIES.items():
        model = Model(name, options)
        loss = model.loss(inputs.reshape(BATCH, STEPS), targets)
        loss.backward()
        print(name, "loss", 1, "%.12e" % loss.item(), 0)
        for tensor, values in model.tensors.items():
            g = values.grad.flatten()
            along = torch.tensor([math.cos(0.9 * i) for i in range(len(g))])
            shape = ",".join(map(str, values.shape))
            print(name, tensor, shape, "%.9e" % g.norm().item(), "%.9e" % g.dot(along).item())
