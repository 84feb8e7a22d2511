"""What the layouts share: listing the pictures of a folder in a stable order, on any file system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workers.engine.errors import InputError

from .records import Problem

# File name endings that are taken for pictures; what is really inside is found out when the file is read.
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"})

# Left behind by file managers; nobody wants to hear about them.
IGNORED_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


def is_ignored(name: str) -> bool:
    """Hidden files and the droppings of file managers."""
    return name.startswith(".") or name.casefold() in IGNORED_NAMES


def is_picture(path: Path) -> bool:
    return path.suffix.casefold() in PICTURE_SUFFIXES


def key_of(path: Path, root: Path) -> str:
    """The path below the root with forward slashes."""
    return path.relative_to(root).as_posix()


def require_folder(root: Path) -> None:
    if not root.exists():
        raise InputError(f"There is no folder {root}.")
    if not root.is_dir():
        raise InputError(f"{root} is a file; give the folder that holds the dataset.")


def subfolder(root: Path, *names: str) -> Path | None:
    """The subfolder of one of these names, in any case; None when there is none. The first name wins."""
    folders = {entry.name.casefold(): entry for entry in sorted(root.iterdir(), reverse=True) if entry.is_dir()}
    for name in names:
        found = folders.get(name.casefold())
        if found is not None:
            return found
    return None


def pictures_in(folder: Path, root: Path, *, below: bool = False) -> Iterator[Path | Problem]:
    """The pictures of a folder sorted by name, and a problem for everything else in it.

    below  also those of its subfolders
    """
    for entry in sorted(folder.iterdir(), key=lambda path: (path.name.casefold(), path.name)):
        if is_ignored(entry.name):
            continue
        if not _is_text(entry.name):
            name = entry.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            yield Problem(name, "has a name that is not UTF-8 text; rename it.")
            continue
        if entry.is_dir():
            if below:
                yield from pictures_in(entry, root, below=True)
            else:
                yield Problem(key_of(entry, root), "is a folder; only the files beside it are read.")
        elif not is_picture(entry):
            yield Problem(key_of(entry, root), "is not a picture file (by the ending of its name).")
        else:
            yield entry


def _is_text(name: str) -> bool:
    """False for names in another encoding, which Python carries as lone surrogates and no database takes."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
