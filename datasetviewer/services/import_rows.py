"""The rows of an import, a batch in one transaction: persons, pairs, pictures, and what became of each file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from ..layouts import ImageRecord
from ..layouts.records import PHOTO
from ..models import Dataset, DatasetImport, FileVerdict, Image, ImportedFile, LandmarkSource, Pair, Subject
from .landmarks import LANDMARK_FIELDS, landmark_fields
from .reading import Known, Stored

CHUNK = 200


@dataclass
class Batch:
    """Files that were read, ready to be written.

    fresh     pictures that are new, each with what was stored
    present   pictures that were imported before
    verdicts  path -> (verdict, reason) of every file of the batch
    """

    fresh: list[tuple[ImageRecord, Stored]] = field(default_factory=list)
    present: list[ImageRecord] = field(default_factory=list)
    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict)


def batch_write(
    run: DatasetImport, batch: Batch, known: Mapping[str, Known], *, keep_split: bool
) -> dict[str, tuple[str, str]]:
    """Write one batch; returns its verdicts, with "brought up to date" where a row was changed.

    keep_split  leave the split of pictures alone: another list than the folder's is applied
    """
    dataset = run.dataset
    records = [record for record, _stored in batch.fresh] + batch.present
    verdicts = dict(batch.verdicts)
    with transaction.atomic():
        subjects = _subjects(dataset, {record.subject for record in records})
        pairs = _pairs(dataset, records, subjects, keep_split=keep_split)
        rows = [
            Image(
                dataset=dataset,
                subject=subjects[record.subject],
                pair=pairs.get(record.pair) if record.pair else None,
                modality=record.modality,
                split="" if keep_split else record.split,
                source=record.source,
                key=record.key,
                sha256=stored.sha256,
                width=stored.width,
                height=stored.height,
                mode=stored.mode,
                bytes=stored.bytes,
                format=stored.format,
                attributes=dict(record.attributes),
                **landmark_fields(record.landmarks, LandmarkSource.READ),
            )
            for record, stored in batch.fresh
        ]
        # Another import of the same folder may run beside this one; then its rows stand.
        Image.objects.bulk_create(rows, ignore_conflicts=True)
        for key in _bring_up_to_date(batch.present, known, subjects, pairs, keep_split=keep_split):
            verdict, reason = verdicts.get(key, (FileVerdict.PRESENT, ""))
            verdicts[key] = (FileVerdict.UPDATED if verdict == FileVerdict.PRESENT else verdict, reason)
        verdicts_write(run, verdicts)
    return verdicts


def verdicts_write(run: DatasetImport, verdicts: Mapping[str, tuple[str, str]]) -> None:
    """What became of these files. One that this run has written before, and then was killed, keeps its verdict."""
    rows = [
        ImportedFile(run=run, path=path[:400], verdict=verdict, reason=reason)
        for path, (verdict, reason) in verdicts.items()
    ]
    ImportedFile.objects.bulk_create(rows, ignore_conflicts=True, batch_size=CHUNK)


def known_pictures(dataset: Dataset, keys: Sequence[str]) -> dict[str, Known]:
    """What the rows say of these keys."""
    rows = Image.objects.filter(dataset=dataset, key__in=keys)
    facts = rows.values_list("key", "pk", "sha256", "format", "width", "height")
    return {key: Known(pk, sha, form, width, height) for key, pk, sha, form, width, height in facts}


def _bring_up_to_date(
    records: Sequence[ImageRecord],
    known: Mapping[str, Known],
    subjects: Mapping[str, Subject],
    pairs: Mapping[str, Pair],
    *,
    keep_split: bool,
) -> list[str]:
    """Give the rows the records' facts where they differ; returns the keys of those that did."""
    images = Image.objects.in_bulk([known[record.key].id for record in records])
    changed = []
    for record in records:
        image = images.get(known[record.key].id)
        if image is None:
            continue
        pair = pairs.get(record.pair) if record.pair else None
        facts = {
            "subject_id": subjects[record.subject].pk,
            "pair_id": pair.pk if pair else image.pair_id,  # a folder without the partner does not part a pair
            "modality": record.modality,
            "split": image.split if keep_split else record.split,
            "source": record.source,
            "attributes": dict(record.attributes),
        }
        if record.landmarks:  # a folder without points takes none away
            given = landmark_fields(record.landmarks, LandmarkSource.READ)
            # What was corrected by hand stands; only the points it was made from are brought up to date.
            facts |= {"landmarks": given["landmarks"]} if image.landmark_source == LandmarkSource.CORRECTED else given
        if all(getattr(image, name) == value for name, value in facts.items()):
            continue
        for name, value in facts.items():
            setattr(image, name, value)
        changed.append(image)
    columns = ["subject", "pair", "modality", "split", "source", "attributes", *LANDMARK_FIELDS]
    if changed:
        Image.objects.bulk_update(changed, columns, batch_size=CHUNK)
    return [image.key for image in changed]


def _subjects(dataset: Dataset, names: set[str]) -> dict[str, Subject]:
    there = {subject.name: subject for subject in Subject.objects.filter(dataset=dataset, name__in=names)}
    new = [Subject(dataset=dataset, name=name) for name in sorted(names - there.keys())]
    if not new:
        return there
    Subject.objects.bulk_create(new, ignore_conflicts=True)
    return {subject.name: subject for subject in Subject.objects.filter(dataset=dataset, name__in=names)}


def _pairs(
    dataset: Dataset, records: list[ImageRecord], subjects: Mapping[str, Subject], *, keep_split: bool
) -> dict[str, Pair]:
    """The pair rows of these records by key. A pair is one photo and at least one drawing that could be read."""
    members: dict[str, list[ImageRecord]] = {}
    for record in records:
        if record.pair:
            members.setdefault(record.pair, []).append(record)
    wanted = {}
    for key, group in members.items():
        photos = [record for record in group if record.modality == PHOTO]
        if len(photos) == 1 and len(group) > 1:
            wanted[key] = photos[0]
    if not wanted:
        return {}
    there = {pair.key: pair for pair in Pair.objects.filter(dataset=dataset, key__in=wanted)}
    new = [
        Pair(
            dataset=dataset,
            subject=subjects[photo.subject],
            key=key,
            split="" if keep_split else photo.split,
        )
        for key, photo in wanted.items()
        if key not in there
    ]
    if new:
        Pair.objects.bulk_create(new, ignore_conflicts=True)
        there = {pair.key: pair for pair in Pair.objects.filter(dataset=dataset, key__in=wanted)}
    if not keep_split:
        moved = [pair for key, pair in there.items() if pair.split != wanted[key].split]
        for pair in moved:
            pair.split = wanted[pair.key].split
        Pair.objects.bulk_update(moved, ["split"], batch_size=CHUNK)
    return there
