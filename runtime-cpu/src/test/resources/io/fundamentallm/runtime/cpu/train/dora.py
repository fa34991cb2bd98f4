"""Writes dora.txt: gradients of a weight-decomposed adapter by PyTorch's autograd, as PEFT has it.

The weight of an output is m/|V|·V with V = W + s·B·A; the norm is detached (PEFT's dora.py).
Run with PyTorch 2.6: python3 dora.py > dora.txt
"""

import math

import torch

torch.set_default_dtype(torch.float64)


def numbers(count, seed):
    return torch.tensor([math.sin(1.7 * i + seed) for i in range(count)])


OUTPUTS, INPUTS, RANK, SCALE = 5, 7, 2, 3.0
w = numbers(OUTPUTS * INPUTS, 1).reshape(OUTPUTS, INPUTS)
a = (0.3 * numbers(RANK * INPUTS, 2)).reshape(RANK, INPUTS).requires_grad_()
b = (0.2 * numbers(OUTPUTS * RANK, 3)).reshape(OUTPUTS, RANK).requires_grad_()
m = (2 + numbers(OUTPUTS, 4)).requires_grad_()
dy = numbers(OUTPUTS * INPUTS, 5).reshape(OUTPUTS, INPUTS)

v = w + SCALE * b @ a
made = (m / v.norm(dim=1).detach()).unsqueeze(1) * v
(made * dy).sum().backward()
print("# torch", torch.__version__)
for name, values in (("made", made), ("a", a.grad), ("b", b.grad), ("m", m.grad)):
    print(name, *("%.9e" % x for x in values.detach().flatten().tolist()))
