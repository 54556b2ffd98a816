"""The same networks and updates as torch_update.py, as an expert writes them for speed.

Memory is channels-last and no convolution is called. Where a kernel does not overlap itself, its taps and channels lie
next to each other in memory, so that the layer is one matrix product on a view. Elsewhere it is one product per tap, or
a product on copies where the taps are thin. The scores of fake and real phrases are one pass, Adam is one fused call,
and gradients of what is not trained are never asked for.
"""
import torch
from torch import nn
from torch.nn import functional as F

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
    """A convolution along one axis: [..., extent, ..., before] -> [..., windows, ..., after].

    The weight is [kernel, before, after].
    """

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
            return torch.addmm(self.bias, rows, self.weight.flatten(0, 1)).view(shape)
        span = (windows - 1) * self.stride + 1
        taps = [x.narrow(self.axis, tap, span) for tap in range(self.kernel)]
        if self.stride > 1:
            index = [slice(None)] * x.dim()
            index[self.axis] = slice(None, None, self.stride)
            taps = [tap[tuple(index)] for tap in taps]
        if before < 16 or self.stride > 1:
            rows = torch.cat(taps, -1).flatten(0, -2)
            return torch.addmm(self.bias, rows, self.weight.flatten(0, 1)).view(shape)
        sums = torch.addmm(self.bias, taps[0].reshape(-1, before), self.weight[0])
        for tap, weight in zip(taps[1:], self.weight[1:]):
            sums = torch.addmm(sums, tap.reshape(-1, before), weight)
        return sums.view(shape)


class Critic(nn.Module):
    """Phrases [N, bars, steps, pitches, tracks] -> scores [N]."""

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
            x = F.leaky_relu(layer(x), SLOPE)
        return self.score(F.leaky_relu(self.dense(x.flatten(1)), SLOPE)).flatten()


class Grow(nn.Module):
    """Rows [n, before] -> [n * extent, after]: a transposed convolution with kernel = stride, batch norm, ReLU."""

    def __init__(self, before, after, extent):
        super().__init__()
        self.product, self.norm = nn.Linear(before, extent * after, bias=False), nn.BatchNorm1d(after)

    def forward(self, rows):
        return F.relu(self.norm(self.product(rows).view(-1, self.norm.num_features)))


class Composer(nn.Module):
    """z and z_t [N, 64] -> phrases [N, bars, steps, pitches, tracks] in (-1, 1)."""

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
        self.last = nn.Linear(before, 12 * TRACKS)

    def by_bar(self, temporal):
        """Two positions become four, kernel 3: each adds three taps, one further."""
        taps = self.three_taps(self.two(temporal)).view(-1, 2, 3, 64)
        sums = F.pad(taps[:, 0], (0, 0, 0, 1)) + F.pad(taps[:, 1], (0, 0, 1, 0))
        return F.relu(self.norm(sums.reshape(-1, 64))).view(-1, BARS, 64)

    def forward(self, shared, temporal):
        latents = torch.cat([self.by_bar(temporal), shared.unsqueeze(1).expand(-1, BARS, -1)], dim=2)
        rows = self.first(latents.flatten(0, 1)).view(-1, self.channels)
        return torch.tanh(self.last(self.layers(rows))).view(-1, BARS, STEPS, PITCHES, TRACKS)


def critic_loss(critic, real, fake, factor):
    between = torch.lerp(real, fake, factor).requires_grad_()
    slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    penalty = (slope.flatten(1).square().sum(1).add(1e-8).sqrt() - 1).square().mean()
    fakes, reals = critic(torch.cat([fake, real])).chunk(2)
    return fakes.mean() - reals.mean() + 10.0 * penalty


class Updates:
    def __init__(self, device, batch, width):
        self.device, self.batch = device, batch
        self.generator, self.critic = Composer(width).to(device), Critic(width).to(device)
        self.generator_adam, self.critic_adam = (
            torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.5, 0.9), fused=True)
            for network in (self.generator, self.critic))
        self.real = 2.0 * (torch.rand(batch, BARS, STEPS, PITCHES, TRACKS, device=device) < 0.03) - 1.0

    def generate(self):
        shared, temporal = 0.1 * torch.randn(2, self.batch, 64, device=self.device)
        return self.generator(shared, temporal)

    def update_critic(self):
        with torch.no_grad():
            fake = self.generate()
        factor = torch.rand(self.batch, 1, 1, 1, 1, device=self.device)
        self.critic_adam.zero_grad(set_to_none=True)
        critic_loss(self.critic, self.real, fake, factor).backward()
        self.critic_adam.step()

    def update_generator(self):
        self.critic.requires_grad_(False)
        self.generator_adam.zero_grad(set_to_none=True)
        (-self.critic(self.generate()).mean()).backward()
        self.generator_adam.step()
        self.critic.requires_grad_(True)


def check(plain, width):
    """Prints how far the expert's critic is from `plain` (torch_update.Critic) with the same weights, in f64."""
    plain, expert = plain.double(), Critic(width).double()
    convolutions = [layer for layer in plain.layers if isinstance(layer, nn.Conv3d)]
    dense = [layer for layer in plain.layers if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, convolution in zip(expert.taps, convolutions):
            # [after, before, kernel...] -> [kernel, before, after]
            layer.weight.copy_(convolution.weight.flatten(2).permute(2, 1, 0))
            layer.bias.copy_(convolution.bias)
        after = convolutions[-1].out_channels
        weight = dense[0].weight.view(-1, after, 5).transpose(1, 2)  # channels before steps, and the other way round
        expert.dense.weight.copy_(weight.flatten(1))
        expert.dense.bias.copy_(dense[0].bias)
        expert.score.load_state_dict(dense[1].state_dict())
    real, fake = 2 * torch.rand(2, 2, BARS, STEPS, PITCHES, TRACKS, dtype=torch.float64) - 1
    factor = torch.rand(2, 1, 1, 1, 1, dtype=torch.float64)
    swapped = lambda phrases: plain(phrases.permute(0, 4, 1, 2, 3))
    losses = [critic_loss(critic, real, fake, factor) for critic in (swapped, expert)]
    for loss in losses:
        loss.backward()
    gradients = [(layer.weight.grad, convolution.weight.grad.flatten(2).permute(2, 1, 0))
                 for layer, convolution in zip(expert.taps, convolutions)]
    worst = max(((ours - theirs).abs().max() / theirs.abs().max()).item() for ours, theirs in gradients)
    difference = abs((losses[0] - losses[1]).item())
    print(f"loss differs by {difference:.2e}, gradients by {worst:.2e} of the largest")
    if not (difference < 1e-10 and worst < 1e-8):
        raise SystemExit("torch_expert: the two critics differ")
