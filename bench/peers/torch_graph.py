"""Whole updates as CUDA graphs: what the host issues once is played again by one call.

Everything that an update touches lies at the same addresses each time: weights, Adam's moments and counts
(capturable), and the real phrases. Latents and factors are drawn inside the graph: PyTorch registers its generator with
a graph and moves it on at each replay. Gradients are set to None inside the update, so that the capture allocates them
in the graph's own pool and a replay overwrites them.
"""
import torch

WARM_UPS = 3  # cuBLAS chooses, Adam makes its moments, compilers compile: nothing of that can be captured


class GraphedUpdates:
    """The updates of `updates` (torch_expert.Updates or torch_plain.Updates on a CUDA device), each as one graph."""

    def __init__(self, updates):
        if updates.average.weights:
            raise RuntimeError("a graph would freeze the share by which the average of weights follows")
        self.updates = updates
        # Warmed up on a side stream, as PyTorch's notes on CUDA graphs ask: what backward() makes there once does not
        # belong to the stream of the capture.
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UPS):
                updates.update_critic()
                updates.update_generator()
        torch.cuda.current_stream().wait_stream(side)
        torch.cuda.synchronize()
        torch.cuda.empty_cache()  # of what only the warm-up needed
        # Captured tensors are allocated now and never again: from here on the peak is the updates' own.
        torch.cuda.reset_peak_memory_stats()
        self.critic_graph, self.generator_graph = torch.cuda.CUDAGraph(), torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.critic_graph):
            updates.update_critic()
        # One pool for both: they are never played at the same time, and neither reads what the other left there, except
        # the gradients, which each writes before it reads them.
        with torch.cuda.graph(self.generator_graph, pool=self.critic_graph.pool()):
            updates.update_generator()

    def update_critic(self):
        self.critic_graph.replay()

    def update_generator(self):
        self.generator_graph.replay()
