"""Drawing a stored photo again: by another model, another face of it, or with points that a person set."""

from __future__ import annotations

import os
import shutil
import uuid
from typing import Any

from django.utils.translation import gettext as _

from workers.engine.errors import InputError

from ..choosing import SMALLEST_FACE, no_such_face, points_checked, width
from ..models import Stylization
from .choice import Choice
from .creating import new_row, queued
from .limits import check_limit


def stylization_redraw(
    stylization: Stylization,
    *,
    model: str | None = None,
    seed: int | None = None,
    strength: float | None = None,
    to_seed: int | None = None,
    mix: float | None = None,
    points: Any = None,
    face_index: int | None = None,
    owner: Any = None,
    visitor: str = "",
    together: uuid.UUID | None = None,
) -> Stylization:
    """A new sketch of the same stored photo, queued; what is not given stays as it was.

    `points` or `face_index` take the place of both. It goes when the first one does: the photo is kept no longer than was
    said when it was sent. Raises InputError and LimitReached as `stylization_create`.
    """
    chosen = Choice.of(stylization).changed(model, seed, strength, to_seed, mix).checked(owner, face_index)
    size = (stylization.width, stylization.height)
    if points is not None:
        points, face_index = points_checked(points, size), None
    elif face_index is None:
        points, face_index = stylization.points, stylization.face_index
    elif stylization.found is not None and face_index >= len(stylization.found):
        raise InputError(no_such_face(face_index, len(stylization.found)))
    check_limit(owner=owner, visitor=visitor)
    row = row_again(stylization, chosen, owner=owner, visitor=visitor)
    row.points, row.face_index, row.together = points, face_index, together
    with queued([row], owner=owner, visitor=visitor):
        share_photo(stylization, row)
    return row


def stylizations_all_faces(stylization: Stylization, *, owner: Any = None, visitor: str = "") -> list[Stylization]:
    """Queue one sketch of each face in the photo that is large enough, the largest first; they share `together`."""
    faces = [index for index, one in enumerate(stylization.found or []) if width(one) >= SMALLEST_FACE]
    if not faces:
        raise InputError(_("No face that is large enough was found in this photo; mark one yourself."))
    chosen = Choice.of(stylization).checked(owner)
    check_limit(owner=owner, visitor=visitor, count=len(faces))
    together = uuid.uuid4()
    rows = []
    for index in faces:
        row = row_again(stylization, chosen, owner=owner, visitor=visitor)
        row.face_index, row.together = index, together
        rows.append(row)
    with queued(rows, owner=owner, visitor=visitor):
        for row in rows:
            share_photo(stylization, row)
    return rows


def row_again(stylization: Stylization, chosen: Choice, *, owner: Any, visitor: str) -> Stylization:
    """A row that is not saved yet, for another sketch of the same photo."""
    row = new_row((stylization.width, stylization.height), chosen, owner=owner, visitor=visitor)
    row.source = stylization.first
    row.name, row.found, row.expires_at = stylization.name, stylization.found, stylization.expires_at
    return row


def share_photo(source: Stylization, row: Stylization) -> None:
    """Give a row the photo of another. Stored photos are never changed, so where the disk can, both name one file."""
    row.folder.mkdir(parents=True)
    try:
        os.link(source.file("photo"), row.file("photo"))
    except FileNotFoundError as error:
        raise InputError(_("The photo was deleted; send it again.")) from error
    except OSError:
        shutil.copyfile(source.file("photo"), row.file("photo"))
