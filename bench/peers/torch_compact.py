"""The networks of the compact preset's composer in PyTorch, as any user writes them and as an expert does.

64 steps of 84 pitches are 4 bars of 4 beats of 4 steps, and 7 octaves of 12 pitches. The expert lays phrases out as
[tracks, N, beats, octaves, steps, pitches]: every layer of a track's own is then one batched product on views.
"""
import torch
from torch import nn
from torch.nn import functional as F

from torch_expert import SLOPE, Grow, Taps
from torch_plain import growing, scaled

TRACKS, BEATS, STEPS, OCTAVES, PITCHES = 5, 16, 4, 7, 12
LATENTS = 128
TIME, PITCH = 1, 2  # axes of what all tracks share, [N, time, pitch, channels]

# What all tracks share. Layers: channels at width 1, axis, kernel, stride.
GENERATOR = [(256, TIME, 4, 4), (128, TIME, 4, 4), (64, PITCH, 4, 4), (32, PITCH, 4, 1)]
CRITIC = [(64, PITCH, 4, 1), (64, PITCH, 4, 4), (128, TIME, 4, 4), (128, TIME, 2, 1), (256, TIME, 3, 3)]
PRIVATE = 16  # channels of each track's own layers


def along(axis, extent):
    return (extent, 1) if axis == TIME else (1, extent)


class PlainComposer(nn.Module):
    """z [N, 128] -> phrases [N, tracks, 64 steps, 84 pitches] in (-1, 1)."""

    AVERAGE = 0.98

    def __init__(self, width):
        super().__init__()
        c = scaled(width)
        steps = [(along(axis, kernel), along(axis, stride)) for _, axis, kernel, stride in GENERATOR]
        channels = [LATENTS] + [c(row[0]) for row in GENERATOR]
        self.shared = growing(nn.ConvTranspose2d, nn.BatchNorm2d, channels, steps)
        self.private = nn.ModuleList(
            growing(nn.ConvTranspose2d, nn.BatchNorm2d, [channels[-1], c(PRIVATE)], [((STEPS, 1), (STEPS, 1))])
            .append(nn.ConvTranspose2d(c(PRIVATE), 1, (1, PITCHES), (1, PITCHES))) for _ in range(TRACKS))

    def forward(self, latents):
        shared = self.shared(latents[:, :, None, None])
        return torch.tanh(torch.cat([track(shared) for track in self.private], dim=1))

    @staticmethod
    def draw(batch, device):
        return torch.randn(1, batch, LATENTS, device=device)


class PlainCritic(nn.Module):
    """Phrases -> scores [N]."""

    def __init__(self, width):
        super().__init__()
        c = scaled(width)
        own = c(PRIVATE)
        self.private = nn.ModuleList(nn.Sequential(
            nn.Conv2d(1, own, (1, PITCHES), (1, PITCHES)), nn.LeakyReLU(SLOPE),
            nn.Conv2d(own, own, (STEPS, 1), (STEPS, 1)), nn.LeakyReLU(SLOPE)) for _ in range(TRACKS))
        layers, before = [], TRACKS * own
        for channels, axis, kernel, stride in CRITIC:
            layers += [nn.Conv2d(before, c(channels), along(axis, kernel), along(axis, stride)), nn.LeakyReLU(SLOPE)]
            before = c(channels)
        self.shared = nn.Sequential(*layers, nn.Flatten(), nn.Linear(before, 1))

    def forward(self, phrases):
        tracks = [track(phrases[:, k:k + 1]) for k, track in enumerate(self.private)]
        return self.shared(torch.cat(tracks, dim=1)).flatten()

    @staticmethod
    def shape(batch):
        return batch, TRACKS, BEATS * STEPS, OCTAVES * PITCHES


class PerTrack(nn.Module):
    """A product of each track's own: [tracks, rows, before] -> [tracks, rows, after], with `biases` of 1 or `after`."""

    def __init__(self, before, after, biases):
        super().__init__()
        bound = before ** -0.5
        self.weight = nn.Parameter(torch.empty(TRACKS, before, after).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(TRACKS, 1, biases).uniform_(-bound, bound))

    def forward(self, x):
        return torch.baddbmm(self.bias, x, self.weight)


