"""Bringing the pictures of a folder into a dataset. Stopped at any moment and run again, it goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.db.models import Count

from workers.engine.errors import InputError

from ..layouts import ImageRecord, Problem, load_layout
from ..layouts.records import PHOTO
from ..models import Dataset, Image, Pair, Subject
from ..pictures import MAX_BYTES, Picture, read_picture, sha256_of
from ..storage import THUMBNAIL_SIZES, dataset_folder, file_path, thumbnail_path, write_whole
from .reports import ImportReport, Report, Tally, no_report

# Pairs (or single pictures) a transaction: about a second of work, so a kill loses at most that.
BATCH = 100
# Pillow works outside the interpreter lock; more threads than this only fight for the disk.
THREADS = 4
# As the columns are declared; SQLite would not say so, PostgreSQL would stop the import.
LONGEST_NAME = 200


@dataclass(frozen=True)
class Read:
    """One file after reading: `picture` is None when the very same bytes are stored already, whole."""

    content: bytes
    picture: Picture | None


def pictures_import(
    *,
    dataset: Dataset,
    path: Path,
    split_file: Path | None = None,
    confine_to: Path | None = None,
    report: Report = no_report,
) -> ImportReport:
    """Read the folder by the dataset's layout and store what is new.

    Idempotent: a picture is known by its key. One whose bytes differ from those stored is reported and left alone, so
    that numbers measured before stay true; its split, person and landmarks are brought up to date.

    confine_to  files that (through links) lie outside this folder are left out: for imports that were sent in
    report      called after each picture; may raise to stop, what was stored so far stays
    InputError when the folder does not look like the layout.
    """
    began = time.monotonic()
    layout = load_layout(dataset.layout)
    tally = Tally()
    try:
        groups = list(_groups(layout.read(path, split_file=split_file), tally))
    except OSError as error:
        raise InputError(f"The folder {path} cannot be read: {error.strerror or error}.") from error
    total = sum(len(group) for group in groups)
    done = 0
    report(0, total, "")
    known = {image.key: image for image in Image.objects.filter(dataset=dataset).select_related("subject")}

    with ThreadPoolExecutor(THREADS) as pool:
        for batch in _batches(groups):
            futures: list[tuple[ImageRecord, Future[Read]]] = [
                (record, pool.submit(_read, dataset.slug, record, known.get(record.key), confine_to))
                for record in batch
            ]
            fresh: list[tuple[ImageRecord, Picture, int]] = []
            present: list[ImageRecord] = []
            try:
                for record, future in futures:
                    try:
                        read = future.result()
                    except InputError as error:
                        tally.skip(record.key, str(error))
                        if record.key in known:  # the picture of before stands, and stays in its pair
                            present.append(record)
                    else:
                        _sort_out(dataset.slug, record, read, known.get(record.key), fresh, present, tally)
                    done += 1
                    report(done, total, record.key)
            except BaseException:
                for _, future in futures:
                    future.cancel()
                raise
            _write_batch(dataset, fresh, present, known, tally)
    return _summary(dataset, path, tally, layout.OFFICIAL_COUNTS, time.monotonic() - began)


def _groups(entries: Iterable[ImageRecord | Problem], tally: Tally) -> Iterator[list[ImageRecord]]:
    """Records by pair, in the order of their first member: a batch never splits a pair. Problems go to the tally."""
    groups: dict[str, list[ImageRecord]] = {}
    for entry in entries:
        if isinstance(entry, Problem):
            tally.problems.append(entry)
            tally.skipped += entry.skipped
        elif reason := _unfit(entry):
            tally.skip(entry.key, reason)
        else:
            groups.setdefault(f"pair {entry.pair}" if entry.pair else f"key {entry.key}", []).append(entry)
    yield from groups.values()


def _unfit(record: ImageRecord) -> str:
    """Why the record's names cannot stand in the database; "" when they can."""
    if any(len(name) > LONGEST_NAME for name in (record.key, record.subject, record.pair or "")):
        return f"The name is longer than {LONGEST_NAME} characters."
    return ""


def _batches(groups: list[list[ImageRecord]]) -> Iterator[list[ImageRecord]]:
    rest = iter(groups)
    while some := list(islice(rest, BATCH)):
        yield [record for group in some for record in group]


def _read(slug: str, record: ImageRecord, before: Image | None, confine_to: Path | None) -> Read:
    """Read one file, decoding it only where that is needed. Runs in a thread: no database here."""
    try:
        if confine_to is not None and not record.path.resolve().is_relative_to(confine_to):
            raise InputError("The file is a link that leads out of the datasets' folder.")
        size = record.path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"The file has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are taken.")
        content = record.path.read_bytes()
    except OSError as error:
        raise InputError(f"The file cannot be opened: {error.strerror or error}.") from error
    if before is not None:
        if sha256_of(content) != before.sha256:
            raise InputError("The file differs from the one imported before under this name; that one was kept.")
        if _is_whole(slug, before.sha256, before.format):
            return Read(content, None)
    return Read(content, read_picture(content))


def _is_whole(slug: str, sha256: str, image_format: str) -> bool:
    thumbnails = (thumbnail_path(slug, sha256, size) for size in THUMBNAIL_SIZES)
    return file_path(slug, sha256, image_format).is_file() and all(path.is_file() for path in thumbnails)


