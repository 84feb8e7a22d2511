"""The CUHK student faces of CUFS as first published: photos of 1024x768, sheets of about 414x582, not aligned.

    <root>/CUHK_uncropped/{photos,sketches}/*.jpg     or     <root>/{photos,sketches}/*.jpg

Names as in the cropped CUHK folder (see cufs.py). Keys are paths below the folder that holds photos/ and sketches/.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workers.engine.errors import InputError

from .cufs import CITATION as CITATION
from .cufs import (
    UNCROPPED,
    Splits,
    cuhk_partition,
    modality_folders,
    own_split_file,
    read_source,
    read_splits,
    split_remarks,
)
from .listing import require_folder, subfolder
from .records import ImageRecord, Problem, ProtocolList

TITLE = "CUHK student faces, uncropped"
TERMS = "For research on face sketch synthesis and recognition only."
OFFICIAL_COUNTS = {"pairs": 188}
ROOT_FOLDERS = (UNCROPPED, "photos", "photo", "sketches", "sketch")


def read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]:
    """All faces by name, photo before sketch; see datasetviewer.layouts."""
    folder = _folder(root)
    path = split_file or own_split_file(folder) or own_split_file(root)
    all_splits = read_splits(path)
    splits = Splits(path, {face: split for face, split in all_splits.by_face.items() if face[0] == "CUHK"})
    yield from read_source("CUHK", folder, folder, splits)
    yield from split_remarks(splits, root)


def protocols(root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]:
    """The official partition of the CUHK faces."""
    folder = _folder(root)
    yield cuhk_partition(folder, folder)


def _folder(root: Path) -> Path:
    """The folder that holds photos/ and sketches/."""
    require_folder(root)
    folder = subfolder(root, UNCROPPED) or root
    if not modality_folders(folder):
        raise InputError(
            f"{root} does not look like the uncropped CUHK faces: it has neither a folder {UNCROPPED} nor photos/ and "
            "sketches/."
        )
    return folder
