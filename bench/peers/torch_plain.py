"""Networks and updates of MuseGAN's composer in PyTorch, as any user writes them: convolutions, one pass per batch."""
import torch
from torch import nn

BETAS = (0.5, 0.9)


def scaled(width):
    return lambda channels: max(1, round(channels * width))


def growing(convolution, norm, channels, steps):
    """Transposed convolutions, each with batch norm and ReLU."""
    layers = []
    for (before, after), (kernel, stride) in zip(zip(channels, channels[1:]), steps):
        layers += [convolution(before, after, kernel, stride), norm(after), nn.ReLU()]
    return nn.Sequential(*layers)


class Composer(nn.Module):
    """z [N, 64], z_t [N, 64] -> phrases [N, 5 tracks, 4 bars, 96 steps, 84 pitches] in (-1, 1)."""

    AVERAGE = None  # decay of the average of its weights

    def __init__(self, width):
        super().__init__()
        c = scaled(width)
        self.temporal = growing(nn.ConvTranspose1d, nn.BatchNorm1d, [64, c(1024), 64], [(2, 2), (3, 1)])
        self.first = nn.Sequential(nn.Linear(128, 2 * c(512)), nn.BatchNorm1d(2 * c(512)), nn.ReLU())
        down = ((2, 1), (2, 1))
        self.bars = growing(
            nn.ConvTranspose2d, nn.BatchNorm2d, [c(n) for n in (512, 512, 256, 256, 128, 128, 64)],
            [down, down, down, down, ((3, 1), (3, 1)), ((1, 7), (1, 1))])
        self.last = nn.ConvTranspose2d(c(64), 5, (1, 12), (1, 12))

    def forward(self, shared, temporal):
        count = shared.size(0)
        by_bar = self.temporal(temporal.unsqueeze(2)).transpose(1, 2)
        latents = torch.cat([by_bar, shared.unsqueeze(1).expand(count, 4, 64)], dim=2).flatten(0, 1)
        seeds = self.first(latents)
        bars = torch.tanh(self.last(self.bars(seeds.view(4 * count, seeds.size(1) // 2, 2, 1))))
        return bars.view(count, 4, 5, 96, 84).transpose(1, 2)

    @staticmethod
    def draw(batch, device):
        return 0.1 * torch.randn(2, batch, 64, device=device)


class Critic(nn.Module):
    """Phrases -> scores [N]. Kernels are (bars, time, pitch)."""

    def __init__(self, width):
        super().__init__()
        c = scaled(width)
        table = [(c(128), (2, 1, 1), 1), (c(128), (3, 1, 1), 1), (c(128), (1, 1, 12), (1, 1, 12)),
                 (c(128), (1, 1, 7), (1, 1, 7)), (c(128), (1, 2, 1), (1, 2, 1)), (c(128), (1, 2, 1), (1, 2, 1)),
                 (c(256), (1, 4, 1), (1, 2, 1)), (c(512), (1, 3, 1), (1, 2, 1))]
        layers, channels = [], 5
        for after, kernel, stride in table:
            layers += [nn.Conv3d(channels, after, kernel, stride), nn.LeakyReLU(0.2)]
            channels = after
        layers += [nn.Flatten(), nn.Linear(5 * channels, c(1024)), nn.LeakyReLU(0.2), nn.Linear(c(1024), 1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, phrases):
        return self.layers(phrases).flatten()

    @staticmethod
    def shape(batch):
        return batch, 5, 4, 96, 84


def critic_loss(critic, real, fake, factor):
    """factor [N] says where between a real phrase and a fake one the slope is taken."""
    between = torch.lerp(real, fake, factor.view(-1, *[1] * (real.dim() - 1))).requires_grad_()
    slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    penalty = 10.0 * (slope.square().flatten(1).sum(1).add(1e-8).sqrt() - 1).square().mean()
    return critic(fake).mean() - critic(real).mean() + penalty


class WeightAverage:
    """A second set of weights that follows those of a network, as much as its AVERAGE says; none without one."""

    def __init__(self, network):
        self.decay, self.updates = network.AVERAGE, 0
        self.weights = list(network.parameters()) if self.decay else []
        self.average = [weight.detach().clone() for weight in self.weights]

    def follow(self):
        self.updates += 1
        if self.weights:
            share = 1 - min(self.decay, self.updates / (self.updates + 1))
            with torch.no_grad():
                torch._foreach_lerp_(self.average, self.weights, share)


class Updates:
    def __init__(self, networks, device, batch, width, channels_last):
        composer, critic = networks
        self.device, self.batch = device, batch
        self.generator, self.critic = composer(width).to(device), critic(width).to(device)
        dimensions = len(critic.shape(batch))
        self.layout = torch.contiguous_format
        if channels_last:
            self.layout = torch.channels_last_3d if dimensions == 5 else torch.channels_last
            self.critic = self.critic.to(memory_format=self.layout)
            self.generator = self.generator.to(memory_format=torch.channels_last)
        self.generator_adam, self.critic_adam = (
            torch.optim.Adam(network.parameters(), lr=1e-3, betas=BETAS) for network in (self.generator, self.critic))
        self.average = WeightAverage(self.generator)
        cells = torch.rand(critic.shape(batch), device=device) < 0.03
        self.real = (2.0 * cells - 1.0).contiguous(memory_format=self.layout)

    def generate(self):
        latents = self.generator.draw(self.batch, self.device)
        return self.generator(*latents).contiguous(memory_format=self.layout)

    def update_critic(self):
        with torch.no_grad():
            fake = self.generate()
        self.critic_adam.zero_grad(set_to_none=True)
        critic_loss(self.critic, self.real, fake, torch.rand(self.batch, device=self.device)).backward()
        self.critic_adam.step()

    def update_generator(self):
        self.critic.requires_grad_(False)
        self.generator_adam.zero_grad(set_to_none=True)
        (-self.critic(self.generate()).mean()).backward()
        self.generator_adam.step()
        self.average.follow()
        self.critic.requires_grad_(True)
