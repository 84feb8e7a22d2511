"""Layouts: how a dataset lies on the disk. One module a layout, found by name and imported at first use.

A layout is a module with

    TITLE            the dataset's name for people
    TERMS            on what terms it may be used
    CITATION         what to cite
    OFFICIAL_COUNTS  dict of what the complete dataset holds, e.g. {"pairs": 606}; empty when there is no such thing
    read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]

`read` only looks at names, lists and landmark files, it decodes no pictures; it raises InputError with a sentence for
the user when the folder does not look like the layout. It yields in a stable order.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from workers.engine.errors import InputError

from .records import ImageRecord, Problem

LAYOUTS = {
    "cufs": "datasetviewer.layouts.cufs",
    "folders": "datasetviewer.layouts.folders",
    "demo": "datasetviewer.layouts.demo",
}


class Layout(Protocol):
    """The shape of a layout module."""

    TITLE: str
    TERMS: str
    CITATION: str
    OFFICIAL_COUNTS: dict[str, int]

    def read(self, root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]: ...


def load_layout(name: str) -> Layout:
    """The layout module of that name; an unknown name is an InputError that lists the known ones."""
    dotted = LAYOUTS.get(name)
    if dotted is None:
        known = ", ".join(sorted(LAYOUTS))
        raise InputError(f"There is no layout named {name!r}. Known layouts: {known}.")
    return cast(Layout, import_module(dotted))


__all__ = ["LAYOUTS", "ImageRecord", "Layout", "Problem", "load_layout"]
