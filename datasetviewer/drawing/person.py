"""Who is drawn: the proportions of a head and its appearance, from an index and a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datasetviewer.drawing.colouring import Colouring, choose_colouring

HAIRSTYLES_SHORT = ("side part", "crop", "quiff", "buzz", "curly short", "receding", "bald", "brushed back")
HAIRSTYLES_LONG = ("long straight", "long wavy", "bob", "bun", "fringe", "curly long", "tied back", "afro")
BEARDS = ("none", "stubble", "full", "goatee", "moustache")
CLOTHES = ("tee", "v-neck", "shirt", "turtleneck", "jacket")


@dataclass(frozen=True)
class Shape:
    """Proportions in pixels of the 200x250 template; x measures are half widths from the middle line x = 100."""

    eye_gap: float = 25.0
    eye_y: float = 125.0
    eye_width: float = 10.3
    eye_open: float = 4.0
    eye_tilt: float = 0.04
    lid_fold: float = 3.2
    brow_y: float = 108.5
    brow_arch: float = 3.6
    brow_tilt: float = 0.0
    brow_thick: float = 3.2
    nose_tip_y: float = 153.0
    nose_width: float = 14.0
    bridge_width: float = 6.0
    tip_size: float = 8.5
    mouth_y: float = 182.5
    mouth_width: float = 20.5
    upper_lip: float = 5.6
    lower_lip: float = 7.6
    mouth_curve: float = 0.9
    chin_y: float = 219.0
    chin_width: float = 16.0
    jaw_width: float = 45.5
    cheek_width: float = 57.0
    temple_width: float = 55.0
    crown_y: float = 37.0
    hairline_y: float = 73.0
    ear_size: float = 17.0
    ear_out: float = 6.0
    neck_width: float = 37.0
    nose_shift: float = 0.0


# name: standard deviation, how far a soft face (softness +1) moves it in deviations, lowest, highest value
VARIATION: dict[str, tuple[float, float, float, float]] = {
    "eye_width": (0.55, 0.35, 9.2, 12.2),
    "eye_open": (0.62, 0.45, 2.7, 5.4),
    "eye_tilt": (0.055, 0.25, -0.10, 0.17),
    "lid_fold": (0.9, 0.1, 1.2, 5.0),
    "brow_y": (2.2, -0.45, 104.0, 113.0),
    "brow_arch": (1.3, 0.55, 0.8, 6.5),
    "brow_tilt": (0.06, 0.2, -0.14, 0.14),
    "brow_thick": (0.75, -0.75, 1.7, 5.2),
    "nose_tip_y": (3.4, -0.25, 146.0, 161.0),
    "nose_width": (1.8, -0.5, 10.5, 19.0),
    "bridge_width": (0.9, -0.3, 4.2, 8.5),
    "tip_size": (1.1, -0.3, 6.3, 11.5),
    "mouth_y": (3.0, -0.25, 175.5, 190.0),
    "mouth_width": (2.3, -0.2, 15.5, 26.0),
    "upper_lip": (1.5, 0.45, 2.6, 9.5),
    "lower_lip": (1.6, 0.45, 4.4, 11.5),
    "mouth_curve": (1.0, 0.35, -1.3, 3.2),
    "chin_y": (6.0, -0.55, 208.0, 227.0),
    "chin_width": (3.6, -0.8, 9.0, 26.0),
    "jaw_width": (3.4, -0.75, 37.0, 54.0),
    "cheek_width": (3.3, -0.2, 50.0, 64.0),
    "temple_width": (2.4, -0.1, 49.0, 60.5),
    "crown_y": (3.6, 0.1, 29.0, 45.0),
    "hairline_y": (5.0, 0.1, 60.0, 84.0),
    "ear_size": (1.8, -0.45, 13.5, 22.0),
    "ear_out": (2.2, -0.3, 2.5, 12.0),
    "neck_width": (3.2, -1.0, 28.0, 45.0),
    "nose_shift": (0.5, 0.0, -1.2, 1.2),
}


@dataclass(frozen=True)
class Person:
    """One drawn person. Two persons of different index or seed differ in shape, colouring, hair and dress.

    name      neutral, "person-01" for index 0
    softness  -1 (angular) to 1 (soft): moves several proportions together
    age       years
    light     direction to the light (x right, y down, z towards the viewer), unit length
    """

    name: str
    index: int
    seed: int
    shape: Shape
    softness: float
    age: float
    colouring: Colouring
    hairstyle: str
    part: float
    beard: str
    glasses: str
    clothes: str
    freckles: int
    light: tuple[float, float, float]

    @property
    def wrinkles(self) -> float:
        """0 (smooth) to 1."""
        return min(max((self.age - 32) / 46, 0.0), 0.85)

    def random(self, purpose: int) -> np.random.Generator:
        """The person's own random numbers for one purpose: a change in one part leaves the others as they are."""
        return np.random.default_rng([self.seed, self.index, purpose])


