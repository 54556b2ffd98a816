#!/usr/bin/env python3
"""One critic and one generator update of MuseGAN's composer in PyTorch, in several settings: what ours is held against.

Every setting is one that PyTorch's users would reach for; the fastest of a precision counts. Those called "expert"
write the networks anew (torch_expert.py), "compiled" compiles what needs first derivatives alone, and "graph" makes one
CUDA graph of each update (torch_graph.py). They run in the order in which they may win, TF32 first, so that a time-out
leaves what matters. Prints a line of JSON with the names of the settings, then one per setting: its times, or an error.
critic_ms is what a training pays: several updates between two waits, divided by their number; critic_latency_ms is one
from an idle device to an idle device, critic_host_ms what the host takes to issue it, critic_device_ms what the device
takes. On a CPU, where nothing queues, all are one measurement. gen_ms and so on are the generator's.
Examples: torch_update.py --device cuda --batch 64
          torch_update.py --device cuda --batch 64 --setting "tf32 expert graph" --setting tf32
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
import traceback
from typing import NamedTuple

import torch

sys.dont_write_bytecode = True  # nothing is left beside the sources
import torch_check
import torch_compact
import torch_expert
import torch_graph
import torch_plain


class Setting(NamedTuple):
    precision: str = "f32"  # of products: f32, tf32, or bf16 by autocast
    benchmark: bool = False  # cudnn.benchmark
    channels_last: bool = False
    expert: bool = False
    compiled: bool = False
    graph: bool = False  # on a CUDA device only


# In the order in which they may win on a GPU.
SETTINGS = {
    "tf32 expert graph": Setting("tf32", expert=True, graph=True),
    "tf32 expert compiled graph": Setting("tf32", expert=True, compiled=True, graph=True),
    "tf32 expert": Setting("tf32", expert=True),
    "tf32 benchmark channels-last": Setting("tf32", benchmark=True, channels_last=True),
    "tf32 benchmark": Setting("tf32", benchmark=True),
    "tf32": Setting("tf32"),
    "bf16 expert graph": Setting("bf16", expert=True, graph=True),
    "expert graph": Setting(expert=True, graph=True),
    "expert": Setting(expert=True),
    "benchmark": Setting(benchmark=True),
    "plain": Setting(),
    "expert compiled": Setting(expert=True, compiled=True),
    "bf16 expert": Setting("bf16", expert=True),
}
# What runs where no setting is named; on a CPU those that differ.
CUDA_DEFAULTS = ["tf32 expert graph", "tf32 expert compiled graph", "tf32 expert", "tf32 benchmark channels-last",
                 "tf32 benchmark", "tf32", "bf16 expert graph", "expert graph", "benchmark", "plain"]
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


class Clock:
    """Times updates. On a GPU what is issued runs later, so that the host and the device have times of their own."""

    def __init__(self, on_device, arguments):
        self.on_device, self.arguments = on_device, arguments
        self.wait = torch.cuda.synchronize if on_device else (lambda: None)
        if on_device:
            self.ballast = torch.empty(64 << 20, dtype=torch.uint8, device="cuda")
            self.start, self.stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            self.ballast.zero_()
            self.ballast_ms = max(self.device_ms(lambda: [self.ballast.zero_() for _ in range(10)], 0) / 10, 1e-3)

    def repeat(self, count, seconds, once):
        """Runs `once` at least so often and for so long."""
        start = time.perf_counter()
        while count > 0 or time.perf_counter() - start < seconds:
            once()
            count -= 1

    def warm_up(self, updates):
        """Both kinds in turn: what compiles for the one may compile again for the other."""
        def once():
            updates.update_critic()
            updates.update_generator()
            self.wait()
        self.repeat(3, self.arguments.seconds, once)

    def measure(self, update):
        """Lists of milliseconds: in a queue, alone, the host's and the device's."""
        queued, alone, host, device = [], [], [], []

        def once():
            self.wait()
            start = time.perf_counter()
            update()
            host.append(1e3 * (time.perf_counter() - start))
            self.wait()
            alone.append(1e3 * (time.perf_counter() - start))
            if not self.on_device:
                host[-1] = alone[-1]
                queued.append(alone[-1])
                device.append(alone[-1])
                return
            device.append(self.device_ms(update, 2 * host[-1] + 1))
            start = time.perf_counter()
            for _ in range(self.arguments.queue):
                update()
            self.wait()
            queued.append(1e3 * (time.perf_counter() - start) / self.arguments.queue)
        self.repeat(self.arguments.iters, self.arguments.seconds, once)
        return queued, alone, host, device

    def device_ms(self, work, hidden_ms):
        """From an event before the work to one after it, behind other work of so many milliseconds, during which the
        host issues it."""
        self.wait()
        for _ in range(min(1000, int(hidden_ms / self.ballast_ms) + 1) if hidden_ms else 0):
            self.ballast.zero_()
        self.start.record()
        work()
        self.stop.record()
        self.wait()
        return self.start.elapsed_time(self.stop)


def times(prefix, measured):
    queued, alone, host, device = measured
    return {prefix + "_ms": statistics.median(queued), prefix + "_ms_minmax": [min(queued), max(queued)],
            prefix + "_latency_ms": statistics.median(alone), prefix + "_host_ms": statistics.median(host),
            prefix + "_device_ms": statistics.median(device), prefix + "_measured": len(queued)}


def peak_resident_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024e-6


def make_updates(setting, arguments):
    networks, device = PRESETS[arguments.preset], torch.device(arguments.device)
    if setting.expert:
        return torch_expert.Updates(networks.expert, device, arguments.batch, arguments.width,
                                    setting.precision == "bf16", setting.compiled)
    return torch_plain.Updates(networks.plain, device, arguments.batch, arguments.width, setting.channels_last)


def measure(name, arguments):
    setting = SETTINGS[name]
    on_device = arguments.device.startswith("cuda")
    if setting.graph and not on_device:
        raise RuntimeError("a CUDA graph needs a CUDA device")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = setting.precision == "tf32"
    torch.backends.cudnn.benchmark = setting.benchmark
    torch.manual_seed(0)
    libraries = peak_resident_mb()
    updates = made = make_updates(setting, arguments)
    clock = Clock(on_device, arguments)
    if setting.graph:
        updates = torch_graph.GraphedUpdates(made)  # resets the peak itself, between its warm-up and its captures
    clock.warm_up(updates)
    if on_device and not setting.graph:
        # What cudnn.benchmark and compilers tried is over; what they have chosen is in use.
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    critic, generator = clock.measure(updates.update_critic), clock.measure(updates.update_generator)
    result = {"setting": name, "precision": setting.precision, "preset": arguments.preset, "torch": torch.__version__,
              "device": arguments.device, "batch": arguments.batch, "width": arguments.width,
              **times("critic", critic), **times("gen", generator),
              "queue": arguments.queue if on_device else 1, "threads": torch.get_num_threads(),
              "libraries_rss_mb": libraries, "peak_rss_mb": peak_resident_mb()}
    if setting.compiled:
        result["compile_failures"] = made.compile_failures
    if on_device:
        # Bytes of tensors, with cuDNN's scratch memory, and bytes that the allocator took from the device; without what
        # the clock has.
        result["peak_tensor_mb"] = (torch.cuda.max_memory_allocated() - clock.ballast.nbytes) * 1e-6
        result["reserved_mb"] = (torch.cuda.max_memory_reserved() - clock.ballast.nbytes) * 1e-6
        result["gpu"] = torch.cuda.get_device_name()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--preset", default="paper", choices=PRESETS, help="whose networks (default: paper)")
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--iters", type=int, default=10, help="least number of times that each kind is measured")
    parser.add_argument("--seconds", type=float, default=1.0,
                        help="least time for which each kind is measured, and as much to warm up")
    parser.add_argument("--queue", type=int, default=10, help="updates between two waits on a GPU")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--setting", action="append", choices=SETTINGS,
                        help="one or more (default: those that may win on the device)")
    parser.add_argument("--check", action="store_true",
                        help="only check that the expert's networks are the plain ones, and count their parameters")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.check:
        torch_check.check(PRESETS[arguments.preset], arguments.width)
        return
    chosen = arguments.setting or (CUDA_DEFAULTS if arguments.device.startswith("cuda") else CPU_DEFAULTS)
    print(json.dumps({"settings": chosen}), flush=True)
    for name in chosen:
        try:
            print(json.dumps(measure(name, arguments)), flush=True)
        # Out of memory, no algorithm for this layout, no compiler: whatever it is, the other settings still count.
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            print(json.dumps({"setting": name, "precision": SETTINGS[name].precision, "error": lines[0]}), flush=True)
            traceback.print_exc()
        if SETTINGS[name].compiled:
            torch.compiler.reset()  # it would keep what it has compiled, and for what
        gc.collect()
        if arguments.device.startswith("cuda"):
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
