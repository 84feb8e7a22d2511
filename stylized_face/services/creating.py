"""Making sketches of what was sent: one photo, or several at once."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.engine.png_files import write_png_stored
from workers.queue import enqueue

from ..choosing import MOST_FACES, points_checked
from ..models import MAX_SEED, MAX_STRENGTH, MIN_STRENGTH, Stylization
from ..offered import default_model, model_alike, model_get
from ..uploads import MAX_PHOTOS, Refused, Sent, refused_text, upload_name, upload_photo
from ..zips import zip_unpacked
from .expiring import retention
from .limits import check_limit

TIME_LIMIT_SECONDS = 120


@dataclass(frozen=True)
class Submission:
    """What became of several files: the sketches that were queued, which share `together`, and what was not used."""

    together: uuid.UUID
    stylizations: list[Stylization]
    refused: list[Refused]


def stylization_create(
    *,
    photo: IO[bytes],
    name: str = "",
    model: str | None = None,
    seed: int = 0,
    strength: float = 1.0,
    points: Any = None,
    face_index: int | None = None,
    owner: Any = None,
    visitor: str = "",
) -> Stylization:
    """Check the sent photo, keep a clean copy of it, and queue the drawing.

    `points` and `face_index` say which face is meant, see `choosing.face_chosen`. `owner` is a user or None; `visitor` is
    the digest that the hourly limit counts when there is no owner.
    Raises InputError for what the sender can mend and LimitReached for what only waiting mends.
    """
    model = options_checked(model=model, seed=seed, strength=strength, face_index=face_index, owner=owner)
    check_limit(owner=owner, visitor=visitor)
    made: list[Stylization] = []
    with queued(made, owner=owner, visitor=visitor), upload_photo(photo) as picture:
        row = new_row(picture.size, owner=owner, visitor=visitor, model=model, seed=seed, strength=strength)
        row.name = upload_name(name)
        if points is not None:
            row.points = points_checked(points, picture.size)
        else:
            row.face_index = face_index
        made.append(row)
        write_png_stored(picture, row.file("photo"))
    return row


def stylizations_create(
    *,
    files: Sequence[Sent],
    refused: Sequence[Refused] = (),
    model: str | None = None,
    seed: int = 0,
    strength: float = 1.0,
    owner: Any = None,
    visitor: str = "",
) -> Submission:
    """Queue a sketch of each photo among the files, zips opened; what cannot be used is named and does not stop the rest.

    `refused` are files that were dropped before. InputError when no photo is left, LimitReached when not all of them fit
    into the hour: then none is drawn.
    """
    model = options_checked(model=model, seed=seed, strength=strength, owner=owner)
    left_out = list(refused)
    made: list[Stylization] = []
    together = uuid.uuid4()
    with ExitStack() as open_files:
        photos = _photos(files, left_out, open_files)
        check_limit(owner=owner, visitor=visitor, count=max(1, len(photos)))
        with queued(made, owner=owner, visitor=visitor):
            for photo in photos:  # one after the other, so that only one picture is in memory
                try:
                    with upload_photo(photo.stream) as picture:
                        row = new_row(
                            picture.size, owner=owner, visitor=visitor, model=model, seed=seed, strength=strength
                        )
                        row.name, row.together = photo.name, together
                        made.append(row)
                        write_png_stored(picture, row.file("photo"))
                except InputError as error:
                    left_out.append(Refused(photo.name, str(error)))
            if not made:
                raise InputError(_nothing_left(left_out))
    return Submission(together, made, left_out)


def options_checked(
    *, model: str | None, seed: int, strength: float, face_index: int | None = None, owner: Any = None
) -> str:
    """The model's id, the default's for None; InputError for an option that cannot be."""
    model = model_get(model=model or default_model(), user=owner).id
    if not 0 <= seed <= MAX_SEED:
        raise InputError(_("The seed is a whole number from 0 to %(limit)d.") % {"limit": MAX_SEED})
    if not MIN_STRENGTH <= strength <= MAX_STRENGTH:
        text = _("The strength is a number from %(low)g to %(high)g.")
        raise InputError(text % {"low": MIN_STRENGTH, "high": MAX_STRENGTH})
    if face_index is not None and not 0 <= face_index < MOST_FACES:
        raise InputError(_("The face is a whole number from 0, the largest, to %(most)d.") % {"most": MOST_FACES - 1})
    return model


def new_row(size: tuple[int, int], *, owner: Any, visitor: str, **fields: Any) -> Stylization:
    """A row that is not saved yet, for a photo of that size (width, height)."""
    now = timezone.now()
    return Stylization(
        id=uuid.uuid4(),
        owner=owner,
        visitor="" if owner else visitor,
        width=size[0],
        height=size[1],
        created=now,
        expires_at=now + retention(),
        **fields,
    )


@contextmanager
def queued(rows: list[Stylization], *, owner: Any, visitor: str) -> Iterator[None]:
    """In the body the photos of the rows are written; at its end the rows are, and their jobs, all or none.

    Where that fails, or the body does, nothing of them is left.
    """
    try:
        yield
        with transaction.atomic():
            check_limit(owner=owner, visitor=visitor, count=len(rows))  # again, for what came in meanwhile
            for row in rows:
                row.job, _new = enqueue(
                    kind="stylize",
                    handler="stylized_face.jobs.stylize",
                    arguments={"stylization": str(row.id)},
                    queue="interactive",
                    owner=owner,
                    title=_("Sketch by %(model)s") % {"model": row.model},
                    link=reverse("stylized_face:sketch-detail", args=[row.id]),
                    alike=model_alike(row.model),
                    time_limit=TIME_LIMIT_SECONDS,
                )
                row.save(force_insert=True)
    except BaseException:
        for row in rows:
            shutil.rmtree(row.folder, ignore_errors=True)
        raise


def _photos(files: Sequence[Sent], left_out: list[Refused], open_files: ExitStack) -> list[Sent]:
    """The files themselves, with a zip's pictures in the place of the zip; at most MAX_PHOTOS of them."""
    photos: list[Sent] = []
    too_many = _("At most %(most)d photos are taken at once.") % {"most": MAX_PHOTOS}
    for file in files:
        if not file.is_zip:
            photos.append(file)
            continue
        try:
            pictures, others = open_files.enter_context(zip_unpacked(file))
        except InputError as error:
            left_out.append(Refused(file.name, str(error)))
            continue
        left_out += others
        if not pictures:
            left_out.append(Refused(file.name, _("There is no picture in the archive.")))
        room = max(0, MAX_PHOTOS - len(photos))
        photos += [Sent(upload_name(one.name), open_files.enter_context(one.open("rb"))) for one in pictures[:room]]
        left_out += [Refused(upload_name(one.name), too_many) for one in pictures[room:]]
    left_out += [Refused(one.name, too_many) for one in photos[MAX_PHOTOS:]]
    return photos[:MAX_PHOTOS]


def _nothing_left(refused: list[Refused]) -> str:
    if len(refused) == 1:
        return refused[0].reason
    return " ".join([_("None of the files can be used."), *refused_text(refused)])
