"""Colours of a person and of the studio; sRGB values 0..1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]

# From very light to very dark, evenly spread; skins between two are mixed.
SKINS: tuple[Colour, ...] = (
    (0.965, 0.835, 0.760),
    (0.945, 0.785, 0.680),
    (0.895, 0.715, 0.585),
    (0.820, 0.625, 0.480),
    (0.700, 0.500, 0.365),
    (0.560, 0.385, 0.275),
    (0.430, 0.290, 0.215),
)
BLACK, DARK_BROWN, BROWN = (0.085, 0.075, 0.075), (0.175, 0.115, 0.085), (0.310, 0.200, 0.130)
AUBURN, BLOND, SAND = (0.430, 0.200, 0.110), (0.740, 0.570, 0.340), (0.520, 0.390, 0.240)
GREY = (0.640, 0.635, 0.630)
IRISES_DARK: tuple[Colour, ...] = ((0.20, 0.12, 0.08), (0.27, 0.16, 0.09), (0.15, 0.09, 0.07))
IRISES_LIGHT: tuple[Colour, ...] = ((0.34, 0.48, 0.60), (0.38, 0.49, 0.38), (0.42, 0.31, 0.17), (0.45, 0.53, 0.57))
FABRICS: tuple[Colour, ...] = (
    (0.16, 0.18, 0.24),
    (0.45, 0.13, 0.15),
    (0.20, 0.32, 0.45),
    (0.78, 0.76, 0.72),
    (0.24, 0.36, 0.28),
    (0.12, 0.12, 0.13),
    (0.55, 0.47, 0.40),
    (0.36, 0.30, 0.44),
)
GROUNDS_BLUE: tuple[Colour, ...] = ((0.46, 0.68, 0.86), (0.40, 0.58, 0.78), (0.55, 0.70, 0.80))
GROUNDS_PALE: tuple[Colour, ...] = ((0.95, 0.95, 0.945), (0.90, 0.895, 0.88), (0.97, 0.97, 0.97))


@dataclass(frozen=True)
class Colouring:
    """skin_depth runs from 0 (lightest skin) to 1 (darkest)."""

    skin: Colour
    skin_depth: float
    hair: Colour
    iris: Colour
    lip: Colour
    fabric: Colour
    ground: Colour


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    r, g, b = (a + (z - a) * share for a, z in zip(one, other, strict=True))
    return r, g, b


def choose_colouring(rng: np.random.Generator, depth: float, age: float, *, blue_ground: bool) -> Colouring:
    """Colours that go together: skin by depth, hair and eyes likely for that skin, grey with age."""
    depth = min(max(depth + (float(rng.random()) - 0.5) * 0.1, 0.0), 1.0)
    place = depth * (len(SKINS) - 1)
    low = min(int(place), len(SKINS) - 2)
    skin = mix(SKINS[low], SKINS[low + 1], place - low)
    warmth = (float(rng.random()) - 0.5) * 0.03
    skin = (skin[0], skin[1] + warmth * 0.3, skin[2] - warmth)
    if depth > 0.5:
        hairs: tuple[Colour, ...] = (BLACK, BLACK, DARK_BROWN)
    elif depth > 0.25:
        hairs = (BLACK, DARK_BROWN, BROWN)
    else:
        hairs = (DARK_BROWN, BROWN, AUBURN, BLOND, SAND, BROWN, BLACK)
    hair = hairs[int(rng.random() * len(hairs))]
    greying = min(max((age - 50 + 14 * float(rng.random())) / 26, 0.0), 0.9)
    hair = mix(hair, GREY, greying)
    light_eyes = depth < 0.33 and rng.random() < 0.7
    irises = IRISES_LIGHT if light_eyes else IRISES_DARK
    rosy = mix(skin, (0.70, 0.27, 0.27), 0.40 + 0.12 * float(rng.random()))
    lip = mix(rosy, (0.40, 0.20, 0.19), 0.30 * depth)
    grounds = GROUNDS_BLUE if blue_ground else GROUNDS_PALE
    return Colouring(
        skin=skin,
        skin_depth=depth,
        hair=hair,
        iris=irises[int(rng.random() * len(irises))],
        lip=lip,
        fabric=FABRICS[int(rng.random() * len(FABRICS))],
        ground=grounds[int(rng.random() * len(grounds))],
    )
