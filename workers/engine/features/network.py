"""What the extractors have in common that are one torch network: device, batches, full precision."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from workers.engine.device import choose_device, full_precision
from workers.engine.errors import InputError
from workers.engine.features.extractors import Features
from workers.engine.features.pictures import Picture
from workers.engine.weights import ExtractorWeights
from workers.engine.weights_adding import read_state


class NetworkExtractor:
    """Picture -> numbers by one network. A subclass says how the network is built, fed and read."""

    batch_sizes: ClassVar[tuple[int, int]] = (8, 64)  # on a CPU: half a second at most; on a GPU
    # The memory order that convolutions are quickest in; values agree to rounding.
    memory_format: ClassVar[torch.memory_format] = torch.channels_last

    def __init__(self, weights: ExtractorWeights, device: str = "auto") -> None:
        self.device = choose_device(device)
        state = read_state(weights.files[0].path)
        try:
            network = self.build(state)
        except (KeyError, RuntimeError) as error:
            name = weights.files[0].path.name
            raise InputError(f"{name} does not fit the network: {str(error).splitlines()[0]}") from error
        self.network = network.eval().requires_grad_(False).to(self.device).to(memory_format=self.memory_format)

    @property
    def batch_size(self) -> int:
        return self.batch_sizes[self.device.type == "cuda"]

    def features(self, batch: Sequence[Tensor]) -> Features:
        """n prepared pictures -> (n, d) float32."""
        inputs = torch.stack(list(batch)).to(self.device, memory_format=self.memory_format)
        with torch.inference_mode(), full_precision():
            return self.forward(inputs).float().cpu().numpy()

    def build(self, state: Mapping[str, Tensor]) -> nn.Module:
        """The network with these numbers."""
        raise NotImplementedError

    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 -> one input (3, h', w')."""
        raise NotImplementedError

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, 3, h, w) -> (n, d)."""
        return self.network(inputs)


def filled(network: nn.Module, state: Mapping[str, Tensor]) -> nn.Module:
    """A network built on the meta device, with the numbers of `state` in float32; keys it does not know are left out.

    Raises KeyError or RuntimeError when one is missing or has another shape.
    """
    network.load_state_dict({key: state[key].float() for key in network.state_dict()}, assign=True)
    return network
