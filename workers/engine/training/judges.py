"""Trained networks that judge a drawing while a generator learns. One that served here must not be its metric.

Both are frozen; gradients pass through them to the drawing.
"""

from pathlib import Path
from typing import Protocol

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from workers.engine import weights
from workers.engine.weights_adding import read_state

# Where the face lies on the canvas when eyes stand at (75, 125) and (125, 125) of 200x250, and ArcFace's square of 112
# pixels (Deng et al. 2019) is laid around it: left, top and side as shares of the canvas.
FACE_LEFT, FACE_TOP, FACE_SIDE = 48.7 / 256, 54.8 / 256, 158.9 / 256


class Judge(Protocol):
    """Drawn and target pictures (n, 3, h, w) in [-1, 1] -> one number, averaged over the batch; lower is better."""

    network_name: str

    def __call__(self, drawn: Tensor, target: Tensor) -> Tensor: ...


class Perceptual:
    """LPIPS over SqueezeNet (Zhang et al. 2018)."""

    network_name = "lpips.squeeze"

    def __init__(self, network: nn.Module):
        self.network = network

    def __call__(self, drawn: Tensor, target: Tensor) -> Tensor:
        return self.network(drawn, target).mean()


class Identity:
    """1 - cosine of EdgeFace's descriptors (George et al. 2023) of drawn and target face, both cut at the place where
    aligned pictures have the face. A random crop moves both alike."""

    network_name = "edgeface.xs512"

    def __init__(self, network: nn.Module):
        self.network = network

    def __call__(self, drawn: Tensor, target: Tensor) -> Tensor:
        with torch.no_grad():
            wanted = self.network(_face(target))
        return (1 - functional.cosine_similarity(self.network(_face(drawn)), wanted)).mean()


def perceptual(weights_dir: Path | None, device: torch.device) -> Judge:
    """LPIPS with its published weights. InputError when they are not there."""
    from workers.engine.networks.lpips import Lpips, state_of
    from workers.engine.weights_table import LPIPS_SQUEEZE, SQUEEZENET, SQUEEZENET_FULL

    asking = "the option perceptual_weight"
    backbone = weights.find_file((SQUEEZENET, SQUEEZENET_FULL), weights_dir, needed_by=asking)
    heads = weights.find_file(LPIPS_SQUEEZE, weights_dir, needed_by=asking)
    network = Lpips("squeeze")
    network.load_state_dict(state_of("squeeze", read_state(backbone.path), read_state(heads.path)))
    return Perceptual(_frozen(network, device))


def identity(weights_dir: Path | None, device: torch.device) -> Judge:
    """EdgeFace with its published weights. InputError when they are not there."""
    from workers.engine.networks.edgeface import EdgeFaceXs
    from workers.engine.weights_table import EDGEFACE

    file = weights.find_file(EDGEFACE, weights_dir, needed_by="the option identity_weight")
    network = EdgeFaceXs()
    state = read_state(file.path)
    network.load_state_dict({key: state[key].float() for key in network.state_dict()})
    return Identity(_frozen(network, device))


def _frozen(network: nn.Module, device: torch.device) -> nn.Module:
    return network.eval().requires_grad_(False).to(device)


def _face(pictures: Tensor) -> Tensor:
    size = pictures.shape[-1]
    left, top, side = (round(share * size) for share in (FACE_LEFT, FACE_TOP, FACE_SIDE))
    cut = pictures[..., top : top + side, left : left + side]
    return functional.interpolate(cut, (112, 112), mode="bilinear", align_corners=False, antialias=True)
