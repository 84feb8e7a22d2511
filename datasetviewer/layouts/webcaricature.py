"""WebCaricature: photos and caricatures of 252 persons, linked by person, not one to one.

    <root>/OriginalImages/<Person Name>/C00001.jpg, P00001.jpg      caricatures and photos
    <root>/FacialPoints/<Person Name>/C00001.txt                    17 lines "x y" (optional)
    <root>/Filenames/<Person Name>/file_c.txt, file_p.txt           names, one a line, with or without .jpg (optional)
    <root>/EvaluationProtocols/...                                  see webcaricature_protocols.py (optional)

Person names are folder names with spaces and punctuation (`George W. Bush`, `P!nk`); copies with underscores are the
same persons. Numbers start at 00001 and have no gaps, separately for C and P.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from workers.engine.errors import InputError

from .listing import is_ignored, key_of, pictures_in, require_folder, subfolder
from .records import CARICATURE, PHOTO, ImageRecord, Point, Problem, ProtocolList, points_fit
from .webcaricature_protocols import read_protocols

TITLE = "WebCaricature"
TERMS = "Academic use only; do not redistribute or modify."
CITATION = (
    "J. Huo, W. Li, Y. Shi, Y. Gao and H. Yin, “WebCaricature: a benchmark for caricature recognition”, BMVC 2018; "
    "J. Huo, Y. Gao, Y. Shi and H. Yin, “Variation Robust Cross-Modal Metric Learning for Caricature Recognition”, "
    "ACM Multimedia Thematic Workshops 2017."
)
OFFICIAL_COUNTS = {"subjects": 252, "caricatures": 6042, "photos": 5974}
ROOT_FOLDERS = ("OriginalImages", "Original_Images", "FacialPoints", "Filenames", "EvaluationProtocols")
LANDMARK_COUNT = 17
MODALITY = {"c": CARICATURE, "p": PHOTO}
SAMPLE = 40  # pictures whose size is compared with their landmarks

_NAME = re.compile(r"([cp])(\d{1,6})")


@dataclass
class Person:
    """The folder of one person, and the numbers found in it by letter."""

    name: str
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)


def person_name(folder: str) -> str:
    """The person's name: spaces for underscores."""
    return " ".join(folder.replace("_", " ").split())


def image_name(text: str) -> str | None:
    """ "c00001.JPG" -> "C00001"; None when it is no name of a picture."""
    match = _NAME.fullmatch(re.sub(r"\.\w{1,5}$", "", text.strip()).casefold())
    return f"{match[1].upper()}{int(match[2]):05}" if match else None


def read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]:
    """All persons by name, caricatures before photos; see datasetviewer.layouts. No split belongs to the set."""
    pictures = _pictures_folder(root)
    if split_file is not None:
        raise InputError("WebCaricature has no split of pictures; import it, then upload the list as a protocol.")
    persons: dict[str, Person] = {}
    for entry in sorted(pictures.iterdir(), key=lambda path: (person_name(path.name).casefold(), path.name)):
        if is_ignored(entry.name):
            continue
        if not entry.is_dir():
            yield Problem(key_of(entry, root), "lies beside the persons' folders; only files inside them are read.")
            continue
        person = Person(person_name(entry.name), entry)
        twin = persons.setdefault(person.name.casefold(), person)
        if twin is not person:
            reason = f"is the same person as {key_of(twin.folder, root)}, which was taken."
            yield Problem(key_of(entry, root), reason)
    points = dict(_by_person(subfolder(root, "FacialPoints", "Facial_Points")))
    yield from _fill(root, persons)
    with_points = True
    if points:
        remark = _points_of_other_pictures(persons, points)
        if remark:
            with_points = False
            yield Problem("FacialPoints", remark, skipped=False)
    for key in sorted(persons):
        yield from _records(root, persons[key], points.get(key) if with_points else None)
    yield from _gaps(persons)
    yield from _lists(root, persons)


def protocols(root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]:
    """The verification and identification protocols and the persons' split, as far as their files are there."""
    names = [person_name(entry.name) for entry in sorted(_pictures_folder(root).iterdir()) if entry.is_dir()]
    yield from read_protocols(root, names)


def _pictures_folder(root: Path) -> Path:
    require_folder(root)
    folder = subfolder(root, "OriginalImages", "Original_Images", "OriginalImage")
    if folder is None:
        raise InputError(f"{root} does not look like WebCaricature: it has no folder OriginalImages.")
    return folder


def _by_person(folder: Path | None) -> Iterator[tuple[str, Path]]:
    for entry in sorted(folder.iterdir()) if folder else ():
        if entry.is_dir() and not is_ignored(entry.name):
            yield person_name(entry.name).casefold(), entry


def _fill(root: Path, persons: dict[str, Person]) -> Iterator[Problem]:
    for person in persons.values():
        for path in pictures_in(person.folder, root):
            if isinstance(path, Problem):
                yield path
                continue
            name = image_name(path.name)
            if name is None:
                yield Problem(key_of(path, root), "is not named like a picture of WebCaricature (C00001, P00001).")
            elif name in person.files:
                yield Problem(key_of(path, root), f"has the same name as {key_of(person.files[name], root)}.")
            else:
                person.files[name] = path


