"""How strongly, how finely and in which direction a picture is hatched, place by place, as something to learn.

Where exactly an artist put a stroke cannot be foretold from a photo. A difference of pixels or edges therefore teaches a
network to put none: a smooth grey costs less than strokes a pixel beside the true ones. The amplitude of a quadrature
pair of Gabor filters (Daugman 1985, https://doi.org/10.1364/JOSAA.2.001160) does not change when a stroke moves a little,
and its mean over a small window tells the strength of the strokes of one direction and one width there. Such
averages describe textures well (Portilla and Simoncelli 2000, https://doi.org/10.1023/A:1026553619983).
"""

import math
from functools import cache

import torch
import torch.nn.functional as functional
from torch import Tensor

WAVELENGTHS = ((2.8, 4.2), (3.2,))  # pixels from stroke to stroke, at full and at half size
DIRECTIONS = 6
WINDOW, STRIDE = 8, 4  # pixels over which amplitudes are averaged
EPSILON = 1e-4  # keeps the slope of the amplitude finite where nothing is drawn


def texture_loss(drawn: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of the local amplitudes of the grey pictures, over directions, wavelengths and places.

    Pictures are (n, 3, h, w) in [-1, 1]; a stroke pattern of amplitude a has the local amplitude a.
    """
    both = torch.cat([drawn.float(), target]).mean(dim=1, keepdim=True)
    differences = []
    for amplitudes in hatching(both):
        of_drawn, of_target = amplitudes.chunk(2)
        differences.append((of_drawn - of_target).abs().mean())
    return torch.stack(differences).mean()


def hatching(grey: Tensor) -> list[Tensor]:
    """(n, 1, h, w) -> for each wavelength (n, DIRECTIONS, h', w'): averaged amplitudes."""
    found = []
    for level, wavelengths in enumerate(WAVELENGTHS):
        if level:
            grey = functional.avg_pool2d(grey, 2)
        for wavelength in wavelengths:
            bank = gabor_bank(wavelength).to(grey.device)
            padding = bank.shape[-1] // 2
            even, odd = functional.conv2d(functional.pad(grey, [padding] * 4, mode="reflect"), bank).chunk(2, dim=1)
            amplitude = (even.square() + odd.square() + EPSILON**2).sqrt()
            found.append(functional.avg_pool2d(amplitude, WINDOW >> level, STRIDE >> level))
    return found


@cache
def gabor_bank(wavelength: float) -> Tensor:
    """(2 * DIRECTIONS, 1, k, k): the even filters, then the odd ones; a matching sine of amplitude 1 gives 1."""
    sigma = 0.5 * wavelength
    reach = math.ceil(1.7 * sigma)
    axis = torch.arange(-reach, reach + 1, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    window = torch.exp(-(x**2 + y**2) / (2 * sigma**2))
    even, odd = [], []
    for place in range(DIRECTIONS):
        angle = math.pi * place / DIRECTIONS
        phase = 2 * math.pi / wavelength * (x * math.cos(angle) + y * math.sin(angle))
        cosine, sine = window * torch.cos(phase), window * torch.sin(phase)
        cosine = cosine - window * (cosine.sum() / window.sum())  # plain paper has no amplitude
        even.append(cosine / (cosine * torch.cos(phase)).sum())
        odd.append(sine / (sine * torch.sin(phase)).sum())
    return torch.stack(even + odd)[:, None].float()
