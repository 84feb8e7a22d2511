"""`dists`: the distance of networks/dists.py between the pictures of a pair, at their own size."""

import numpy.typing as npt
import torch

from workers.engine.device import choose_device, full_precision
from workers.engine.metrics.paired_pictures import Values, checked_pictures
from workers.engine.networks import dists as network_of_dists
from workers.engine.weights import WeightsFile


class Dists:
    """Pairs of pictures -> their distances. `files` are VGG-16 and the file of alpha and beta."""

    def __init__(self, files: tuple[WeightsFile, ...], device: str = "auto") -> None:
        self.device = choose_device(device)
        backbone, weights = (torch.load(file.path, weights_only=True, map_location="cpu") for file in files)
        with torch.device("meta"):
            network = network_of_dists.Dists()
        network.load_state_dict(network_of_dists.state_of(backbone, weights), assign=True)
        self.network = network.eval().to(self.device)

    def __call__(self, reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
        """(n, h, w, 3) uint8 each -> (n,)."""
        pictures = checked_pictures(reference, candidate, 32)
        first, second = (torch.tensor(each).to(self.device).permute(0, 3, 1, 2).float() / 255 for each in pictures)
        with torch.inference_mode(), full_precision():
            return self.network(first, second).double().cpu().numpy()
