"""What the networks are trained by. All take and give float32; reductions are stated."""

import torch
import torch.nn.functional as functional
from torch import Tensor

SCHARR = ((3 / 16, 0.0, -3 / 16), (10 / 16, 0.0, -10 / 16), (3 / 16, 0.0, -3 / 16))


def discriminator_loss(kind: str, real: Tensor, drawn: Tensor) -> Tensor:
    """Loss of the discriminator from its logits, averaged over patches and batch.

    vanilla: half the sum of both cross-entropies, as pix2pix slows the discriminator down (Isola et al. 2017, 3.3);
    lsgan: half the sum of both squares (Mao et al. 2017); hinge: the sum of both hinges (Lim and Ye 2017).
    """
    real, drawn = real.float(), drawn.float()
    if kind == "vanilla":
        return 0.5 * (functional.softplus(-real).mean() + functional.softplus(drawn).mean())
    if kind == "lsgan":
        return 0.5 * ((real - 1).square().mean() + drawn.square().mean())
    return functional.relu(1 - real).mean() + functional.relu(1 + drawn).mean()


def generator_loss(kind: str, drawn: Tensor) -> Tensor:
    """Loss of the generator from the discriminator's logits, averaged over patches and batch.

    vanilla is the form that does not saturate: -log D (Goodfellow et al. 2014).
    """
    drawn = drawn.float()
    if kind == "vanilla":
        return functional.softplus(-drawn).mean()
    if kind == "lsgan":
        return (drawn - 1).square().mean()
    return -drawn.mean()


def pixel_loss(drawn: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference over all values."""
    return functional.l1_loss(drawn.float(), target)


def edge_loss(drawn: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of the Scharr gradients of the grey pictures, at full and at half size.

    The gradients are those of GMSD (Xue et al. 2014), whose deviation measure is replaced by a difference: it gives a
    gradient where both pictures are flat.
    """
    difference = (drawn.float() - target).mean(dim=1, keepdim=True)  # Scharr is linear: one filtering does for both
    across = torch.tensor(SCHARR, device=difference.device)
    kernel = torch.stack([across, across.T]).unsqueeze(1)
    half = functional.avg_pool2d(difference, 2)
    return functional.conv2d(difference, kernel).abs().mean() + functional.conv2d(half, kernel).abs().mean()


def feature_loss(drawn: list[Tensor], real: list[Tensor]) -> Tensor:
    """Mean absolute difference of the discriminator's outputs, averaged over its layers (Wang et al. 2018, pix2pixHD)."""
    return torch.stack(
        [functional.l1_loss(one.float(), other.float()) for one, other in zip(drawn, real, strict=True)]
    ).mean()


def summed_pixel_loss(kind: str, drawn: Tensor, target: Tensor) -> Tensor:
    """Absolute (l1) or squared (l2) difference, summed over a picture's values and averaged over the batch.

    The mean over the 196,608 values of a picture instead would make the KL divergence count 196,608 times as much.
    """
    difference = drawn.float() - target
    per_value = difference.abs() if kind == "l1" else difference.square()
    return per_value.sum(dim=(1, 2, 3)).mean()
