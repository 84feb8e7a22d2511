"""The hatching of a picture as something to learn."""

import math

import pytest
import torch

from workers.engine.training.losses import edge_loss, pixel_loss
from workers.engine.training.texture import DIRECTIONS, WAVELENGTHS, gabor_bank, hatching, texture_loss

SIDE = 96


def stripes(wavelength, angle=0.0, shift=0.0, amplitude=0.5):
    """(1, 3, SIDE, SIDE): a sine of this wavelength across `angle`."""
    y, x = torch.meshgrid(torch.arange(SIDE).float(), torch.arange(SIDE).float(), indexing="ij")
    along = x * math.cos(angle) + y * math.sin(angle)
    wave = amplitude * torch.cos(2 * math.pi * (along + shift) / wavelength)
    return wave.expand(1, 3, SIDE, SIDE).contiguous()


@pytest.mark.parametrize("wavelength", [length for lengths in WAVELENGTHS for length in lengths])
def test_a_matching_sine_has_its_own_amplitude_and_paper_has_none(wavelength):
    bank = gabor_bank(wavelength)
    assert bank.shape[0] == 2 * DIRECTIONS and bank.shape[-1] % 2 == 1
    assert bank.sum(dim=(1, 2, 3)).abs().max() < 1e-5
    assert all(amplitude.max() < 1e-3 for amplitude in hatching(torch.full((1, 1, SIDE, SIDE), 0.8)))
    level = 0 if wavelength in WAVELENGTHS[0] else 1
    if not level:
        place = WAVELENGTHS[0].index(wavelength)
        found = hatching(stripes(wavelength)[:, :1])[place][0, 0, 4:-4, 4:-4]
        assert torch.allclose(found, torch.full_like(found, 0.5), atol=0.02)


def test_strokes_that_moved_cost_next_to_nothing_where_pixels_and_edges_cost_most():
    true, moved, blank = stripes(4.2), stripes(4.2, shift=2.1), torch.zeros(1, 3, SIDE, SIDE)
    assert texture_loss(moved, true) < 0.02 * texture_loss(blank, true)
    # The reason for this loss: by the others an empty sheet is better than the right strokes in the wrong place.
    assert pixel_loss(moved, true) > pixel_loss(blank, true)
    assert edge_loss(moved, true) > edge_loss(blank, true)


def test_direction_width_and_strength_all_count():
    true = stripes(4.2, angle=0.0)
    for other in (stripes(4.2, angle=math.pi / 2), stripes(2.8), stripes(4.2, amplitude=0.25)):
        assert texture_loss(other, true) > 10 * texture_loss(stripes(4.2, shift=1.0), true)


def test_equal_pictures_cost_nothing_and_the_gradient_reaches_flat_paper():
    true = stripes(2.8)
    assert texture_loss(true, true) == 0
    drawn = (torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)) * 1e-3).requires_grad_()
    texture_loss(drawn, true).backward()
    assert torch.isfinite(drawn.grad).all() and drawn.grad.abs().max() > 0
    flat = torch.zeros(1, 3, SIDE, SIDE, requires_grad=True)
    texture_loss(flat, true).backward()
    assert torch.isfinite(flat.grad).all()


def test_by_its_gradient_alone_a_picture_grows_the_strokes_of_the_target():
    true = stripes(4.2, angle=math.pi / 6)
    drawn = (torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)) * 0.05).requires_grad_()
    optimiser = torch.optim.Adam([drawn], lr=0.02)
    before = texture_loss(drawn, true).item()
    for _ in range(40):
        optimiser.zero_grad()
        texture_loss(drawn, true).backward()
        optimiser.step()
    assert texture_loss(drawn, true).item() < before / 3
