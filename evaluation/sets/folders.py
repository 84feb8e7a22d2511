"""Folders of this machine as sets: which may be named over the network, and which there are.

Whoever is signed in may measure what lies below FOLDER_ROOTS; what lies elsewhere is never said to exist or not. The
command line, whose user can read the files anyway, may name any folder.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.engine.features.pictures import SUFFIXES, pictures_below

MOST_PICTURES = 20_000  # of a folder that is named over the network: each is read once before the answer
MOST_ENTRIES = 20_000  # of the roots that are looked at for suggestions
MOST_SUGGESTIONS = 100
DEEPEST = 6


@dataclass(frozen=True)
class Suggestion:
    """A folder that holds pictures itself, and how many (subfolders left out)."""

    folder: str
    pictures: int


def roots() -> list[Path]:
    return [Path(root).resolve() for root in settings.FOLDER_ROOTS]


def folder_allowed(given: str, which: str) -> Path:
    """The folder meant by a path, absolute or from one of the roots; links are followed before it is judged.

    InputError in the same words for what is outside and for what is not there.
    """
    allowed = roots()
    for root in allowed:
        try:
            folder = (root / given.strip()).resolve()
        except (OSError, ValueError, RuntimeError):
            continue
        if given.strip() and _inside(folder, allowed) and folder.is_dir():
            return folder
    text = _(
        "%(which)s: there is no folder %(folder)s in %(roots)s. Put the pictures there, or measure the folder with "
        "manage.py evaluate on the server."
    )
    where = ", ".join(str(root) for root in allowed)
    raise InputError(text % {"which": which, "folder": repr(given)[:200], "roots": where})


def folder_pictures(folder: Path, which: str, *, confined: bool) -> list[Path]:
    """The pictures below a folder, sorted. `confined`: a link out of the roots and very many pictures are an InputError."""
    try:
        paths = pictures_below(folder)
    except InputError as error:
        raise InputError(f"{which}: {error}") from error
    if len(paths) < 2:
        raise InputError(_("%(which)s: %(folder)s holds 1 picture; 2 are needed.") % {"which": which, "folder": folder})
    if not confined:
        return paths
    if len(paths) > MOST_PICTURES:
        text = _(
            "%(which)s: %(folder)s holds %(n)s pictures; over the network at most %(most)s are taken. Measure it with "
            "manage.py evaluate on the server, or import it as a dataset."
        )
        raise InputError(text % {"which": which, "folder": folder, "n": len(paths), "most": MOST_PICTURES})
    allowed = roots()
    for path in paths:
        if path.is_symlink() and not _inside(path.resolve(), allowed):
            text = _("%(which)s: %(file)s is a link that leads out of the folder. Put the picture itself there.")
            raise InputError(text % {"which": which, "file": path.relative_to(folder)})
    return paths


def _inside(path: Path, allowed: list[Path]) -> bool:
    return any(path.is_relative_to(root) for root in allowed)


def folder_suggestions() -> list[Suggestion]:
    """Folders below the roots with at least two pictures of their own, those near the top first; looks only so far."""
    found: list[Suggestion] = []
    left = MOST_ENTRIES
    waiting = deque((root, 0) for root in dict.fromkeys(roots()))
    while waiting and left > 0 and len(found) < MOST_SUGGESTIONS:
        folder, depth = waiting.popleft()
        pictures = 0
        for entry in _entries(folder):
            left -= 1
            if left <= 0:
                break
            if entry.is_dir(follow_symlinks=False):
                if depth < DEEPEST:
                    waiting.append((Path(entry.path), depth + 1))
            elif Path(entry.name).suffix.lower() in SUFFIXES:
                pictures += 1
        if pictures > 1:
            found.append(Suggestion(str(folder), pictures))
    return sorted(found, key=lambda one: one.folder)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from sorted((one for one in entries if not one.name.startswith(".")), key=lambda one: one.name)
    except OSError:
        return
