"""A convolution with ReLU in one pass, where the library below torch can do that."""

import torch
from torch import Tensor, nn
from torch.nn import functional

_LIBRARY = torch.ops.mkldnn
# Operations that torch keeps for its compiler: without them (another processor, another version) the plain way is taken.
FUSED = torch.backends.mkldnn.is_available() and all(
    hasattr(_LIBRARY, name) for name in ("_convolution_pointwise", "_reorder_convolution_weight")
)


class Convolution(nn.Conv2d):
    """Convolution with bias, then ReLU. (n, inputs, h, w) -> (n, outputs, h', w')

    On a CPU, and where no gradient is wanted, the ReLU is taken while the numbers are still at hand, and the weights are
    kept in the order that the library computes in; torch would put them into that order anew for every batch. So they
    must not change after the first picture.
    """

    _ordered: Tensor | None = None

    def forward(self, planes: Tensor) -> Tensor:
        if self._quick(planes):
            return self._in_one(planes, "relu")
        return functional.relu(super().forward(planes), inplace=True)

    def linear(self, planes: Tensor) -> Tensor:
        """Without the ReLU."""
        return self._in_one(planes, "none") if self._quick(planes) else super().forward(planes)

    def _quick(self, planes: Tensor) -> bool:
        return FUSED and planes.device.type == "cpu" and planes.dtype == torch.float32 and not torch.is_grad_enabled()

    def _in_one(self, planes: Tensor, after: str) -> Tensor:
        place = [*self.padding], [*self.stride], [*self.dilation], self.groups
        if self._ordered is None:
            self._ordered = _LIBRARY._reorder_convolution_weight(self.weight, *place, list(planes.shape))
        return _LIBRARY._convolution_pointwise(planes, self._ordered, self.bias, *place, after, [], "")