def bell(rng: np.random.Generator) -> float:
    """About normal, mean 0, deviation 1, within -3..3; a sum of uniform numbers, the same on every machine."""
    return float((rng.random(3).sum() - 1.5) * 2)


def dealt(index: int, seed: int, purpose: int, count: int) -> int:
    """Deals 0..count-1 like cards: any `count` neighbours in a deal get each value once."""
    deal, place = divmod(index, count)
    return int(np.random.default_rng([seed, purpose, deal, 77]).permutation(count)[place])


def _shape(rng: np.random.Generator, softness: float, age: float) -> Shape:
    values = {}
    # Faces are long or short, wide or narrow as a whole; single features vary around that.
    long, wide = bell(rng), bell(rng)
    for name, (deviation, soft, low, high) in VARIATION.items():
        z = bell(rng)
        if name in ("nose_tip_y", "mouth_y", "chin_y"):
            z = 0.75 * long + 0.66 * z
        elif name in ("jaw_width", "cheek_width", "temple_width", "chin_width"):
            z = 0.6 * wide + 0.8 * z
        value = getattr(Shape, name) + deviation * (1.12 * z + soft * softness)
        values[name] = min(max(value, low), high)
    values["upper_lip"] = max(values["upper_lip"] * (1.1 - 0.005 * (age - 20)), 2.6)
    values["ear_size"] += 0.035 * (age - 30)
    # The features keep their order and distance whatever the draw.
    values["mouth_y"] = min(max(values["mouth_y"], values["nose_tip_y"] + 22), values["nose_tip_y"] + 36)
    values["chin_y"] = min(max(values["chin_y"], values["mouth_y"] + 30), values["mouth_y"] + 44)
    values["jaw_width"] = min(values["jaw_width"], values["cheek_width"] - 4)
    values["temple_width"] = min(max(values["temple_width"], values["cheek_width"] - 7), values["cheek_width"] + 2)
    values["hairline_y"] = min(max(values["hairline_y"], values["crown_y"] + 27), values["brow_y"] - 24)
    return Shape(**values)


def person_parameters(index: int, seed: int) -> Person:
    """The person of that index (0, 1, ...) in the series of that seed; the same numbers always give the same person."""
    rng = np.random.default_rng([seed, index])
    soft_side = dealt(index, seed, 1, 2) == 1
    softness = (0.35 + 0.65 * float(rng.random())) * (1 if soft_side else -1)
    age = (19, 24, 30, 36, 47, 60)[dealt(index, seed, 2, 6)] + 10 * float(rng.random())
    styles = HAIRSTYLES_LONG if soft_side else HAIRSTYLES_SHORT
    hairstyle = styles[dealt(index // 2, seed, 3 + soft_side, len(styles))]
    if hairstyle in ("receding", "bald"):
        age = max(age, 34 + 8 * float(rng.random()))
    beard = "none" if soft_side else BEARDS[dealt(index // 2, seed, 5, len(BEARDS))]
    side = -1 if rng.random() < 0.7 else 1
    x, y = side * (0.14 + 0.18 * float(rng.random())), -(0.34 + 0.16 * float(rng.random()))
    return Person(
        name=f"person-{index + 1:02d}",
        index=index,
        seed=seed,
        shape=_shape(rng, softness, age),
        softness=softness,
        age=age,
        colouring=choose_colouring(rng, dealt(index, seed, 6, 8) / 7, age, blue_ground=dealt(index, seed, 7, 2) == 1),
        hairstyle=hairstyle,
        part=(1 if rng.random() < 0.5 else -1) * (0.25 + 0.3 * float(rng.random())),
        beard=beard,
        glasses=("none", "none", "none", "round", "none", "square")[dealt(index, seed, 8, 6)],
        clothes=CLOTHES[dealt(index, seed, 9, len(CLOTHES))],
        freckles=int(rng.random() * 46) if rng.random() < 0.22 else int(rng.random() * 3),
        light=(x, y, (1 - x * x - y * y) ** 0.5),
    )
