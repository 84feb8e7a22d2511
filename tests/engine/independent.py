"""The FID network put together by hand from torchvision's Inception with batch normalisation."""

from types import SimpleNamespace

import torch
from torchvision.models import inception as torchvision_inception

LAYERS = (
    "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1", "Conv2d_4a_3x3", "maxpool2",
    "Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e",
)  # fmt: skip


class TakingMaximum(torch.nn.Module):
    """A block whose average pooling is replaced by the maximum while it runs."""

    def __init__(self, block, pooling):
        super().__init__()
        self.block, self.pooling = block, pooling

    def forward(self, planes):
        average, self.pooling.avg_pool2d = self.pooling.avg_pool2d, torch.nn.functional.max_pool2d
        try:
            return self.block(planes)
        finally:
            self.pooling.avg_pool2d = average


def _parts(state, monkeypatch):
    functional = torch.nn.functional
    pooling = SimpleNamespace(
        relu=functional.relu,
        max_pool2d=functional.max_pool2d,
        avg_pool2d=lambda planes, **options: functional.avg_pool2d(planes, **options, count_include_pad=False),
    )
    monkeypatch.setattr(torchvision_inception, "F", pooling)  # of that module alone: ours must not follow
    network = torchvision_inception.inception_v3(weights=None, aux_logits=False, init_weights=False)
    missing, unexpected = network.load_state_dict(state, strict=False)
    assert not unexpected
    return network, missing, pooling


def independent_to_mixed6e(state, monkeypatch):
    """Up to Mixed_6e: torchvision's network, made to pool as the FID network does."""
    network, missing, _ = _parts(state, monkeypatch)
    assert all(key.startswith(("Mixed_7", "fc.")) or key.endswith("num_batches_tracked") for key in missing)
    return torch.nn.Sequential(*[getattr(network, layer) for layer in LAYERS]).eval()


def independent_inception(state, monkeypatch):
    """Up to the planes of the final pooling: the pooling branch of the last block takes the maximum."""
    network, missing, pooling = _parts(state, monkeypatch)
    assert all(key.startswith("fc.") or key.endswith("num_batches_tracked") for key in missing)
    last = TakingMaximum(network.Mixed_7c, pooling)
    return torch.nn.Sequential(
        *[getattr(network, layer) for layer in LAYERS], network.Mixed_7a, network.Mixed_7b, last
    ).eval()
