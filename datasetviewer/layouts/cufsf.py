"""CUHK Face Sketch FERET Database (CUFSF): sketches with exaggerated shapes, drawn from FERET photos.

    <root>/sketches/*.jpg     [<root>/photos/*]     split.csv (optional): name,split

The official data set holds the sketches alone; the photos come from NIST on request. A file is named in the form of
colour FERET, `00002_930831_fa.jpg` (person, date, pose, perhaps a letter), or in the older form of grey FERET,
`00002fa010_930831.jpg`, which is also what the artist wrote on the sheets. Both name the same picture: person, date and
pose say which photo a sketch was drawn from. In a split file a name is a file name of either form, or the person alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workers.engine.errors import InputError

from .listing import PICTURE_SUFFIXES, key_of, pictures_in, require_folder, subfolder
from .records import PHOTO, SKETCH, TEST, TRAIN, ImageRecord, Problem, ProtocolList
from .splits import read_split_file

TITLE = "CUHK Face Sketch FERET Database (CUFSF)"
TERMS = "Research only. The photos are NIST's (FERET database, on request) and are not part of the data set."
CITATION = (
    "W. Zhang, X. Wang and X. Tang, “Coupled Information-Theoretic Encoding for Face Photo-Sketch Recognition”, CVPR "
    "2011; P. J. Phillips et al., “The FERET Evaluation Methodology for Face-Recognition Algorithms”, PAMI 22(10), 2000."
)
OFFICIAL_COUNTS = {"pairs": 1194, "subjects": 1194}
ROOT_FOLDERS = ("sketches", "sketch", "original_sketch", "cropped_sketch", "photos", "photo", "fa")

COLOUR = re.compile(r"(?P<person>\d{5})_(?P<date>\d{6})_(?P<pose>f[ab])(?:_(?P<letter>[a-z]))?")
GREY = re.compile(r"(?P<person>\d{5})(?P<pose>f[ab])\d{3}(?P<letter>[a-z])?_(?P<date>\d{6})(?:_[a-z0-9]+)?")


@dataclass(frozen=True)
class FeretName:
    """Which FERET picture a file shows. `letter` tells several pictures of one day apart; "" for the first."""

    person: str
    date: str
    pose: str
    letter: str

    @property
    def sitting(self) -> tuple[str, str, str]:
        return self.person, self.date, self.pose


@dataclass
class Sitting:
    """The files of one person, date and pose."""

    files: dict[str, list[tuple[FeretName, Path]]] = field(default_factory=lambda: {PHOTO: [], SKETCH: []})


def feret_name(stem: str) -> FeretName | None:
    """The picture that a file name stands for, in either form; None when it follows neither."""
    match = COLOUR.fullmatch(stem.casefold()) or GREY.fullmatch(stem.casefold())
    if match is None:
        return None
    return FeretName(match["person"], match["date"], match["pose"], match["letter"] or "")


def read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]:
    """All pictures by person, photo before sketch; see datasetviewer.layouts."""
    folders = _folders(root)
    splits = _splits(root, split_file)
    if PHOTO not in folders:
        yield Problem(
            ".",
            "has no folder photos: the sketches come in alone. The photos are FERET's; put them beside the sketches "
            "under the same names and import again to pair them.",
            skipped=False,
        )
    sittings: dict[tuple[str, str, str], Sitting] = {}
    for modality, folder in folders.items():
        for path in pictures_in(folder, root, below=True):
            if isinstance(path, Problem):
                yield path
            elif (name := feret_name(path.stem)) is None:
                reason = "is not named like a FERET picture: 00002_930831_fa.jpg or 00002fa010_930831.jpg."
                yield Problem(key_of(path, root), reason)
            else:
                sittings.setdefault(name.sitting, Sitting()).files[modality].append((name, path))
    drawn = {person for (person, _date, _pose), sitting in sittings.items() if sitting.files[SKETCH]}
    for key in sorted(sittings):
        person, split = key[0], splits.get(key[0], "")
        # FERET has many photos of a person without a sketch; they are not part of this data set.
        if person not in drawn:
            for _name, path in sittings[key].files[PHOTO]:
                yield Problem(key_of(path, root), f"shows person {person}, of whom there is no sketch.")
            continue
        yield from _sitting(root, sittings[key], split, photos_there=PHOTO in folders)
    if splits:
        absent = sorted(splits.keys() - drawn)
        if absent:
            reason = f"names {len(absent)} persons who are not in the folder (the first: {absent[0]})."
            yield Problem("split.csv", reason, skipped=False)


def _sitting(root: Path, sitting: Sitting, split: str, *, photos_there: bool) -> Iterator[ImageRecord | Problem]:
    """The records of one person, date and pose: each sketch takes the photo of the same letter, or the only one."""
    photos, sketches = sitting.files[PHOTO], sitting.files[SKETCH]
    left = dict(enumerate(photos))
    for name, sketch in sketches:
        match = next((place for place, (other, _path) in left.items() if other.letter == name.letter), None)
        if match is None and len(photos) == 1 == len(sketches):
            match = 0
        pair = "_".join([*name.sitting, *([name.letter] if name.letter else [])]) if match is not None else None
        if match is not None:
            _other, photo = left.pop(match)
            yield ImageRecord(key_of(photo, root), name.person, PHOTO, pair, split, "", photo)
        yield ImageRecord(key_of(sketch, root), name.person, SKETCH, pair, split, "", sketch)
        if pair is None and photos_there:
            reason = f"has no photo of {name.date} {name.pose}; it comes in alone."
            yield Problem(key_of(sketch, root), reason, skipped=False)
    for name, photo in left.values():
        reason = f"is another photo of person {name.person}: the sketch was not drawn from it."
        yield Problem(key_of(photo, root), reason)


def protocols(root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]:
    """The 250/944 split, where the dataset brings a list; there is no rule to make it from."""
    splits = _splits(root, split_file)
    if splits:
        yield ProtocolList(
            name="cufsf-250-944",
            kind="split",
            unit="subject",
            title="CUFSF, 250 training and 944 testing pairs",
            rows=tuple((split, person) for person, split in splits.items() if split),
            source=(split_file or root / "split.csv").name,
            description="By person. Older papers use 500/694.",
            official={TRAIN: 250, TEST: 944},
            applies=True,
        )


def _folders(root: Path) -> dict[str, Path]:
    require_folder(root)
    sketches = subfolder(root, "sketches", "sketch", "original_sketch", "cropped_sketch")
    photos = subfolder(root, "photos", "photo", "fa")
    if sketches is None:
        raise InputError(f"{root} does not look like CUFSF: it has no folder sketches.")
    found = {PHOTO: photos, SKETCH: sketches}
    return {modality: folder for modality, folder in found.items() if folder is not None}


def _splits(root: Path, split_file: Path | None) -> dict[str, str]:
    """Split by person."""
    own = root / "split.csv"
    path = split_file or (own if own.is_file() else None)
    splits: dict[str, str] = {}
    for row in read_split_file(path, columns=("name",)) if path else ():
        given = row.cells["name"]
        stem = given.rsplit(".", 1)[0] if f".{given.rsplit('.', 1)[-1].casefold()}" in PICTURE_SUFFIXES else given
        name = feret_name(stem.rsplit("/", 1)[-1])
        person = name.person if name else given.zfill(5) if given.isascii() and given.isdigit() else ""
        if not person:
            raise InputError(
                f"Line {row.line} of {path}: {given!r} is neither a FERET file name nor a person's number."
            )
        if splits.setdefault(person, row.split) != row.split:
            raise InputError(f"Line {row.line} of {path} puts person {person} into a second split, {row.split!r}.")
    return splits
