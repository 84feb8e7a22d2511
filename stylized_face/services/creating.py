"""Making sketches of what was sent: one photo, or several at once."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.engine.png_files import write_png_stored
from workers.queue import enqueue

from ..choosing import points_checked
from ..models import Stylization
from ..offered import model_alike
from ..uploads import MAX_PHOTOS, Refused, Sent, refused_text, upload_name, upload_photo
from ..zips import zip_unpacked
from .choice import Choice
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
    to_seed: int | None = None,
    mix: float = 0.0,
    points: Any = None,
    face_index: int | None = None,
    owner: Any = None,
    visitor: str = "",
) -> Stylization:
    """Check the sent photo, keep a clean copy of it, and queue the drawing.

    `points` and `face_index` say which face is meant, see `choosing.face_chosen`. Models that draw one picture of many take
    `to_seed` and `mix`: the drawing that lies so far (0 to 1) on the way from `seed` to that one. `owner` is a user or None;
    `visitor` is the digest that the hourly limit counts when there is no owner.
    Raises InputError for what the sender can mend and LimitReached for what only waiting mends.
    """
    chosen = Choice(model, seed, strength, to_seed, mix).checked(owner, face_index)
    check_limit(owner=owner, visitor=visitor)
    made: list[Stylization] = []
    with queued(made, owner=owner, visitor=visitor), upload_photo(photo) as picture:
        row = new_row(picture.size, chosen, owner=owner, visitor=visitor)
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
    to_seed: int | None = None,
    mix: float = 0.0,
    owner: Any = None,
    visitor: str = "",
) -> Submission:
    """Queue a sketch of each photo among the files, zips opened; what cannot be used is named and does not stop the rest.

    `refused` are files that were dropped before. InputError when no photo is left, LimitReached when not all of them fit
    into the hour: then none is drawn.
    """
    chosen = Choice(model, seed, strength, to_seed, mix).checked(owner)
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
                        row = new_row(picture.size, chosen, owner=owner, visitor=visitor)
                        row.name, row.together = photo.name, together
                        made.append(row)
                        write_png_stored(picture, row.file("photo"))
                except InputError as error:
                    left_out.append(Refused(photo.name, str(error)))
            if not made:
                raise InputError(_nothing_left(left_out))
    return Submission(together, made, left_out)


def new_row(size: tuple[int, int], chosen: Choice, *, owner: Any, visitor: str) -> Stylization:
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
        **asdict(chosen),
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
