"""`lpips.squeeze`, `lpips.alex`, `lpips.vgg`: the distance of networks/lpips.py between the pictures of a pair."""

import numpy.typing as npt
import torch

from workers.engine.device import choose_device, full_precision
from workers.engine.metrics.paired_pictures import Values, checked_pictures
from workers.engine.networks.lpips import Lpips, state_of
from workers.engine.weights import WeightsFile


class LpipsSqueeze:
    """Pairs of pictures -> their distances. `files` are the backbone's and the heads', in the order of the metric's row."""

    trunk = "squeeze"
    smallest = 32

    def __init__(self, files: tuple[WeightsFile, ...], device: str = "auto") -> None:
        self.device = choose_device(device)
        backbone, heads = (torch.load(file.path, weights_only=True, map_location="cpu") for file in files)
        with torch.device("meta"):
            network = Lpips(self.trunk)
        network.load_state_dict(state_of(self.trunk, backbone, heads), assign=True)
        self.network = network.eval().to(self.device).to(memory_format=torch.channels_last)

    def __call__(self, reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
        """(n, h, w, 3) uint8 each -> (n,)."""
        pictures = checked_pictures(reference, candidate, self.smallest)
        first, second = (
            torch.tensor(each).to(self.device).permute(0, 3, 1, 2).float() / 127.5 - 1 for each in pictures
        )
        with torch.inference_mode(), full_precision():
            return self.network(first, second).double().cpu().numpy()


class LpipsAlex(LpipsSqueeze):
    """On AlexNet, as most papers report it."""

    trunk = "alex"
    smallest = 64


class LpipsVgg(LpipsSqueeze):
    """On VGG-16."""

    trunk = "vgg"
