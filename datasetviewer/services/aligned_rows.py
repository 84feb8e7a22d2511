"""The rows of an aligned dataset: its pictures with where they come from, its persons, and its pairs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from workers.engine.geometry import Similarity

from ..models import AlignedImage, Dataset, Image, Modality, Pair, Subject
from ..pictures import Picture
from .landmarks import LANDMARK_FIELDS, five_fields

BATCH = 500
LISTED = 1000  # pictures left out that are listed in the report


@dataclass
class Outcome:
    """Pictures counted; each of the parent's is in exactly one of aligned, updated, present and left_out."""

    aligned: int = 0  # new
    updated: int = 0  # made again: points or picture changed since
    present: int = 0  # done before, nothing changed
    removed: int = 0  # were here and are left out now
    pairs: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.listed: list[dict[str, str]] = []

    def leave_out(self, key: str, reason: str, text: str = "") -> None:
        self.left_out[reason] += 1
        if len(self.listed) < LISTED:
            self.listed.append({"path": key, "reason": reason, "text": text})

    def as_dict(self) -> dict[str, Any]:
        return {
            "aligned": self.aligned,
            "updated": self.updated,
            "present": self.present,
            "removed": self.removed,
            "pairs": self.pairs,
            "left_out": dict(self.left_out),
            "problems": self.listed,
            "seconds": round(self.seconds, 2),
        }

    def headline(self) -> str:
        out = sum(self.left_out.values())
        return _("%(new)d pictures aligned, %(again)d made again, %(there)d already there, %(out)d left out.") % {
            "new": self.aligned,
            "again": self.updated,
            "there": self.present,
            "out": out,
        }


@dataclass(frozen=True)
class Task:
    """One picture to bring onto the template."""

    origin: Image
    transform: Similarity
    before: AlignedImage | None


def numbers_of(transform: Similarity) -> list[float]:
    """The transform as it is stored."""
    return [round(value, 9) for value in (transform.a, transform.b, transform.tx, transform.ty)]


def aligned_write(
    dataset: Dataset, made: list[tuple[Task, Picture, int]], dropped: list[int], outcome: Outcome
) -> None:
    """The rows of one batch, in one transaction."""
    with transaction.atomic():
        if dropped:
            Image.objects.filter(dataset=dataset, pk__in=dropped).delete()
            outcome.removed += len(dropped)
        subjects = _subjects(dataset, {task.origin.subject.name for task, *_rest in made})
        there = {image.key: image for image in _images_of(dataset, [task.origin.key for task, *_rest in made])}
        fresh: list[Image] = []
        changed: list[Image] = []
        for task, picture, size in made:
            # The same key as in the parent: lists that name pictures serve the aligned dataset too.
            image = there.get(task.origin.key) or Image(dataset=dataset, key=task.origin.key)
            (fresh if image.pk is None else changed).append(image)
            for name, value in _columns(task, picture, size, subjects).items():
                setattr(image, name, value)
        Image.objects.bulk_create(fresh)
        Image.objects.bulk_update(changed, COLUMNS, batch_size=BATCH)
        ids = dict(_images_of(dataset, [task.origin.key for task, *_rest in made]).values_list("key", "pk"))
        AlignedImage.objects.bulk_create(
            [
                AlignedImage(
                    image_id=ids[task.origin.key],
                    origin=task.origin,
                    origin_sha256=task.origin.sha256,
                    transform=numbers_of(task.transform),
                )
                for task, *_rest in made
            ],
            update_conflicts=True,
            unique_fields=["image"],
            update_fields=["origin", "origin_sha256", "transform"],
        )
    outcome.aligned += len(fresh)
    outcome.updated += len(changed)


def _images_of(dataset: Dataset, keys: list[str]) -> QuerySet[Image]:
    return Image.objects.filter(dataset=dataset, key__in=keys)


COLUMNS = (
    "subject", "modality", "split", "source", "sha256", "width", "height", "mode", "bytes", "format", *LANDMARK_FIELDS,
)  # fmt: skip


def _columns(task: Task, picture: Picture, size: int, subjects: dict[str, Subject]) -> dict[str, Any]:
    """What an aligned picture's row says (COLUMNS); landmarks are carried along, the pose is read from them anew."""
    origin, transform = task.origin, task.transform
    points: Any = transform.apply(origin.landmarks) if origin.landmarks else []
    return {
        "subject": subjects[origin.subject.name],
        "modality": origin.modality,
        "split": origin.split,
        "source": origin.source,
        "sha256": picture.sha256,
        "width": picture.width,
        "height": picture.height,
        "mode": picture.mode,
        "bytes": size,
        "format": picture.format,
        "landmarks": [[round(float(x), 3), round(float(y), 3)] for x, y in points] or None,
        "landmark_source": origin.landmark_source,
        **five_fields(transform.apply(origin.five).tolist()),
    }


def orphans_drop(dataset: Dataset, outcome: Outcome) -> None:
    """Pictures whose original was deleted from the parent go too, and persons who have none left."""
    orphans = Image.objects.filter(dataset=dataset, aligned__origin=None)
    outcome.removed += orphans.count()
    orphans.delete()
    Subject.objects.filter(dataset=dataset, images=None).delete()


def _subjects(dataset: Dataset, names: set[str]) -> dict[str, Subject]:
    Subject.objects.bulk_create([Subject(dataset=dataset, name=name) for name in sorted(names)], ignore_conflicts=True)
    return {subject.name: subject for subject in Subject.objects.filter(dataset=dataset, name__in=names)}


@transaction.atomic
def pairs_follow(dataset: Dataset, parent: Dataset) -> int:
    """The parent's pairs, as far as their photo and a drawing came along; the number of pairs."""
    members: dict[int | None, list[Image]] = {}
    copies = Image.objects.filter(dataset=dataset).only("pk", "modality", "pair_id")
    for image in copies.annotate(origin_pair=F("aligned__origin__pair_id")).iterator():
        members.setdefault(image.origin_pair, []).append(image)
    whole: dict[int, list[Image]] = {}
    alone: list[Image] = members.pop(None, [])
    for pair_id, group in members.items():
        if pair_id and len(group) > 1 and sum(image.modality == Modality.PHOTO for image in group) == 1:
            whole[pair_id] = group
        else:
            alone += group
    wanted = [pair for pair in Pair.objects.filter(dataset=parent).select_related("subject") if pair.pk in whole]
    subjects = dict(Subject.objects.filter(dataset=dataset).values_list("name", "pk"))
    Pair.objects.bulk_create(
        [
            Pair(dataset=dataset, key=pair.key, split=pair.split, subject_id=subjects[pair.subject.name])
            for pair in wanted
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["dataset", "key"],
        update_fields=["split", "subject"],
    )
    ids = dict(Pair.objects.filter(dataset=dataset).values_list("key", "pk"))
    places: list[tuple[Image, int | None]] = [(image, None) for image in alone]
    places += [(image, ids[pair.key]) for pair in wanted for image in whole[pair.pk]]
    changed = [(image, pair_id) for image, pair_id in places if image.pair_id != pair_id]
    for one, pair_id in changed:
        one.pair_id = pair_id
    Image.objects.bulk_update([image for image, _pair in changed], ["pair"], batch_size=BATCH)
    Pair.objects.filter(dataset=dataset, images=None).delete()
    return len(wanted)
