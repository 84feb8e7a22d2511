"""One folder of pictures: nothing is paired.

    <root>/**/anna.jpg      split.csv (optional): name,split     name = the path below the root, an ending is ignored

Pictures in a subfolder show the person it is named after; pictures directly in the root are each a person of their own.
They are photos, unless the folder's name says sketches or caricatures.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from workers.engine.errors import InputError

from .listing import PICTURE_SUFFIXES, key_of, pictures_in, require_folder
from .records import CARICATURE, PHOTO, SKETCH, ImageRecord, Problem, ProtocolList
from .splits import read_split_file, split_of_records

TITLE = "One folder of pictures"
TERMS = ""
CITATION = ""
OFFICIAL_COUNTS: dict[str, int] = {}
ROOT_FOLDERS: tuple[str, ...] = ()


def modality_of(name: str) -> str:
    """What the pictures of a folder of this name are."""
    plain = name.casefold()
    return SKETCH if "sketch" in plain else CARICATURE if "caricature" in plain else PHOTO


def read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]:
    """All pictures in the order of their paths; see datasetviewer.layouts."""
    require_folder(root)
    own = root / "split.csv"
    splits_path = split_file or (own if own.is_file() else None)
    splits = (
        {_name(row.cells["name"]): row.split for row in read_split_file(splits_path, columns=("name",))}
        if splits_path
        else {}
    )
    modality, found = modality_of(root.name), 0
    for path in pictures_in(root, root, below=True):
        if isinstance(path, Problem):
            if path.path != "split.csv":
                yield path
            continue
        found += 1
        key = key_of(path, root)
        folder = PurePosixPath(key).parent.as_posix()
        subject = path.stem if folder == "." else folder.replace("/", " ")
        yield ImageRecord(key, subject, modality, None, splits.pop(_name(key), ""), "", path)
    if not found:
        raise InputError(f"There are no pictures in {root}.")
    if splits:
        reason = f"names {len(splits)} pictures that are not in the folder (the first: {min(splits)})."
        yield Problem(splits_path.name if splits_path else "split.csv", reason, skipped=False)


def protocols(root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]:
    """The split of the split file, if there is one."""
    yield from split_of_records(read(root, split_file=split_file), source=(split_file or root / "split.csv").name)


def _name(relative: str) -> str:
    path = PurePosixPath(relative.replace("\\", "/").casefold())
    return (path.with_suffix("") if path.suffix in PICTURE_SUFFIXES else path).as_posix()
