"""Paired folders of anybody's own: partners carry the same file name.

    <root>/photos/**/anna.jpg   <root>/sketches/**/anna.png   [<root>/caricatures/**/anna.webp]
    split.csv (optional): name,split      name = "anna", or with the subfolder "group/anna"; an ending is ignored

Or a single folder of pictures, which are taken as photos without partners. Case of names and endings never matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from workers.engine.errors import InputError

from .listing import PICTURE_SUFFIXES, key_of, pictures_in, require_folder, subfolder
from .records import CARICATURE, MODALITIES, PHOTO, SKETCH, ImageRecord, Problem, ProtocolList
from .splits import read_split_file, split_of_records

TITLE = "Paired folders"
TERMS = ""
CITATION = ""
OFFICIAL_COUNTS: dict[str, int] = {}
ROOT_FOLDERS = ("photos", "photo", "sketches", "sketch", "caricatures", "caricature")

FOLDER_NAMES = {
    PHOTO: ("photos", "photo"),
    SKETCH: ("sketches", "sketch"),
    CARICATURE: ("caricatures", "caricature"),
}


def read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]:
    """All faces by name, photo before drawings; see datasetviewer.layouts."""
    require_folder(root)
    own = root / "split.csv"
    splits_path = split_file or (own if own.is_file() else None)
    splits = _read_splits(splits_path) if splits_path else {}

    folders = {
        modality: found for modality, names in FOLDER_NAMES.items() if (found := subfolder(root, *names)) is not None
    }
    single = not folders
    faces: dict[str, dict[str, Path]] = {}
    for modality, folder in (folders or {PHOTO: root}).items():
        for path in pictures_in(folder, root, below=True):
            if isinstance(path, Problem):
                if path.path != "split.csv":
                    yield path
                continue
            face = faces.setdefault(_name(path.relative_to(folder).as_posix()), {})
            if modality in face:
                reason = f"has the same name as {key_of(face[modality], root)}, which was taken."
                yield Problem(key_of(path, root), reason)
            else:
                face[modality] = path
    if not faces:
        raise InputError(
            f"There are no pictures in {root}. Give a folder with photos/ and sketches/ in it, or a folder of pictures."
        )
    yield from _records(root, faces, splits, single=single)

    if splits_path is None:
        return
    absent = sorted(splits.keys() - faces.keys())
    if absent:
        reason = f"names {len(absent)} faces that are not in the folder (the first: {absent[0]})."
        yield Problem(splits_path.name, reason, skipped=False)
    unnamed = sorted(faces.keys() - splits.keys())
    if unnamed:
        reason = f"says nothing about {len(unnamed)} faces (the first: {unnamed[0]}); they have no split."
        yield Problem(splits_path.name, reason, skipped=False)


def protocols(root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]:
    """The split of the split file, if there is one."""
    yield from split_of_records(read(root, split_file=split_file), source=(split_file or root / "split.csv").name)


def _records(
    root: Path, faces: dict[str, dict[str, Path]], splits: dict[str, str], *, single: bool
) -> Iterator[ImageRecord | Problem]:
    for name in sorted(faces):
        face = faces[name]
        pair = name if PHOTO in face and len(face) > 1 else None
        # Names keep their letters as the photo spells them; they were only compared without regard to case.
        shown = _subject(next(iter(face.values())), root, single=single)
        for modality in MODALITIES:
            if modality in face:
                path = face[modality]
                yield ImageRecord(key_of(path, root), shown, modality, pair, splits.get(name, ""), "", path)
                if pair is None and not single:
                    lacking = "photo" if modality != PHOTO else "drawing"
                    yield Problem(
                        key_of(path, root), f"has no {lacking} of its name; it comes in alone.", skipped=False
                    )


def _subject(path: Path, root: Path, *, single: bool) -> str:
    """The person's name: the path below the modality's folder, without the ending; a slash would break addresses."""
    parts = path.relative_to(root).with_suffix("").parts
    return " ".join(parts if single else parts[1:])


def _name(relative: str) -> str:
    """What partners have in common: the path below the modality's folder in lower case, without the ending."""
    path = PurePosixPath(relative.casefold())
    return (path.with_suffix("") if path.suffix in PICTURE_SUFFIXES else path).as_posix()


def _read_splits(path: Path) -> dict[str, str]:
    splits: dict[str, str] = {}
    for row in read_split_file(path, columns=("name",)):
        name = _name(row.cells["name"].replace("\\", "/"))
        before = splits.setdefault(name, row.split)
        if before != row.split:
            raise InputError(f"Line {row.line} of {path} puts {name!r} into a second split, {row.split!r}.")
    return splits
