"""Layouts: how a dataset lies on the disk. One module a layout, found by name and imported at first use.

A layout is a module with

    TITLE            the dataset's name for people
    TERMS            on what terms it may be used
    CITATION         what to cite
    OFFICIAL_COUNTS  dict of what the complete dataset holds, e.g. {"pairs": 606}; empty when there is no such thing.
                     Names: images, pairs, subjects, photos, sketches, caricatures, or a source (its pairs)
    ROOT_FOLDERS     names of folders that lie directly in the root; a single other folder in an archive is stepped into
    read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]
    protocols(root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]

`read` only looks at names, lists and landmark files, it decodes no pictures; it raises InputError with a sentence for
the user when the folder does not look like the layout. Both yield in a stable order.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from workers.engine.errors import InputError

from .listing import is_ignored
from .records import ImageRecord, Problem, ProtocolList

LAYOUTS = {
    "cufs": "datasetviewer.layouts.cufs",
    "cufs-uncropped": "datasetviewer.layouts.cufs_uncropped",
    "cufsf": "datasetviewer.layouts.cufsf",
    "webcaricature": "datasetviewer.layouts.webcaricature",
    "fs2k": "datasetviewer.layouts.fs2k",
    "folders": "datasetviewer.layouts.folders",
    "images": "datasetviewer.layouts.single_folder",
    "demo": "datasetviewer.layouts.demo",
}


class Layout(Protocol):
    """The shape of a layout module."""

    TITLE: str
    TERMS: str
    CITATION: str
    OFFICIAL_COUNTS: dict[str, int]
    ROOT_FOLDERS: tuple[str, ...]

    def read(self, root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]: ...

    def protocols(self, root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]: ...


def load_layout(name: str) -> Layout:
    """The layout module of that name; an unknown name is an InputError that lists the known ones."""
    dotted = LAYOUTS.get(name)
    if dotted is None:
        known = ", ".join(sorted(LAYOUTS))
        raise InputError(f"There is no layout named {name!r}. Known layouts: {known}.")
    return cast(Layout, import_module(dotted))


def layout_root(root: Path, layout: Layout) -> Path:
    """The dataset's folder inside an unpacked archive: single folders that are not part of the layout are stepped into."""
    own = {name.casefold() for name in layout.ROOT_FOLDERS}
    for _ in range(5):
        entries = [entry for entry in root.iterdir() if not is_ignored(entry.name)]
        if len(entries) != 1 or not entries[0].is_dir() or entries[0].name.casefold() in own:
            break
        root = entries[0]
    return root


__all__ = ["LAYOUTS", "ImageRecord", "Layout", "Problem", "ProtocolList", "layout_root", "load_layout"]
