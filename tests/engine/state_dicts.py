"""State dicts of made-up numbers, and pictures to send through the networks they fill."""

import torch


def seeded(shapes, seed=0):
    """Numbers for a state dict: small for matrices, about 1 for scales, whatever the order of the keys."""
    generator = torch.Generator().manual_seed(seed)
    scales = ("norm.weight", "norm1.weight", "norm2.weight", "layernorm.weight", "layrnorm.weight", "gamma", "gamma_xca",
              "temperature")  # fmt: skip
    state = {}
    for key in sorted(shapes):
        numbers = torch.randn(shapes[key], generator=generator) * (0.02 if len(shapes[key]) > 1 else 0.1)
        state[key] = numbers + 1 if key.endswith(scales) else numbers
    return state


def picture_of(side, n=2, seed=3):
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def shapes_of(network):
    return {key: tuple(value.shape) for key, value in network.state_dict().items()}


def filled(network, state):
    network.load_state_dict(state)
    return network.eval()
