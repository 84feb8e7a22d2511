"""The demo dataset as a folder: photos, sketches and caricatures of drawn persons, their landmarks and a split."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from datasetviewer.drawing import anatomy
from datasetviewer.drawing.caricature import Landmarks, draw_caricature
from datasetviewer.drawing.person import person_parameters
from datasetviewer.drawing.photo import draw_photo
from datasetviewer.drawing.sketch import draw_sketch, redrawn
from workers.engine.errors import InputError
from workers.engine.whole_files import write_whole

PHOTOS, SKETCHES, CARICATURES = "photos", "sketches", "caricatures"
LANDMARKS_FILE, SPLIT_FILE = "landmarks.csv", "split.csv"
SPLIT_COLUMNS = ("subject", "split", "photo", "sketch", "caricature")
MOST_PERSONS = 1000

Report = Callable[[int, int, str], None]


def draw_demo(root: Path, *, persons: int = 32, seed: int = 2026, report: Report | None = None) -> tuple[str, ...]:
    """Draw the demo dataset into `root`; returns the names of the persons.

    Files are written whole or not at all; split.csv comes last, so a folder that has it is complete.
    `report(done, total, text)` is called after each person; what it raises stops the drawing, and what is drawn by then
    stays. A second run writes the same pixels. Raises InputError for a number of persons that cannot be drawn.
    """
    if not 1 <= persons <= MOST_PERSONS:
        raise InputError(f"The demo can have 1 to {MOST_PERSONS} persons, not {persons}.")
    for folder in (PHOTOS, SKETCHES, CARICATURES):
        (root / folder).mkdir(parents=True, exist_ok=True)
    splits = split_of(persons, seed)
    landmark_rows: list[list[str]] = []
    split_rows: list[list[str]] = []
    for index in range(persons):
        person = person_parameters(index, seed)
        caricature, points = draw_caricature(person)
        pictures: tuple[tuple[str, Image.Image, Landmarks], ...] = (
            (PHOTOS, draw_photo(person), anatomy.landmarks(person.shape)),
            (SKETCHES, draw_sketch(person), anatomy.landmarks(redrawn(person, person.shape))),
            (CARICATURES, caricature, points),
        )
        keys = []
        for folder, picture, marks in pictures:
            key = f"{folder}/{person.name}.png"
            write_whole(root / key, png_bytes(picture))
            landmark_rows.append([key, *(f"{value:.2f}" for point in marks for value in point)])
            keys.append(key)
        split_rows.append([person.name, splits[index], *keys])
        if report is not None:
            report(index + 1, persons, person.name)
    header = ["picture", *(f"{axis}{number}" for number in range(1, 18) for axis in "xy")]
    write_whole(root / LANDMARKS_FILE, csv_bytes([header, *landmark_rows]))
    write_whole(root / SPLIT_FILE, csv_bytes([list(SPLIT_COLUMNS), *split_rows]))
    return tuple(row[0] for row in split_rows)


def split_of(persons: int, seed: int) -> list[str]:
    """The split of each person: a quarter test, an eighth validation, the rest train, drawn by the seed."""
    test, validation = round(persons / 4), round(persons / 8)
    names = ["test"] * test + ["validation"] * validation + ["train"] * (persons - test - validation)
    order = np.random.default_rng([seed, persons, 99]).permutation(persons)
    return [names[int(place)] for place in order]


def png_bytes(picture: Image.Image) -> bytes:
    """The picture as PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()


def csv_bytes(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()