class ExpertComposer(nn.Module):
    """z [N, 128] -> phrases [tracks, N, beats, octaves, steps, pitches] in (-1, 1)."""

    AVERAGE, draw = PlainComposer.AVERAGE, staticmethod(PlainComposer.draw)

    def __init__(self, width):
        super().__init__()
        c = scaled(width)
        layers, before = [], LATENTS
        for channels, _, kernel, _ in GENERATOR[:-1]:
            layers.append(Grow(before, c(channels), kernel))
            before = c(channels)
        self.layers = nn.Sequential(*layers)
        self.fourths, self.taps = GENERATOR[-2][2], GENERATOR[-1][2]
        self.octaves = nn.Linear(before, self.taps * c(GENERATOR[-1][0]), bias=False)
        self.norm = nn.BatchNorm1d(c(GENERATOR[-1][0]))
        # A batch norm of all tracks' channels is one of each track's: it knows no other channel.
        self.own, self.steps = c(PRIVATE), Grow(c(GENERATOR[-1][0]), TRACKS * c(PRIVATE), STEPS)
        self.pitches = PerTrack(c(PRIVATE), PITCHES, biases=1)

    def forward(self, latents):
        rows = self.octaves(self.layers(latents)).view(-1, self.fourths, self.taps, self.norm.num_features)
        spread = sum(F.pad(rows[:, :, tap], (0, 0, tap, self.taps - 1 - tap)) for tap in range(self.taps))
        rows = self.steps(F.relu(self.norm(spread.flatten(0, 1))))
        tracks = self.pitches(rows.view(-1, TRACKS, self.own).transpose(0, 1))
        return torch.tanh(tracks).view(ExpertCritic.shape(latents.size(0)))


class ExpertCritic(nn.Module):
    """Phrases [tracks, N, beats, octaves, steps, pitches] -> scores [N]."""

    AXIS = 1  # of its phrases, along which one follows the other

    def __init__(self, width):
        super().__init__()
        c = scaled(width)
        own = c(PRIVATE)
        self.pitches, self.steps = PerTrack(PITCHES, own, own), PerTrack(STEPS * own, own, own)
        layers, before = [], TRACKS * own
        for channels, axis, kernel, stride in CRITIC:
            layers.append(Taps(before, c(channels), axis, kernel, stride))
            before = c(channels)
        self.shared, self.score = nn.ModuleList(layers), nn.Linear(before, 1)

    def forward(self, x):
        tracks = F.leaky_relu(self.pitches(x.view(TRACKS, -1, PITCHES)), SLOPE)
        tracks = F.leaky_relu(self.steps(tracks.view(TRACKS, -1, STEPS * tracks.size(-1))), SLOPE)
        h = tracks.transpose(0, 1).reshape(-1, BEATS, OCTAVES, TRACKS * tracks.size(-1))
        for layer in self.shared:
            h = layer(h)
        return self.score(h.flatten(1)).flatten()

    @staticmethod
    def shape(batch):
        return TRACKS, batch, BEATS, OCTAVES, STEPS, PITCHES


def as_expert(phrases):
    """Phrases of the plain networks as the expert's lie in memory."""
    return phrases.view(-1, TRACKS, BEATS, STEPS, OCTAVES, PITCHES).permute(1, 0, 2, 4, 3, 5).contiguous()


def copy_weights(plain, expert):
    """From a plain critic or composer to the expert's, so that both compute the same."""
    stack = lambda tensors: torch.stack(list(tensors))
    shared = [layer for layer in plain.shared if hasattr(layer, "weight")]
    if isinstance(plain, PlainCritic):
        for k, layer in ((0, expert.pitches), (2, expert.steps)):  # [own, before, kernel] -> [kernel * before, own]
            layer.weight.copy_(stack(t[k].weight.flatten(2).permute(2, 1, 0).flatten(0, 1) for t in plain.private))
            layer.bias.copy_(stack(t[k].bias[None] for t in plain.private))
        for layer, convolution in zip(expert.shared, shared):
            layer.weight.copy_(convolution.weight.flatten(2).permute(2, 1, 0))
            layer.bias.copy_(convolution.bias)
        expert.score.load_state_dict(shared[-1].state_dict())
        return
    # [before, after, kernel] -> [kernel * after, before]; batch norm takes away what a bias before it adds.
    product = lambda layer: layer.weight.flatten(2).permute(2, 1, 0).flatten(0, 1)
    for layer, convolution in zip([grow.product for grow in expert.layers] + [expert.octaves], shared[::2]):
        layer.weight.copy_(product(convolution))
    steps = stack(track[0].weight.flatten(2) for track in plain.private)  # [tracks, before, own, steps]
    expert.steps.product.weight.copy_(steps.permute(3, 0, 2, 1).flatten(0, 2))
    expert.pitches.weight.copy_(stack(track[3].weight.flatten(1) for track in plain.private))
    expert.pitches.bias.copy_(stack(track[3].bias.view(1, 1) for track in plain.private))
