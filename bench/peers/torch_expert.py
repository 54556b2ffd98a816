"""The same networks and updates as torch_plain.py, as an expert writes them for speed.

Memory is channels-last and no convolution is called. Where a kernel does not overlap itself, its taps and channels lie
next to each other in memory, so that the layer is one matrix product on a view. Elsewhere it is one product per tap, or
a product on copies where the taps are thin. LeakyReLU works in place. The scores of fake and real phrases are one pass,
Adam is one fused call, and gradients of what is not trained are never asked for. In bf16 products and what lies between
them are bf16 (autocast), weights, Adam and sums over a phrase f32. On a CPU freed memory is kept for the next update.

What needs first derivatives alone can be compiled (torch.compile): the composer, and the critic's scores of fake and
real phrases. The penalty's forward pass cannot, since a compiled function has no second derivative. torch_graph.py
makes a CUDA graph of a whole update.
"""
import ctypes

import torch
from torch import nn
from torch.nn import functional as F

import torch_plain
from torch_plain import BETAS

BARS, STEPS, PITCHES, TRACKS = 4, 96, 84, 5
BAR, TIME, PITCH = 1, 2, 3  # axes of phrases [N, bars, steps, pitches, channels]
SLOPE = 0.2

# The critic's convolutions: channels at width 1, the one axis along which the kernel reaches, its extent, its stride.
CRITIC = [(128, BAR, 2, 1), (128, BAR, 3, 1), (128, PITCH, 12, 12), (128, PITCH, 7, 7), (128, TIME, 2, 2),
          (128, TIME, 2, 2), (256, TIME, 4, 2), (512, TIME, 3, 2)]
# The bar generator's transposed convolutions, kernel = stride: channels at width 1, extent.
BAR_GENERATOR = [(512, 2), (256, 2), (256, 2), (128, 2), (128, 3), (64, 7)]


def scaled(channels, width):
    return max(1, round(channels * width))


class Taps(nn.Module):
    """A convolution along one axis, then LeakyReLU: [..., extent, ..., before] -> [..., windows, ..., after].

    The weight is [kernel, before, after]. `batched` says that the product of a tap takes the phrases one by one, in one
    call that reads them where they lie; else their rows are copied next to each other first. A GPU is faster with the
    one, a CPU with the other.
    """

    batched = False

    def __init__(self, before, after, axis, kernel, stride):
        super().__init__()
        self.axis, self.kernel, self.stride = axis, kernel, stride
        bound = (kernel * before) ** -0.5
        self.weight = nn.Parameter(torch.empty(kernel, before, after).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(after).uniform_(-bound, bound))

    def forward(self, x):
        before = x.size(-1)
        windows = (x.size(self.axis) - self.kernel) // self.stride + 1
        shape = list(x.shape[:-1]) + [self.bias.numel()]
        shape[self.axis] = windows
        inner = x.shape[self.axis + 1:-1].numel()
        if self.kernel == self.stride and inner == 1:
            rows = x.reshape(-1, self.kernel * before)  # a view: the taps are neighbours in memory
            return self.finish(torch.addmm(self.bias, rows, self.weight.flatten(0, 1)), shape)
        span = (windows - 1) * self.stride + 1
        taps = [x.narrow(self.axis, tap, span) for tap in range(self.kernel)]
        if self.stride > 1:
            index = [slice(None)] * x.dim()
            index[self.axis] = slice(None, None, self.stride)
            taps = [tap[tuple(index)] for tap in taps]
        if before < 16 or self.stride > 1:
            rows = torch.cat(taps, -1).flatten(0, -2)
            return self.finish(torch.addmm(self.bias, rows, self.weight.flatten(0, 1)), shape)
        if self.batched and self.axis == 1:  # a tap of a phrase is one stretch of memory
            sums = self.bias
            for tap, weight in zip(taps, self.weight):
                sums = torch.baddbmm(sums, tap.flatten(1, -2), weight.expand(x.size(0), -1, -1))
            return self.finish(sums, shape)
        sums = torch.addmm(self.bias, taps[0].reshape(-1, before), self.weight[0])
        for tap, weight in zip(taps[1:], self.weight[1:]):
            sums = torch.addmm(sums, tap.reshape(-1, before), weight)
        return self.finish(sums, shape)

    @staticmethod
    def finish(sums, shape):
        return F.leaky_relu(sums, SLOPE, inplace=True).view(shape)


