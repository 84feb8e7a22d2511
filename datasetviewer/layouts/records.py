"""What a layout reads out of a folder: one record a picture, one problem a file that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Point = tuple[float, float]

PHOTO = "photo"
SKETCH = "sketch"
CARICATURE = "caricature"
MODALITIES = (PHOTO, SKETCH, CARICATURE)

TRAIN = "train"
TEST = "test"
VALIDATION = "validation"
SPLITS = (TRAIN, TEST, VALIDATION)


@dataclass(frozen=True)
class ImageRecord:
    """One picture of a dataset, found but not yet opened.

    key        path below the dataset's root with forward slashes; unique in the dataset and the same on every machine
    subject    whose face it is, a name unique in the dataset ("CUHK-f1-001-01": AR and CUHK both have an "m-...")
    modality   "photo", "sketch" or "caricature"
    pair       name of the pair it belongs to, unique in the dataset; None when it has no partner
    split      "train", "test", "validation", or "" where the dataset names none
    source     the original database inside the set ("CUHK", "AR", "XM2VTS"); "" when there is only one
    path       the file itself
    landmarks  points (x, y) in pixels, origin at the top left corner, y down; None when there are none
    attributes what the dataset says about the picture (FS2K: style, gender, smile, ...); plain JSON values
    """

    key: str
    subject: str
    modality: str
    pair: str | None
    split: str
    source: str
    path: Path
    landmarks: tuple[Point, ...] | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Something in the folder that was left out or is not as expected.

    path     file or folder below the root, forward slashes
    reason   one sentence for the user
    skipped  True: the file was left out; False: a remark only, e.g. a sketch whose photo is missing comes in alone
    """

    path: str
    reason: str
    skipped: bool = True


@dataclass(frozen=True)
class ProtocolList:
    """A list that came with a dataset: a split, verification pairs, identification sets.

    name      of the protocol, letters, digits and dashes
    kind      "split", "verification", "identification" or "list"
    unit      what an entry names: "image", "pair" or "subject"
    rows      entries in the order of the files, with the columns that datasetviewer.entries.COLUMNS names for the kind
    official  part -> entries of the complete published list, where it is known
    applies   True: the pictures' current split comes from this list
    """

    name: str
    kind: str
    unit: str
    title: str
    rows: tuple[tuple[str, ...], ...]
    source: str = ""
    description: str = ""
    official: Mapping[str, int] = field(default_factory=dict)
    applies: bool = False


def points_fit(points: tuple[Point, ...], width: int, height: int) -> bool:
    """Whether points can belong to a picture of this size. The hairline or an ear may lie a little outside."""
    return all(-0.15 * width <= x <= 1.15 * width and -0.15 * height <= y <= 1.15 * height for x, y in points)
