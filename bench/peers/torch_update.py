#!/usr/bin/env python3
"""One critic and one generator update of MuseGAN's composer in PyTorch, in several settings: what ours is held against.

Every setting is one that PyTorch's users would reach for; the fastest of them counts. Those called "expert" write the
networks anew (torch_expert.py). Prints one line of JSON per setting.
Examples: torch_update.py --device cuda --batch 64 --iters 10
          torch_update.py --device cpu --batch 8 --setting plain --setting expert
"""
import argparse
import gc
import json
import resource
import statistics
import sys
import time

import torch
from torch import nn

sys.dont_write_bytecode = True  # nothing is left beside the sources
import torch_expert

# name: tf32 products, cudnn.benchmark, channels-last memory, networks written by an expert
SETTINGS = {
    "plain": (False, False, False, False),
    "benchmark": (False, True, False, False),
    "tf32": (True, False, False, False),
    "tf32 benchmark": (True, True, False, False),
    "tf32 benchmark channels-last": (True, True, True, False),
    "expert": (False, False, False, True),
    "tf32 expert": (True, False, False, True),
}
# Those that differ on a CPU.
CPU_SETTINGS = ("plain", "expert")


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


def penalty(critic, real, fake):
    factor = torch.rand(real.size(0), 1, 1, 1, 1, device=real.device)
    between = torch.lerp(real, fake, factor).requires_grad_()
    slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return 10.0 * (slope.square().flatten(1).sum(1).add(1e-8).sqrt() - 1).square().mean()


class Updates:
    def __init__(self, device, batch, width, channels_last):
        self.device, self.batch = device, batch
        self.generator, self.critic = Composer(width).to(device), Critic(width).to(device)
        self.layout = torch.channels_last_3d if channels_last else torch.contiguous_format
        if channels_last:
            self.critic = self.critic.to(memory_format=torch.channels_last_3d)
            self.generator = self.generator.to(memory_format=torch.channels_last)
        self.generator_adam, self.critic_adam = (
            torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.5, 0.9))
            for network in (self.generator, self.critic))
        cells = torch.rand(batch, 5, 4, 96, 84, device=device) < 0.03
        self.real = (2.0 * cells - 1.0).contiguous(memory_format=self.layout)

    def generate(self):
        latents = 0.1 * torch.randn(2, self.batch, 64, device=self.device)
        return self.generator(latents[0], latents[1]).contiguous(memory_format=self.layout)

    def update_critic(self):
        with torch.no_grad():
            fake = self.generate()
        self.critic_adam.zero_grad(set_to_none=True)
        loss = self.critic(fake).mean() - self.critic(self.real).mean() + penalty(self.critic, self.real, fake)
        loss.backward()
        self.critic_adam.step()

    def update_generator(self):
        self.critic.requires_grad_(False)
        self.generator_adam.zero_grad(set_to_none=True)
        (-self.critic(self.generate()).mean()).backward()
        self.generator_adam.step()
        self.critic.requires_grad_(True)


def milliseconds(update, iterations, wait):
    times = []
    for i in range(-3, iterations):
        wait()
        start = time.perf_counter()
        update()
        wait()
        if i >= 0:
            times.append(1e3 * (time.perf_counter() - start))
    return times


def measure(name, arguments):
    tf32, benchmark, channels_last, expert = SETTINGS[name]
    on_device = arguments.device.startswith("cuda")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = benchmark
    torch.manual_seed(0)
    wait = torch.cuda.synchronize if on_device else (lambda: None)
    device = torch.device(arguments.device)
    if expert:
        updates = torch_expert.Updates(device, arguments.batch, arguments.width)
    else:
        updates = Updates(device, arguments.batch, arguments.width, channels_last)
    if on_device:
        torch.cuda.reset_peak_memory_stats()
    critic = milliseconds(updates.update_critic, arguments.iters, wait)
    generator = milliseconds(updates.update_generator, arguments.iters, wait)
    result = {"setting": name, "torch": torch.__version__, "device": arguments.device, "batch": arguments.batch,
              "width": arguments.width, "critic_ms": statistics.median(critic),
              "critic_ms_minmax": [min(critic), max(critic)], "gen_ms": statistics.median(generator),
              "gen_ms_minmax": [min(generator), max(generator)], "threads": torch.get_num_threads(),
              "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024e-6}
    if on_device:
        # Bytes of tensors, with cuDNN's scratch memory, and bytes that the allocator took from the device.
        result["peak_tensor_mb"] = torch.cuda.max_memory_allocated() * 1e-6
        result["reserved_mb"] = torch.cuda.max_memory_reserved() * 1e-6
        result["gpu"] = torch.cuda.get_device_name()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--iters", type=int, default=10)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--setting", action="append", choices=SETTINGS,
                        help="one or more (default: all that differ on the device)")
    parser.add_argument("--check", action="store_true", help="only check that the expert's critic is the plain one")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.check:
        torch_expert.check(Critic(arguments.width), arguments.width)
        return
    for name in arguments.setting or (SETTINGS if arguments.device.startswith("cuda") else CPU_SETTINGS):
        try:
            print(json.dumps(measure(name, arguments)), flush=True)
        # Out of memory, or cuDNN has no algorithm for this layout. The other settings still count.
        except RuntimeError as error:
            print(json.dumps({"setting": name, "error": str(error).splitlines()[0]}), flush=True)
        gc.collect()
        if arguments.device.startswith("cuda"):
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
