#!/usr/bin/env python3
"""One critic and one generator update of MuseGAN's composer in PyTorch, in several settings: what ours is held against.

Every setting is one that PyTorch's users would reach for; the fastest of a precision counts. Those called "expert"
write the networks anew (torch_expert.py). Prints one line of JSON per setting.
Examples: torch_update.py --device cuda --batch 64 --iters 10
          torch_update.py --device cpu --batch 8 --setting plain --setting expert --setting "bf16 expert"
          torch_update.py --device cpu --preset compact --batch 16
"""
import argparse
import gc
import json
import resource
import statistics
import sys
import time
from typing import NamedTuple

import torch

sys.dont_write_bytecode = True  # nothing is left beside the sources
import torch_check
import torch_compact
import torch_expert
import torch_plain


class Setting(NamedTuple):
    precision: str = "f32"  # of products: f32, tf32, or bf16 by autocast
    benchmark: bool = False  # cudnn.benchmark
    channels_last: bool = False
    expert: bool = False


SETTINGS = {
    "plain": Setting(),
    "benchmark": Setting(benchmark=True),
    "tf32": Setting("tf32"),
    "tf32 benchmark": Setting("tf32", benchmark=True),
    "tf32 benchmark channels-last": Setting("tf32", benchmark=True, channels_last=True),
    "expert": Setting(expert=True),
    "tf32 expert": Setting("tf32", expert=True),
    "bf16 expert": Setting("bf16", expert=True),
}
# What runs where no setting is named: on a GPU all of the precisions that ours has there, on a CPU those that differ.
CUDA_DEFAULTS = [name for name, setting in SETTINGS.items() if setting.precision != "bf16"]
CPU_DEFAULTS = ["plain", "expert"]


class Networks(NamedTuple):
    plain: tuple  # composer and critic
    expert: tuple
    copy_weights: object  # (plain, expert): of composers or of critics
    as_expert: object  # phrases of the plain networks as the expert's have them


PRESETS = {
    "paper": Networks((torch_plain.Composer, torch_plain.Critic), (torch_expert.Composer, torch_expert.Critic),
                      torch_expert.copy_weights, torch_expert.as_expert),
    "compact": Networks((torch_compact.PlainComposer, torch_compact.PlainCritic),
                        (torch_compact.ExpertComposer, torch_compact.ExpertCritic),
                        torch_compact.copy_weights, torch_compact.as_expert),
}


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


def peak_resident_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024e-6


def measure(name, arguments):
    setting, networks = SETTINGS[name], PRESETS[arguments.preset]
    on_device = arguments.device.startswith("cuda")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = setting.precision == "tf32"
    torch.backends.cudnn.benchmark = setting.benchmark
    torch.manual_seed(0)
    wait = torch.cuda.synchronize if on_device else (lambda: None)
    device = torch.device(arguments.device)
    libraries = peak_resident_mb()
    if setting.expert:
        updates = torch_expert.Updates(networks.expert, device, arguments.batch, arguments.width,
                                       setting.precision == "bf16")
    else:
        updates = torch_plain.Updates(networks.plain, device, arguments.batch, arguments.width, setting.channels_last)
    if on_device:
        torch.cuda.reset_peak_memory_stats()
    critic = milliseconds(updates.update_critic, arguments.iters, wait)
    generator = milliseconds(updates.update_generator, arguments.iters, wait)
    result = {"setting": name, "precision": setting.precision, "preset": arguments.preset, "torch": torch.__version__,
              "device": arguments.device, "batch": arguments.batch, "width": arguments.width,
              "critic_ms": statistics.median(critic), "critic_ms_minmax": [min(critic), max(critic)],
              "gen_ms": statistics.median(generator), "gen_ms_minmax": [min(generator), max(generator)],
              "threads": torch.get_num_threads(), "libraries_rss_mb": libraries, "peak_rss_mb": peak_resident_mb()}
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
    parser.add_argument("--preset", default="paper", choices=PRESETS, help="whose networks (default: paper)")
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--iters", type=int, default=10)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--setting", action="append", choices=SETTINGS,
                        help="one or more (default: all f32 and TF32 ones that differ on the device)")
    parser.add_argument("--check", action="store_true",
                        help="only check that the expert's networks are the plain ones, and count their parameters")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.check:
        torch_check.check(PRESETS[arguments.preset], arguments.width)
        return
    for name in arguments.setting or (CUDA_DEFAULTS if arguments.device.startswith("cuda") else CPU_DEFAULTS):
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