class Critic(nn.Module):
    """Phrases [N, bars, steps, pitches, tracks] -> scores [N]."""

    AXIS = 0  # of its phrases, along which one follows the other

    def __init__(self, width):
        super().__init__()
        layers, before = [], TRACKS
        for channels, axis, kernel, stride in CRITIC:
            after = scaled(channels, width)
            layers.append(Taps(before, after, axis, kernel, stride))
            before = after
        self.taps = nn.ModuleList(layers)
        self.dense = nn.Linear(5 * before, scaled(1024, width))
        self.score = nn.Linear(scaled(1024, width), 1)

    def forward(self, x):
        for layer in self.taps:
            x = layer(x)
        return self.score(F.leaky_relu(self.dense(x.flatten(1)), SLOPE)).flatten()

    @staticmethod
    def shape(batch):
        return batch, BARS, STEPS, PITCHES, TRACKS


class Grow(nn.Module):
    """Rows [n, before] -> [n * extent, after]: a transposed convolution with kernel = stride, batch norm, ReLU."""

    def __init__(self, before, after, extent):
        super().__init__()
        self.product, self.norm = nn.Linear(before, extent * after, bias=False), nn.BatchNorm1d(after)

    def forward(self, rows):
        return F.relu(self.norm(self.product(rows).view(-1, self.norm.num_features)))


class Composer(nn.Module):
    """z and z_t [N, 64] -> phrases [N, bars, steps, pitches, tracks] in (-1, 1)."""

    AVERAGE, draw = torch_plain.Composer.AVERAGE, staticmethod(torch_plain.Composer.draw)

    def __init__(self, width):
        super().__init__()
        wide = scaled(1024, width)
        self.two = Grow(64, wide, 2)
        self.three_taps, self.norm = nn.Linear(wide, 3 * 64, bias=False), nn.BatchNorm1d(64)
        before = scaled(512, width)
        self.first = Grow(128, 2 * before, 1)
        self.channels = before
        layers = []
        for channels, extent in BAR_GENERATOR:
            after = scaled(channels, width)
            layers.append(Grow(before, after, extent))
            before = after
        self.layers = nn.Sequential(*layers)
        self.last, self.bias = nn.Linear(before, 12 * TRACKS, bias=False), nn.Parameter(torch.zeros(TRACKS))

    def by_bar(self, temporal):
        """Two positions become four, kernel 3: each adds three taps, one further."""
        taps = self.three_taps(self.two(temporal)).view(-1, 2, 3, 64)
        sums = F.pad(taps[:, 0], (0, 0, 0, 1)) + F.pad(taps[:, 1], (0, 0, 1, 0))
        return F.relu(self.norm(sums.reshape(-1, 64))).view(-1, BARS, 64)

    def forward(self, shared, temporal):
        latents = torch.cat([self.by_bar(temporal), shared.unsqueeze(1).expand(-1, BARS, -1)], dim=2)
        rows = self.first(latents.flatten(0, 1)).view(-1, self.channels)
        last = F.linear(self.layers(rows), self.last.weight, self.bias.repeat(12))
        return torch.tanh(last).view(-1, BARS, STEPS, PITCHES, TRACKS)


def as_expert(phrases):
    """Phrases of the plain networks [N, tracks, bars, steps, pitches] as the expert's lie in memory."""
    return phrases.permute(0, 2, 3, 4, 1).contiguous()


def copy_weights(plain, expert):
    """From a plain critic or composer to the expert's, so that both compute the same."""
    if isinstance(plain, torch_plain.Critic):
        convolutions = [layer for layer in plain.layers if isinstance(layer, nn.Conv3d)]
        dense, score = [layer for layer in plain.layers if isinstance(layer, nn.Linear)]
        for layer, convolution in zip(expert.taps, convolutions):
            # [after, before, kernel...] -> [kernel, before, after]
            layer.weight.copy_(convolution.weight.flatten(2).permute(2, 1, 0))
            layer.bias.copy_(convolution.bias)
        # Channels before steps, and the other way round.
        by_step = dense.weight.view(-1, convolutions[-1].out_channels, 5).transpose(1, 2)
        expert.dense.weight.copy_(by_step.flatten(1))
        expert.dense.bias.copy_(dense.bias)
        expert.score.load_state_dict(score.state_dict())
        return
    # [before, after, kernel...] -> [kernel * after, before]; batch norm takes away what a bias before it adds.
    product = lambda layer: layer.weight.flatten(2).permute(2, 1, 0).flatten(0, 1)
    expert.two.product.weight.copy_(product(plain.temporal[0]))
    expert.three_taps.weight.copy_(product(plain.temporal[3]))
    # Channels before the two steps, and the other way round.
    by_step = plain.first[0].weight.view(-1, 2, plain.first[0].in_features).transpose(0, 1)
    expert.first.product.weight.copy_(by_step.flatten(0, 1))
    for grow, convolution in zip(expert.layers, plain.bars[::3]):
        grow.product.weight.copy_(product(convolution))
    expert.last.weight.copy_(product(plain.last))
    expert.bias.copy_(plain.last.bias)


