"""Writing landmarks: what follows from them, corrections by hand and taking these back, faces found by the detector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.engine.geometry import FIVE
from workers.engine.landmarks import five_points
from workers.engine.pose import head_pose

from ..models import DetectionFailure, Image, LandmarkEdit, LandmarkSource
from .verdicts import verdicts_refresh

# The columns that landmark_fields fills.
LANDMARK_FIELDS = ("landmarks", "landmark_source", "five", "yaw", "pitch", "roll")
# A point may lie outside its picture (an eye behind the border), but not farther than the picture is large.
REACH = 1.0


class LandmarksChanged(Exception):
    """Somebody else changed the points since they were loaded; the text is for the user."""


def landmark_fields(points: Iterable[Sequence[float]] | None, source: str) -> dict[str, Any]:
    """The columns of an image with these points (5, 17 or 68; other sets are kept, but give no five points)."""
    if not points:
        return dict.fromkeys(LANDMARK_FIELDS) | {"landmark_source": LandmarkSource.NONE}
    stored = [[float(x), float(y)] for x, y in points]
    return {"landmarks": stored, "landmark_source": source} | five_fields(stored)


def five_fields(points: Sequence[Sequence[float]]) -> dict[str, Any]:
    """The five points of a set, and the head's pose; null where none can be had."""
    fields: dict[str, Any] = {"five": None, "yaw": None, "pitch": None, "roll": None}
    try:
        five = five_points(points)
    except InputError:
        return fields
    fields["five"] = [[round(float(x), 3), round(float(y), 3)] for x, y in five]
    try:
        pose = head_pose(five)
    except InputError:  # points in one place: marks of something, but not of a head
        return fields
    return fields | {"yaw": round(pose.yaw, 2), "pitch": round(pose.pitch, 2), "roll": round(pose.roll, 2)}


def landmarks_version(image: Image) -> int:
    """Grows with each correction and each revert, so that two editors notice each other."""
    edits = LandmarkEdit.objects.filter(image=image)
    return edits.count() + edits.exclude(reverted=None).count()


def check_five(image: Image, given: Any) -> list[list[float]]:
    """Five points that were sent in, as [[x, y], ...]; InputError says which one cannot be."""
    pairs = isinstance(given, list) and len(given) == len(FIVE)
    if not pairs or not all(
        isinstance(point, list) and len(point) == 2 and all(type(v) in (int, float) for v in point) for point in given
    ):
        raise InputError(
            _("Send five points as [[x, y], ...] in pixels, in this order: %(names)s.") % {"names": ", ".join(FIVE)}
        )
    for name, (x, y) in zip(FIVE, given, strict=True):
        inside = -REACH * image.width <= x <= (1 + REACH) * image.width
        if not (inside and -REACH * image.height <= y <= (1 + REACH) * image.height):
            raise InputError(
                _("The point %(name)s at (%(x)s, %(y)s) lies far outside the picture of %(width)s x %(height)s pixels.")
                % {"name": name, "x": x, "y": y, "width": image.width, "height": image.height}
            )
    points = [[round(float(x), 3), round(float(y), 3)] for x, y in given]
    if points[0] == points[1]:
        raise InputError(_("Both eyes lie in one place; move one of them."))
    return points


@transaction.atomic
def landmarks_correct(*, image: Image, five: Any, user: Any, version: int | None = None) -> Image:
    """Replace the five points by hand; what stood before is kept and can be taken back.

    `version` is landmarks_version when the points were loaded; LandmarksChanged when somebody was faster.
    """
    points = check_five(image, five)
    image = Image.objects.select_for_update().select_related("dataset").get(pk=image.pk)
    _check_version(image, version)
    if points == image.five:
        return image
    LandmarkEdit.objects.create(
        image=image, before=image.five, source_before=image.landmark_source, after=points, user=user
    )
    return _set_five(image, points, LandmarkSource.CORRECTED)


@transaction.atomic
def landmarks_revert(*, image: Image, version: int | None = None) -> Image:
    """Take the last correction back. InputError when there is none."""
    image = Image.objects.select_for_update().select_related("dataset").get(pk=image.pk)
    _check_version(image, version)
    edit = LandmarkEdit.objects.filter(image=image, reverted=None).order_by("-id").first()
    if edit is None:
        raise InputError(_("These points were not corrected by hand, so there is nothing to take back."))
    edit.reverted = timezone.now()
    edit.save(update_fields=["reverted"])
    return _set_five(image, edit.before, edit.source_before)


@transaction.atomic
def landmarks_found(*, found: dict[int, Any], failed: dict[int, str]) -> None:
    """Store what the detector found, image id -> 68 points, and where it found nothing, image id -> why.

    A picture that got landmarks in the meantime keeps those.
    """
    images = list(Image.objects.filter(pk__in=found, landmark_source=LandmarkSource.NONE))
    for image in images:
        points = [[round(float(x), 3), round(float(y), 3)] for x, y in found[image.pk]]
        for name, value in landmark_fields(points, LandmarkSource.DETECTED).items():
            setattr(image, name, value)
    Image.objects.bulk_update(images, LANDMARK_FIELDS, batch_size=100)
    DetectionFailure.objects.filter(image__in=[*found, *failed]).delete()
    without = Image.objects.filter(pk__in=failed, landmark_source=LandmarkSource.NONE).values_list("pk", flat=True)
    rows = [DetectionFailure(image_id=pk, reason=failed[pk]) for pk in without]
    DetectionFailure.objects.bulk_create(rows, ignore_conflicts=True)


def _check_version(image: Image, version: int | None) -> None:
    if version is not None and version != landmarks_version(image):
        raise LandmarksChanged(
            _("Somebody else changed these points in the meantime. Load the page again, then correct what is left.")
        )


def _set_five(image: Image, points: list[list[float]] | None, source: str) -> Image:
    fields = five_fields(points) if points else {"five": None, "yaw": None, "pitch": None, "roll": None}
    for name, value in (fields | {"landmark_source": source}).items():
        setattr(image, name, value)
    image.save(update_fields=[*fields, "landmark_source"])
    if points:
        DetectionFailure.objects.filter(image=image).delete()
    verdicts_refresh(dataset=image.dataset, images=[image])
    return image
