"""CUHK Face Sketch Database (CUFS): one photo and one pencil sketch a face, from three sources.

    <root>/{CUHK,AR,XM2VTS}/{photos,sketches}/*.jpg        split.csv (optional): database,identity,split[,photo,sketch]

A root that is itself one of these databases (it holds photos/ and sketches/) is read as that one.

How a sketch is named after its photo, by source; case never matters:

    CUHK, first part    f-005-01.jpg   -> F2-005-01-sz1.jpg      (copies also carry f2-005-01.jpg as the photo)
    CUHK, second part   f1-001-01.jpg  -> f1-001-01-sz1.jpg,     f-039-01.jpg -> f-039-01-sz1.jpg
    AR                  m-002-1.jpg    -> Mp-002-1-sz1.jpg
    XM2VTS              000_1_1.jpg    -> 000_1_1_sz1.jpg

So a "2" (CUHK) or "p" (AR) after the first letter is dropped to get the face's name, and a "1" is not: f-005-01 and
f1-005-01 are different people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workers.engine.errors import InputError

from .listing import key_of, pictures_in, require_folder, subfolder
from .records import PHOTO, SKETCH, TEST, TRAIN, ImageRecord, Problem, ProtocolList
from .splits import read_split_file

TITLE = "CUHK Face Sketch Database (CUFS)"
TERMS = (
    "For research on face sketch synthesis and recognition only. The photos of the AR and XM2VTS faces belong to the "
    "owners of those two databases and have their own licences."
)
CITATION = (
    "X. Wang and X. Tang, “Face Photo-Sketch Synthesis and Recognition”, IEEE Transactions on Pattern Analysis and "
    "Machine Intelligence, vol. 31, no. 11, pp. 1955-1967, 2009."
)
OFFICIAL_COUNTS = {"pairs": 606, "CUHK": 188, "AR": 123, "XM2VTS": 295}
ROOT_FOLDERS = ("CUHK", "AR", "XM2VTS", "CUHK_uncropped", "photos", "photo", "sketches", "sketch")

SPLIT_NAME = "cufs-268-338"
SPLIT_OFFICIAL = {TRAIN: 268, TEST: 338}
# The official training part of the CUHK student faces: 34 + 54 = 88.
CUHK_TRAIN = tuple(
    [f"f-{number:03}-01" for number in range(5, 39)] + [f"m-{number:03}-01" for number in range(8, 63) if number != 20]
)


@dataclass(frozen=True)
class Naming:
    """The names of one source: `face` matches a photo's stem, `drawn` a sketch's; both capture what makes the face."""

    face: re.Pattern[str]
    drawn: re.Pattern[str]


# Groups: letter, the digit that is part of the name, the numbers. Applied to names in lower case.
SOURCES = {
    "CUHK": Naming(
        face=re.compile(r"([fm])(1?)(?:(?<!1)2)?(-\d+-\d+)"),
        drawn=re.compile(r"([fm])(1?)(?:(?<!1)2)?(-\d+-\d+)[-_]sz1"),
    ),
    "AR": Naming(
        face=re.compile(r"([mw])()(-\d+-\d+)"),
        drawn=re.compile(r"([mw])()p?(-\d+-\d+)[-_]sz1"),
    ),
    "XM2VTS": Naming(
        face=re.compile(r"()()(\d+_\d+_\d+)"),
        drawn=re.compile(r"()()(\d+_\d+_\d+)[-_]sz1"),
    ),
}
UNCROPPED = "CUHK_uncropped"


@dataclass
class Face:
    """The files found for one identity while a source is read."""

    photo: Path | None = None
    sketch: Path | None = None


@dataclass
class Splits:
    """The split of each face by (source, identity), and which of them were asked for."""

    path: Path | None
    by_face: dict[tuple[str, str], str] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)

    def of(self, source: str, identity: str) -> str:
        face = (source, identity)
        if face not in self.by_face:
            self.missing.append(f"{source} {identity}")
        self.used.add(face)
        return self.by_face.get(face, "")


def identity_of(source: str, stem: str, *, modality: str) -> str | None:
    """The face's name from a file name without its ending; None when the name does not follow the rules.

    The photo of CUHK's first part and its sketch give the same name: "f-005-01" and "F2-005-01-sz1" -> "f-005-01".
    """
    naming = SOURCES[source]
    pattern = naming.face if modality == PHOTO else naming.drawn
    match = pattern.fullmatch(stem.casefold())
    return "".join(match.groups()) if match else None


def read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]:
    """All faces by source and name, photo before sketch; see datasetviewer.layouts."""
    require_folder(root)
    folders = _source_folders(root)
    splits = read_splits(split_file or own_split_file(root))
    for source, folder in folders.items():
        yield from read_source(source, folder, root, splits)
    if subfolder(root, UNCROPPED) is not None:
        yield Problem(
            UNCROPPED,
            "was left out: the uncropped originals are not aligned and do not mix with the cropped faces. Import the "
            "folder with the layout cufs-uncropped to have them, as a dataset of their own.",
            skipped=False,
        )
    yield from split_remarks(splits, root)


def protocols(root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]:
    """The 268/338 split where a split file names it, and the official 88/100 partition of the CUHK faces."""
    folders = _source_folders(root)
    splits = read_splits(split_file or own_split_file(root))
    rows = tuple((split, f"{source}/{identity}") for (source, identity), split in splits.by_face.items() if split)
    if splits.path is not None and rows:
        yield ProtocolList(
            name=SPLIT_NAME,
            kind="split",
            unit="pair",
            title="CUFS, 268 training and 338 testing pairs",
            rows=rows,
            source=splits.path.name,
            description=(
                "CUHK 88/100 is the official partition; for AR (80/43) and XM2VTS (100/195) papers draw at random, and "
                "this is the draw of the split file. Older papers use 306/300."
            ),
            official=SPLIT_OFFICIAL,
            applies=True,
        )
    if "CUHK" in folders:
        yield cuhk_partition(folders["CUHK"], root)


def cuhk_partition(folder: Path, root: Path) -> ProtocolList:
    """88 faces by their official names, and as the test the other faces of the folder (100 when it is complete)."""
    found = {
        identity
        for modality, pictures in modality_folders(folder).items()
        for path in pictures_in(pictures, root)
        if isinstance(path, Path) and (identity := identity_of("CUHK", path.stem, modality=modality))
    }
    test = sorted(found - set(CUHK_TRAIN))
    return ProtocolList(
        name="cuhk-88-100",
        kind="split",
        unit="pair",
        title="CUHK student faces, official partition",
        rows=tuple(
            [(TRAIN, f"CUHK/{identity}") for identity in CUHK_TRAIN] + [(TEST, f"CUHK/{face}") for face in test]
        ),
        source="the names of the CUHK Face Sketch Database: part 1 trains, part 2 tests",
        description="Part 1: f-005 to f-038 and m-008 to m-062 without m-020. Part 2: the other faces of the folder.",
        official={TRAIN: 88, TEST: 100},
    )


def _source_folders(root: Path) -> dict[str, Path]:
    """Source -> its folder, for the sources that are there."""
    folders = {source: folder for source in SOURCES if (folder := subfolder(root, source)) is not None}
    if folders:
        return folders
    for source in SOURCES:
        named_so = root.name.casefold() in (source.casefold(), f"{source}_uncropped".casefold())
        if named_so and modality_folders(root):
            return {source: root}
    raise InputError(
        f"{root} does not look like CUFS: it has none of the folders {', '.join(SOURCES)}, "
        "each with photos/ and sketches/."
    )


def modality_folders(folder: Path) -> dict[str, Path]:
    photos = subfolder(folder, "photos", "photo")
    sketches = subfolder(folder, "sketches", "sketch")
    return {modality: found for modality, found in ((PHOTO, photos), (SKETCH, sketches)) if found is not None}


def read_source(source: str, folder: Path, root: Path, splits: Splits) -> Iterator[ImageRecord | Problem]:
    found = modality_folders(folder)
    for modality, name in ((PHOTO, "photos"), (SKETCH, "sketches")):
        if modality not in found:
            yield Problem(key_of(folder, root), f"has no folder {name}.", skipped=False)

    faces: dict[str, Face] = {}
    for modality, pictures in found.items():
        for path in pictures_in(pictures, root):
            if isinstance(path, Problem):
                yield path
                continue
            identity = identity_of(source, path.stem, modality=modality)
            if identity is None:
                yield Problem(key_of(path, root), f"is not named like a {modality} of {source}.")
                continue
            face = faces.setdefault(identity, Face())
            taken = face.photo if modality == PHOTO else face.sketch
            if taken is not None:
                yield Problem(key_of(path, root), f"is a second {modality} of the face of {key_of(taken, root)}.")
            elif modality == PHOTO:
                face.photo = path
            else:
                face.sketch = path

    for identity in sorted(faces):
        face = faces[identity]
        split = splits.of(source, identity)
        subject = f"{source}-{identity}"
        pair = f"{source}/{identity}" if face.photo and face.sketch else None
        for modality, found_path in ((PHOTO, face.photo), (SKETCH, face.sketch)):
            if found_path is not None:
                yield ImageRecord(key_of(found_path, root), subject, modality, pair, split, source, found_path)
        if pair is None:
            alone, lacking = (face.photo, SKETCH) if face.photo else (face.sketch, PHOTO)
            assert alone is not None
            yield Problem(key_of(alone, root), f"has no {lacking}; it comes in alone.", skipped=False)


def own_split_file(root: Path) -> Path | None:
    path = root / "split.csv"
    return path if path.is_file() else None


def read_splits(path: Path | None) -> Splits:
    if path is None:
        return Splits(None)
    sources = {source.casefold(): source for source in SOURCES}
    by_face: dict[tuple[str, str], str] = {}
    for row in read_split_file(path, columns=("database", "identity")):
        source = sources.get(row.cells["database"].casefold())
        if source is None:
            raise InputError(
                f"Line {row.line} of {path} names the database {row.cells['database']!r}. Known: {', '.join(SOURCES)}."
            )
        identity = identity_of(source, row.cells["identity"], modality=PHOTO)
        if identity is None:
            raise InputError(f"Line {row.line} of {path}: {row.cells['identity']!r} is not a face's name in {source}.")
        before = by_face.setdefault((source, identity), row.split)
        if before != row.split:
            raise InputError(f"Line {row.line} of {path} puts {source} {identity} into a second split, {row.split!r}.")
    return Splits(path, by_face)


def split_remarks(splits: Splits, root: Path) -> Iterator[Problem]:
    if splits.path is None:
        return
    name = key_of(splits.path, root) if splits.path.is_relative_to(root) else splits.path.name
    absent = sorted(f"{source} {identity}" for source, identity in splits.by_face.keys() - splits.used)
    if absent:
        reason = f"names {len(absent)} faces that are not in the folder (the first: {absent[0]})."
        yield Problem(name, reason, skipped=False)
    if splits.missing:
        reason = f"says nothing about {len(splits.missing)} faces (the first: {splits.missing[0]}); they have no split."
        yield Problem(name, reason, skipped=False)