def critic_loss(critic, real, fake, factor, score=None):
    """factor [N] says where between a real phrase and a fake one the slope is taken. `score` is the critic, or one that
    can be differentiated once alone."""
    axis, others = critic.AXIS, [k for k in range(real.dim()) if k != critic.AXIS]
    shape = [-1 if k == axis else 1 for k in range(real.dim())]
    between = torch.lerp(real, fake, factor.to(real.dtype).view(shape)).requires_grad_()
    slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    squares = slope.square().sum(others, dtype=factor.dtype)
    penalty = (squares.add(1e-8).sqrt() - 1).square().mean()
    fakes, reals = (score or critic)(torch.cat([fake, real], axis)).to(factor.dtype).chunk(2)
    return fakes.mean() - reals.mean() + 10.0 * penalty


class FirstOrder:
    """A network by torch.compile; where that fails, the network itself, with the reason in `failures`."""

    def __init__(self, network, failures):
        # Two batches, of the critic's update and the generator's, are two programs rather than one of any size.
        self.network, self.failures, self.compiled = network, failures, torch.compile(network, dynamic=False)

    def __call__(self, *inputs):
        if self.compiled is not None:
            try:
                return self.compiled(*inputs)
            except Exception as error:  # of any kind: the compiler has many parts
                self.failures.append(f"{type(self.network).__name__}: {str(error).strip().splitlines()[0]}")
                self.compiled = None
        return self.network(*inputs)


def keep_memory():
    """Has glibc keep what is freed. By default it hands large blocks back to the kernel, which then clears every page
    of the next one: at the paper's sizes that takes about as long as the arithmetic."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        trim_threshold, mmap_max = -1, -4  # <malloc.h>
        mallopt(trim_threshold, -1)
        mallopt(mmap_max, 0)


class Updates:
    def __init__(self, networks, device, batch, width, bf16, compiled=False):
        composer, critic = networks
        on_device = device.type == "cuda"
        if not on_device:
            keep_memory()
        self.device, self.batch, self.bf16 = device, batch, bf16
        self.generator, self.critic = composer(width).to(device), critic(width).to(device)
        for layer in self.critic.modules():
            if isinstance(layer, Taps):
                layer.batched = on_device
        self.compile_failures = []
        self.make, self.score = (FirstOrder(network, self.compile_failures) if compiled else network
                                 for network in (self.generator, self.critic))
        # capturable: its step counts are on the device, so that a CUDA graph of a step counts, too.
        self.generator_adam, self.critic_adam = (
            torch.optim.Adam(network.parameters(), lr=1e-3, betas=BETAS, fused=True, capturable=on_device)
            for network in (self.generator, self.critic))
        self.average = torch_plain.WeightAverage(self.generator)
        cells = torch.rand(critic.shape(batch), device=device) < 0.03
        self.real = (2.0 * cells - 1.0).to(torch.bfloat16 if bf16 else torch.float32)

    def autocast(self):
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)

    def generate(self):
        return self.make(*self.generator.draw(self.batch, self.device))

    def update_critic(self):
        with torch.no_grad(), self.autocast():
            fake = self.generate()
        factor = torch.rand(self.batch, device=self.device)
        self.critic_adam.zero_grad(set_to_none=True)
        with self.autocast():
            loss = critic_loss(self.critic, self.real, fake, factor, self.score)
        loss.backward()
        self.critic_adam.step()

    def update_generator(self):
        self.critic.requires_grad_(False)
        self.generator_adam.zero_grad(set_to_none=True)
        with self.autocast():
            loss = -self.score(self.generate()).float().mean()
        loss.backward()
        self.generator_adam.step()
        self.average.follow()
        self.critic.requires_grad_(True)
