"""The same training step written in PyTorch as one would by hand: what `train-step.bench.ts` compares the engine with.

A PlainConvUNet with 3x3x3 kernels, instance norm, leaky ReLU and deep supervision; cross-entropy plus soft Dice per
sample; clipping at 12; SGD with Nesterov momentum. Reads one JSON setup line, then a number of steps per line, and
answers each with the seconds of every step and the last loss.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Sequential):
    def __init__(self, inputs, outputs, stride):
        super().__init__(
            nn.Conv3d(inputs, outputs, 3, stride, 1),
            nn.InstanceNorm3d(outputs, eps=1e-5, affine=True),
            nn.LeakyReLU(0.01, inplace=True),
        )


class UNet(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        inputs = [1, *features[:-1]]
        self.encoder = nn.ModuleList(
            nn.Sequential(Block(a, b, 1 if i == 0 else 2), Block(b, b, 1)) for i, (a, b) in enumerate(zip(inputs, features))
        )
        levels = list(zip(features[:0:-1], features[-2::-1]))
        self.up = nn.ModuleList(nn.ConvTranspose3d(low, high, 2, 2) for low, high in levels)
        self.decoder = nn.ModuleList(nn.Sequential(Block(2 * high, high, 1), Block(high, high, 1)) for _, high in levels)
        self.heads = nn.ModuleList(nn.Conv3d(high, heads, 1) for _, high in levels)

    def forward(self, x):
        skips = []
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        outputs = []
        for level, (up, decoder, head) in enumerate(zip(self.up, self.decoder, self.heads)):
            x = decoder(torch.cat([up(x), skips[-2 - level]], 1))
            outputs.append(head(x))
        return outputs[::-1]


def loss_of(logits, target):
    probabilities = logits.softmax(1)[:, 1:]
    with torch.no_grad():
        one_hot = torch.zeros(logits.shape, dtype=torch.bool).scatter_(1, target, 1)[:, 1:]
        annotated = one_hot.sum((2, 3, 4))
    intersection = (probabilities * one_hot).sum((2, 3, 4))
    predicted = probabilities.sum((2, 3, 4))
    dice = (2 * intersection + 1e-5) / torch.clip(annotated + predicted + 1e-5, 1e-8)
    return functional.cross_entropy(logits, target[:, 0]) - dice.mean()


def main():
    setup = json.loads(sys.stdin.readline())
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(0)
    patch, batch, heads = setup["patch"], setup["batch"], setup["heads"]
    memory_format = torch.channels_last_3d if setup["channelsLast"] else torch.contiguous_format
    network = UNet(setup["features"], heads).to(memory_format=memory_format)
    image = torch.randn(batch, 1, *patch).to(memory_format=memory_format)
    label = torch.randint(0, heads, (batch, 1, *patch))
    weights = [w for w in setup["weights"] if w > 0]
    targets = [label[:, :, :: 2**k, :: 2**k, :: 2**k] for k in range(len(weights))]
    optimizer = torch.optim.SGD(network.parameters(), 0.01, weight_decay=3e-5, momentum=0.99, nesterov=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = sum(w * loss_of(o, t) for w, o, t in zip(weights, network(image), targets))
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 12)
        optimizer.step()
        return loss.item()

    for line in sys.stdin:
        seconds, last = [], None
        for _ in range(int(line)):
            start = time.perf_counter()
            last = step()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds, "loss": last}), flush=True)


main()
