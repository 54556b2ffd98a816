"""Whether the expert's networks are the plain ones: phrases, losses and gradients for the same weights, in f64."""
import copy

import torch
from torch import nn

import torch_expert
import torch_plain

BATCH = 2
GAIN = 2.5  # of fresh critics: slopes near 1, so that every part of the loss counts


def count(network):
    return sum(weight.numel() for weight in network.parameters())


def count_idle_biases(network):
    """Those that the batch norm behind them takes away again."""
    sequences = [list(module) for module in network.modules() if isinstance(module, nn.Sequential)]
    return sum(layer.bias.numel() for layers in sequences for layer, norm in zip(layers, layers[1:])
               if isinstance(norm, nn.modules.batchnorm._BatchNorm))


def distance(value, expected):
    """The largest difference, as a share of the largest expected."""
    return ((value - expected).abs().max() / expected.abs().max()).item()


def require(fact, value, most):
    print(f"{fact} {value:.1e}")
    if not value <= most:
        raise SystemExit(f"torch_check: {fact} {value:.1e}, expected at most {most:.0e}")


def check(networks, width):
    """`networks` has plain and expert, each a composer and a critic; copy_weights(plain, expert), and as_expert(phrases
    of the plain ones). Exits with 1 where they differ."""
    torch.manual_seed(0)
    (composer, critic), (expert_composer, expert_critic) = (
        [network(width).double() for network in pair] for pair in (networks.plain, networks.expert))
    counts = [[count(network) for network in pair] for pair in ((composer, critic), (expert_composer, expert_critic))]
    print("parameters: composer {:,}, critic {:,}".format(*counts[0]))
    print("the expert's, without biases before a batch norm: composer {:,}, critic {:,}".format(*counts[1]))
    if counts[1] != [counts[0][0] - count_idle_biases(composer), counts[0][1]]:
        raise SystemExit("torch_check: the expert's networks have other parameters")
    with torch.no_grad():
        for weight in critic.parameters():
            weight.mul_(GAIN)
        networks.copy_weights(critic, expert_critic)
        networks.copy_weights(composer, expert_composer)

    latents = composer.draw(BATCH, "cpu").double()
    phrases, expert_phrases = composer(*latents), expert_composer(*latents)
    shapes = phrases.shape == critic.shape(BATCH) and expert_phrases.shape == expert_critic.shape(BATCH)
    print(f"phrases: {list(phrases.shape)} and {list(expert_phrases.shape)}")
    if not shapes:
        raise SystemExit("torch_check: phrases have other shapes than the critics read")
    require("phrases differ by", distance(expert_phrases, networks.as_expert(phrases)), 1e-10)

    real = 2.0 * (torch.rand(critic.shape(BATCH)) < 0.03).double() - 1.0
    factor = torch.rand(BATCH, dtype=torch.float64)
    loss = torch_plain.critic_loss(critic, real, phrases, factor)
    loss.backward()
    for batched in (False, True):  # as on a CPU, and as on a GPU
        for layer in expert_critic.modules():
            if isinstance(layer, torch_expert.Taps):
                layer.batched = batched
        expert_critic.zero_grad(set_to_none=True)
        expert_composer.zero_grad(set_to_none=True)
        expert_phrases = expert_composer(*latents)
        expert_loss = torch_expert.critic_loss(expert_critic, networks.as_expert(real), expert_phrases, factor)
        expert_loss.backward()
        how = ", tap by tap of a phrase" if batched else ""
        require(f"losses{how} differ by", distance(expert_loss, loss), 1e-10)
        compare_gradients(f"gradients{how} differ by", networks, (critic, expert_critic), 1e-8)
        compare_gradients(f"the composer's gradients{how} differ by", networks, (composer, expert_composer), 1e-8)

    # In bf16 numbers have 8 bits; what is compared is the direction of all gradients together.
    exact = torch.cat([weight.grad.flatten() for weight in expert_critic.parameters()])
    half = copy.deepcopy(expert_critic).float()
    half.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16):
        half_loss = torch_expert.critic_loss(half, networks.as_expert(real).bfloat16(),
                                             expert_phrases.detach().bfloat16(), factor.float())
    half_loss.backward()
    rough = torch.cat([weight.grad.flatten() for weight in half.parameters()]).double()
    require("in bf16, losses differ by", distance(half_loss, loss), 0.05)
    require("in bf16, gradients point apart by", 1 - torch.cosine_similarity(rough, exact, 0).item(), 0.02)


def compare_gradients(fact, networks, pair, most):
    """Gradients are carried from the plain network to the expert's as the weights were."""
    plain, expert = (copy.deepcopy(network) for network in pair)
    with torch.no_grad():
        for network, original in zip((plain, expert), pair):
            for weight, other in zip(network.parameters(), original.parameters()):
                weight.copy_(other.grad if other.grad is not None else torch.zeros_like(other))
        networks.copy_weights(plain, expert)
        worst = max(distance(other.grad, weight) for weight, other in zip(expert.parameters(), pair[1].parameters())
                    if weight.abs().max() > 0)
    require(fact, worst, most)