def _sort_out(
    slug: str,
    record: ImageRecord,
    read: Read,
    before: Image | None,
    fresh: list[tuple[ImageRecord, Picture, int]],
    present: list[ImageRecord],
    tally: Tally,
) -> None:
    """Store the files of a picture and note it as new or as present."""
    if read.picture is not None:
        _store(slug, read.content, read.picture)
    if before is None:
        assert read.picture is not None
        fresh.append((record, read.picture, len(read.content)))
    else:
        present.append(record)
        tally.present += 1
        tally.restored += read.picture is not None


def _store(slug: str, content: bytes, picture: Picture) -> None:
    if _is_whole(slug, picture.sha256, picture.format):
        return
    try:
        for size, thumbnail in picture.thumbnails.items():
            write_whole(thumbnail_path(slug, picture.sha256, size), thumbnail)
        write_whole(file_path(slug, picture.sha256, picture.format), content)
    except OSError as error:
        raise InputError(
            f"The pictures cannot be stored in {dataset_folder(slug)}: {error.strerror or error}. "
            "Make room or give the folder to this user, then import again; what was stored stays."
        ) from error


def _write_batch(
    dataset: Dataset,
    fresh: list[tuple[ImageRecord, Picture, int]],
    present: list[ImageRecord],
    known: dict[str, Image],
    tally: Tally,
) -> None:
    """The rows of one batch, in one transaction."""
    records = [record for record, *_ in fresh] + present
    with transaction.atomic():
        subjects = _subjects(dataset, {record.subject for record in records})
        pairs = _pairs(dataset, records, subjects)
        rows = [
            Image(
                dataset=dataset,
                subject=subjects[record.subject],
                pair=pairs.get(record.pair) if record.pair else None,
                modality=record.modality,
                split=record.split,
                source=record.source,
                key=record.key,
                sha256=picture.sha256,
                width=picture.width,
                height=picture.height,
                mode=picture.mode,
                bytes=size,
                format=picture.format,
                landmarks=_landmarks(record),
            )
            for record, picture, size in fresh
        ]
        # Another import of the same folder may run beside this one; then its rows stand.
        Image.objects.bulk_create(rows, ignore_conflicts=True)
        changed = [
            row for record in present if (row := _brought_up_to_date(known[record.key], record, subjects, pairs))
        ]
        Image.objects.bulk_update(
            changed, ["subject", "pair", "modality", "split", "source", "landmarks"], batch_size=BATCH
        )
    tally.added += len(rows)
    tally.updated += len(changed)


def _brought_up_to_date(
    image: Image, record: ImageRecord, subjects: dict[str, Subject], pairs: dict[str, Pair]
) -> Image | None:
    """The row with the record's facts, or None when it has them already."""
    pair = pairs.get(record.pair) if record.pair else None
    facts = {
        "subject_id": subjects[record.subject].pk,
        "pair_id": pair.pk if pair else image.pair_id,  # a folder without the partner does not part a pair
        "modality": record.modality,
        "split": record.split,
        "source": record.source,
        "landmarks": _landmarks(record),
    }
    if all(getattr(image, name) == value for name, value in facts.items()):
        return None
    for name, value in facts.items():
        setattr(image, name, value)
    return image


def _landmarks(record: ImageRecord) -> list[list[float]] | None:
    return [[float(x), float(y)] for x, y in record.landmarks] if record.landmarks else None


def _subjects(dataset: Dataset, names: set[str]) -> dict[str, Subject]:
    there = set(Subject.objects.filter(dataset=dataset, name__in=names).values_list("name", flat=True))
    new = [Subject(dataset=dataset, name=name) for name in sorted(names - there)]
    Subject.objects.bulk_create(new, ignore_conflicts=True)
    return {subject.name: subject for subject in Subject.objects.filter(dataset=dataset, name__in=names)}


def _pairs(dataset: Dataset, records: list[ImageRecord], subjects: dict[str, Subject]) -> dict[str, Pair]:
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
    there = {pair.key: pair for pair in Pair.objects.filter(dataset=dataset, key__in=wanted)}
    new = [
        Pair(dataset=dataset, subject=subjects[photo.subject], key=key, split=photo.split)
        for key, photo in wanted.items()
        if key not in there
    ]
    if new:
        Pair.objects.bulk_create(new, ignore_conflicts=True)
        there = {pair.key: pair for pair in Pair.objects.filter(dataset=dataset, key__in=wanted)}
    moved = [pair for key, pair in there.items() if pair.split != wanted[key].split]
    for pair in moved:
        pair.split = wanted[pair.key].split
    Pair.objects.bulk_update(moved, ["split"], batch_size=BATCH)
    return there


def _summary(dataset: Dataset, path: Path, tally: Tally, official: dict[str, int], seconds: float) -> ImportReport:
    images = Image.objects.filter(dataset=dataset).order_by()
    by_source: dict[str, dict[str, int]] = {}
    for source, n, pairs in images.values_list("source").annotate(n=Count("*"), pairs=Count("pair", distinct=True)):
        by_source[source] = {"images": n, "pairs": pairs}
    return ImportReport(
        dataset=dataset.slug,
        layout=dataset.layout,
        path=str(path),
        images=images.count(),
        pairs=dataset.pairs.count(),
        subjects=dataset.subjects.count(),
        added=tally.added,
        present=tally.present,
        updated=tally.updated,
        restored=tally.restored,
        skipped=tally.skipped,
        problems=tuple(tally.problems),
        by_source=by_source,
        by_split=dict(images.values_list("split").annotate(n=Count("*"))),
        official=dict(official),
        seconds=round(seconds, 2),
    )