def _records(root: Path, person: Person, points: Path | None) -> Iterator[ImageRecord | Problem]:
    files = {image_name(path.name): path for path in sorted(points.iterdir())} if points else {}
    for name in sorted(person.files):
        path = person.files[name]
        landmarks = None
        file = files.get(name)
        if file is not None:
            try:
                landmarks = read_points(file)
            except InputError as error:
                reason = f"comes in without landmarks: {key_of(file, root)} {error}"
                yield Problem(key_of(path, root), reason, skipped=False)
        modality = MODALITY[name[0].casefold()]
        yield ImageRecord(key_of(path, root), person.name, modality, None, "", "", path, landmarks)


def read_points(path: Path) -> tuple[Point, ...]:
    """17 points in pixels of the picture. InputError, the second half of a sentence, says what is wrong."""
    try:
        if path.stat().st_size > 10_000:
            raise InputError("is too large for a landmark file.")
        lines = [line.replace(",", " ").split() for line in path.read_text(encoding="utf-8-sig").splitlines()]
        points = tuple((float(x), float(y)) for x, y in (line for line in lines if line))
    except OSError as error:
        raise InputError(f"cannot be opened: {error.strerror or error}.") from error
    except ValueError as error:
        raise InputError("has a line that is not two numbers.") from error
    if len(points) != LANDMARK_COUNT:
        raise InputError(f"has {len(points)} points instead of {LANDMARK_COUNT}.")
    # The comparison also refuses infinity and "nan", which float() takes.
    if not all(abs(number) < 1e5 for point in points for number in point):
        raise InputError("has a number that cannot be a place in a picture.")
    return points


def _points_of_other_pictures(persons: dict[str, Person], points: dict[str, Path]) -> str:
    """Why the landmarks are not those of these pictures; "" when they may be.

    The official pictures have all sizes, so pictures of one single size were scaled by somebody; if then the points of
    only one of a sample lie outside, none belongs to them, also where a point happens to fall inside.
    """
    named = [(person, name) for person, it in sorted(persons.items()) for name in sorted(it.files) if person in points]
    sizes: set[tuple[int, int]] = set()
    outside = 0
    for person, name in named[:: max(1, len(named) // SAMPLE)]:
        path = points[person] / f"{name}.txt"
        try:
            with Image.open(persons[person].files[name]) as header:
                sizes.add(header.size)
                outside += path.is_file() and not points_fit(read_points(path), *header.size)
        except (OSError, ValueError, SyntaxError, InputError, Image.DecompressionBombError, Warning):
            continue
    if len(sizes) != 1 or not outside:
        return ""
    ((width, height),) = sizes
    return (
        f"belongs to other pictures: all of these are {width}x{height}, so they were cropped or scaled, and the points "
        "lie outside some of them. The pictures come in without landmarks."
    )


def _gaps(persons: dict[str, Person]) -> Iterator[Problem]:
    """Numbers that are skipped: the official set has none, so those pictures are missing."""
    missing = []
    for person in persons.values():
        for letter in "CP":
            numbers = {int(name[1:]) for name in person.files if name[0] == letter}
            gaps = sorted(set(range(1, max(numbers, default=0))) - numbers)
            missing += [f"{person.name}/{letter}{number:05}" for number in gaps]
    if missing:
        reason = f"lacks {len(missing)} pictures by the gaps in their numbers (the first: {missing[0]})."
        yield Problem("OriginalImages", reason, skipped=False)


def _lists(root: Path, persons: dict[str, Person]) -> Iterator[Problem]:
    """What Filenames names and the folder lacks, and the other way round: one remark for each."""
    absent, unlisted = [], []
    for key, folder in _by_person(subfolder(root, "Filenames", "FileNames")):
        listed: set[str] = set()
        for file in sorted(folder.iterdir()):
            if not file.name.casefold().startswith("file_") or not file.is_file():
                continue
            try:
                lines = file.read_text(encoding="utf-8-sig").splitlines()[:100_000]
            except (OSError, UnicodeDecodeError):
                yield Problem(key_of(file, root), "cannot be read as text.", skipped=False)
                continue
            listed |= {name for line in lines if (name := image_name(line))}
        files = set(persons[key].files) if key in persons else set()
        absent += [f"{person_name(folder.name)}/{name}" for name in sorted(listed - files)]
        unlisted += [f"{person_name(folder.name)}/{name}" for name in sorted(files - listed)]
    if absent:
        reason = f"names {len(absent)} pictures that are not there (the first: {absent[0]})."
        yield Problem("Filenames", reason, skipped=False)
    if unlisted:
        reason = f"does not name {len(unlisted)} pictures that are there (the first: {unlisted[0]})."
        yield Problem("Filenames", reason, skipped=False)
