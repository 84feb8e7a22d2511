"""FS2K: 2,104 photos and sketches in three styles, with attributes.

    <root>/photo/photo<N>/image<0001>.jpg     <root>/sketch/sketch<N>/sketch<0001>.{jpg,png}     N = 1, 2, 3
    <root>/anno_train.json, anno_test.json    lists of objects: "image_name" ("photo1/image0110"), "style" (0, 1, 2),
                                              "gender", "smile", "hair", ... ; which of the two is the split

The photo `photo1/image0110` and the sketch `sketch1/sketch0110` are partners. Pictures that neither list names come in
without a split and without attributes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.engine.errors import InputError

from .listing import key_of, pictures_in, require_folder, subfolder
from .records import PHOTO, SKETCH, TEST, TRAIN, ImageRecord, Problem, ProtocolList

TITLE = "FS2K"
TERMS = "For research only."
CITATION = (
    "D.-P. Fan, Z. Huang, P. Zheng, H. Liu, X. Qin and L. Van Gool, “Facial-Sketch Synthesis: A New Challenge”, "
    "Machine Intelligence Research, vol. 19, 2022."
)
OFFICIAL_COUNTS = {"pairs": 2104, "photos": 2104, "sketches": 2104}
ROOT_FOLDERS = ("photo", "sketch", "photos", "sketches")
SPLIT_NAME, SPLIT_OFFICIAL = "fs2k-1058-1046", {TRAIN: 1058, TEST: 1046}
LISTS = {TRAIN: "anno_train.json", TEST: "anno_test.json"}
MAX_LIST_BYTES = 50 * 1024 * 1024

FOLDERS = {PHOTO: re.compile(r"photo(\d+)"), SKETCH: re.compile(r"sketch(\d+)")}
FILES = {PHOTO: re.compile(r"image(\d+)"), SKETCH: re.compile(r"sketch(\d+)")}
NAME = re.compile(r"photo(\d+)/image(\d+)")


@dataclass(frozen=True)
class Annotation:
    """What a list says of a face: its split and its attributes."""

    split: str
    attributes: dict[str, Any]


def read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]:
    """All faces by style and number, photo before sketch; see datasetviewer.layouts."""
    folders = _folders(root)
    if split_file is not None:
        raise InputError("FS2K takes its split from anno_train.json and anno_test.json; leave the split file out.")
    annotations: dict[str, Annotation] = {}
    for entry in _annotations(root):
        if isinstance(entry, Problem):
            yield entry
        else:
            annotations.setdefault(*entry)
    faces: dict[str, dict[str, Path]] = {}
    for modality, folder in folders.items():
        for path in pictures_in(folder, root, below=True):
            if isinstance(path, Problem):
                yield path
                continue
            place = FOLDERS[modality].fullmatch(path.parent.name.casefold())
            number = FILES[modality].fullmatch(path.stem.casefold())
            if place is None or number is None:
                yield Problem(key_of(path, root), f"is not named like a {modality} of FS2K.")
                continue
            face = faces.setdefault(f"photo{place[1]}/image{number[1]}", {})
            if modality in face:
                yield Problem(
                    key_of(path, root), f"has the same name as {key_of(face[modality], root)}, which was taken."
                )
            else:
                face[modality] = path
    for name in sorted(faces):
        yield from _face(root, name, faces[name], annotations.get(name))
    absent = sorted(annotations.keys() - faces.keys())
    if absent:
        reason = f"name {len(absent)} faces that are not in the folder (the first: {absent[0]})."
        yield Problem("anno_*.json", reason, skipped=False)
    unnamed = sorted(faces.keys() - annotations.keys())
    if unnamed:
        reason = f"say nothing about {len(unnamed)} faces (the first: {unnamed[0]}); they have no split."
        yield Problem("anno_*.json", reason, skipped=False)


def _face(root: Path, name: str, face: dict[str, Path], known: Annotation | None) -> Iterator[ImageRecord | Problem]:
    """The pictures of one face; its style is the number of its folder."""
    split, attributes = (known.split, known.attributes) if known else ("", {})
    style = f"style {name.split('/')[0].removeprefix('photo')}"
    pair = name if len(face) == 2 else None
    for modality in (PHOTO, SKETCH):
        if modality in face:
            path = face[modality]
            yield ImageRecord(
                key_of(path, root), name.replace("/", " "), modality, pair, split, style, path, None, attributes
            )
            if pair is None:
                lacking = SKETCH if modality == PHOTO else PHOTO
                yield Problem(key_of(path, root), f"has no {lacking}; it comes in alone.", skipped=False)


def protocols(root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]:
    """The official split."""
    _folders(root)
    rows = tuple((entry[1].split, entry[0]) for entry in _annotations(root) if not isinstance(entry, Problem))
    if rows:
        yield ProtocolList(
            name=SPLIT_NAME,
            kind="split",
            unit="pair",
            title="FS2K, 1058 training and 1046 testing pairs",
            rows=rows,
            source="anno_train.json, anno_test.json",
            official=SPLIT_OFFICIAL,
            applies=True,
        )


def _folders(root: Path) -> dict[str, Path]:
    require_folder(root)
    found = {PHOTO: subfolder(root, "photo", "photos"), SKETCH: subfolder(root, "sketch", "sketches")}
    folders = {modality: folder for modality, folder in found.items() if folder is not None}
    if len(folders) < 2:
        raise InputError(
            f"{root} does not look like FS2K: it lacks the folder {' and '.join({PHOTO, SKETCH} - set(folders))}."
        )
    return folders


def _annotations(root: Path) -> Iterator[tuple[str, Annotation] | Problem]:
    """Name of a face and what is said of it, in the order of the lists; a problem for each list or entry that is no use."""
    seen: set[str] = set()
    for split, file in LISTS.items():
        path = root / file
        if not path.is_file():
            yield Problem(file, "is missing; its pictures come in without split and attributes.", skipped=False)
            continue
        try:
            if path.stat().st_size > MAX_LIST_BYTES:
                raise ValueError("it is too large")
            entries = json.loads(path.read_text(encoding="utf-8-sig"))
            if not isinstance(entries, list):
                raise ValueError("it is not a list")
        except (OSError, ValueError, RecursionError) as error:
            yield Problem(file, f"cannot be read as a JSON list: {str(error)[:200]}.", skipped=False)
            continue
        for number, entry in enumerate(entries, 1):
            name = entry.get("image_name") if isinstance(entry, dict) else None
            plain = re.sub(r"\.\w+$", "", str(name)).casefold().removeprefix("photo/")
            if name is None or NAME.fullmatch(plain) is None:
                yield Problem(file, f"entry {number} names no picture like photo1/image0110.", skipped=False)
            elif plain in seen:
                yield Problem(file, f"entry {number} names {plain} a second time; the first stands.", skipped=False)
            else:
                seen.add(plain)
                yield plain, Annotation(split, {key: value for key, value in entry.items() if key != "image_name"})
