"""Looking for near duplicates in a dataset, as a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.queue import enqueue

from ..likeness import LARGEST_DISTANCE, close_pairs, picture_hash
from ..models import Dataset, DuplicateSearch, Image, ImageHash, NearDuplicate
from ..storage import THUMBNAIL_SIZES, thumbnail_path

# Every pair is compared. Measured on one core: hashing takes half a millisecond a picture, once; comparing takes 0.6 s
# for 12,000 pictures, and for 60,000 (1.8 billion pairs) 24 s and 220 MB. Both grow from there: time with the square.
MOST_PICTURES = 60_000
MOST_FOUND = 200_000
BATCH = 500
HASHED = 160
assert HASHED in THUMBNAIL_SIZES


@transaction.atomic
def duplicate_search_submit(*, dataset: Dataset, owner: Any) -> DuplicateSearch:
    """Queue a search; one that is queued or running already is returned. InputError for too many pictures."""
    n = Image.objects.filter(dataset=dataset).order_by()[: MOST_PICTURES + 1].count()
    if n > MOST_PICTURES:
        text = _("The search compares every picture with every other: at most %(most)s of them.")
        raise InputError(text % {"most": MOST_PICTURES})
    if n < 2:
        raise InputError(_("There are fewer than two pictures to compare."))
    job, created = enqueue(
        kind="duplicates",
        handler="datasetviewer.jobs.find_duplicates",
        queue="batch",
        arguments={"dataset": dataset.pk},
        owner=owner,
        title=_("Look for near duplicates in %(name)s") % {"name": dataset.name},
        link=reverse("datasetviewer:dataset-duplicates", args=[dataset.slug]),
        public=False,
        dedupe_key=f"duplicates:{dataset.pk}",
        time_limit=3600,
    )
    if not created:
        return DuplicateSearch.objects.get(job=job)
    search, _new = DuplicateSearch.objects.update_or_create(
        dataset=dataset, defaults={"job": job, "images": None, "found": None}
    )
    return search


def pictures_hash(dataset: Dataset, report: Callable[[int, int], None]) -> int:
    """Hash the pictures that have no hash yet, from their thumbnails; how many could not be read.

    report(done, total) is called after each picture and may raise; what was hashed until then stays.
    """
    missing = Image.objects.filter(dataset=dataset, likeness=None).order_by("pk").values_list("pk", "sha256")
    rows = list(missing)
    unread, ready = 0, []
    for done, (key, sha256) in enumerate(rows, start=1):
        try:
            ready.append(
                ImageHash(image_id=key, bits=picture_hash(thumbnail_path(dataset.slug, sha256, HASHED).read_bytes()))
            )
        except OSError:
            unread += 1
        if len(ready) == BATCH or done == len(rows):
            ImageHash.objects.bulk_create(ready, ignore_conflicts=True)
            ready = []
        report(done, len(rows))
    return unread


def duplicates_found(dataset: Dataset, report: Callable[[int, int], None]) -> tuple[int, list[NearDuplicate]]:
    """(pictures compared, the close pairs as rows that are not stored yet). InputError when there are far too many."""
    hashes = ImageHash.objects.filter(image__dataset=dataset).order_by("image").values_list("image", "bits")
    rows = list(hashes)
    if len(rows) < 2:
        raise InputError(_("The thumbnails are missing. Import the dataset again to restore them."))
    keys = [key for key, _bits in rows]
    found: list[NearDuplicate] = []
    for done, pairs in close_pairs([bits for _key, bits in rows], LARGEST_DISTANCE):
        found += [
            NearDuplicate(dataset=dataset, first_id=keys[first], second_id=keys[second], distance=distance)
            for first, second, distance in pairs
        ]
        if len(found) > MOST_FOUND:
            text = _("More than %(most)s pairs of pictures look alike: this dataset is nearly one picture.")
            raise InputError(text % {"most": MOST_FOUND})
        report(done, len(rows))
    return len(rows), found


def duplicates_write(*, dataset: Dataset, compared: int, found: list[NearDuplicate]) -> None:
    """Replace what the last search found; to be called inside `context.finish()`."""
    NearDuplicate.objects.filter(dataset=dataset).delete()
    NearDuplicate.objects.bulk_create(found, batch_size=BATCH)
    DuplicateSearch.objects.filter(dataset=dataset).update(images=compared, found=len(found))
