"""What the extractors have in common that are one torch network: device, batches, full precision."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import ClassVar

import torch
from torch import Tensor, nn

from workers.engine.device import choose_device, full_precision
from workers.engine.errors import InputError
from workers.engine.features.extractors import Features
from workers.engine.features.pictures import Picture
from workers.engine.weights import ExtractorWeights
from workers.engine.weights_adding import read_state

MOST_STREAMS = 8  # each holds the planes of a batch: 0.1 GB for the FID network


class NetworkExtractor:
    """Picture -> numbers by one network. A subclass says how the network is built, fed and read."""

    batch_sizes: ClassVar[tuple[int, int]] = (
        4,
        64,
    )  # on a CPU, where each stream has its own: half a second at most; on a GPU
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

    @property
    def streams(self) -> int:
        """How many threads may compute a batch each: one a core, as far as memory allows; on a GPU one."""
        return 1 if self.device.type == "cuda" else min(torch.get_num_threads(), MOST_STREAMS)

    def features(self, batch: Sequence[Tensor]) -> Features:
        """n prepared pictures -> (n, d) float32."""
        inputs = torch.stack(list(batch)).to(self.device, memory_format=self.memory_format)
        # The switches of full precision belong to the whole process, and on a CPU several threads come here at once.
        exact = full_precision() if self.device.type == "cuda" else nullcontext()
        with torch.inference_mode(), exact:
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
