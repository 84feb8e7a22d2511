"""Bringing the pictures of a folder into a dataset. Stopped at any moment and run again, it goes on where it was."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path

from django.db.models import Count

from workers.engine.errors import InputError

from ..layouts import ImageRecord, Layout, Problem, load_layout
from ..layouts.records import points_fit
from ..models import Dataset, DatasetImport, FileVerdict, Image, ImportedFile, ProtocolOrigin
from .counts import dataset_recount
from .import_rows import Batch, batch_write, known_pictures, verdicts_write
from .protocols import protocol_apply, protocols_import
from .reading import Known, Stored, StoreFull, file_read
from .reports import ImportReport, Report, no_report

# Pairs (or single pictures) a transaction: about half a second of work, so a kill loses at most that.
BATCH = 100
# Pillow works outside the interpreter lock; more threads than this only fight for the disk.
THREADS = min(4, os.cpu_count() or 1)
# As the columns are declared; SQLite would not say so, PostgreSQL would stop the import.
LONGEST_NAME = 200
CHECK_EVERY = 200  # entries of a listing between two looks at whether to stop
OTHER_POINTS = (
    "Comes in without landmarks: its points lie outside the picture, so they belong to another copy of it (uncropped, or "
    "of another size)."
)


def no_check() -> None:
    """For callers who never stop."""


def pictures_import(
    *,
    run: DatasetImport,
    path: Path,
    split_file: Path | None = None,
    confine_to: Path | None = None,
    remarks: Iterable[Problem] = (),
    report: Report = no_report,
    check: Callable[[], None] = no_check,
) -> ImportReport:
    """Read the folder by the dataset's layout and store what is new; the verdict on every file is kept with the run.

    Idempotent: a picture is known by its key. One whose bytes differ from those stored is reported and left alone, so
    that numbers measured before stay true; its split, person and landmarks are brought up to date.

    confine_to  files that (through links) lie outside this folder are left out: for imports that were sent in
    remarks     what was found before, while an archive was unpacked
    report      called after each picture; may raise to stop, what was stored so far stays
    check       called while the folder is listed; may raise to stop
    InputError when the folder does not look like the layout.
    """
    began = time.monotonic()
    dataset = run.dataset
    layout = load_layout(dataset.layout)
    notes: dict[str, list[Problem]] = {}
    for remark in remarks:
        notes.setdefault(remark.path, []).append(remark)
    try:
        groups = _groups(_watched(layout.read(path, split_file=split_file), check), notes)
        keep_split = _other_split_applied(dataset, layout, path, split_file)
    except OSError as error:
        raise InputError(f"The folder {path} cannot be read: {error.strerror or error}.") from error
    keys = {record.key for group in groups for record in group}
    verdicts_write(run, {name: _verdict_of(found) for name, found in notes.items() if name not in keys})
    try:
        added = _pictures(run, groups, notes, confine_to, keep_split, report)
    finally:
        dataset_recount(dataset=dataset)  # what is stored so far stays, and is shown
    _protocols(run, layout, path, split_file, check)
    if keep_split and added and dataset.split_protocol is not None:
        protocol_apply(protocol=dataset.split_protocol)
    return _summary(run, path, layout.OFFICIAL_COUNTS, time.monotonic() - began)


def _watched(entries: Iterable[ImageRecord | Problem], check: Callable[[], None]) -> Iterator[ImageRecord | Problem]:
    for number, entry in enumerate(entries):
        if number % CHECK_EVERY == 0:
            check()
        yield entry


def _groups(entries: Iterable[ImageRecord | Problem], notes: dict[str, list[Problem]]) -> list[list[ImageRecord]]:
    """Records by pair, in the order of their first member: a batch never splits a pair. Problems go to the notes."""
    groups: dict[str, list[ImageRecord]] = {}
    for entry in entries:
        if isinstance(entry, Problem):
            notes.setdefault(entry.path, []).append(entry)
        elif reason := _unfit(entry):
            notes.setdefault(entry.key, []).append(Problem(entry.key, reason))
        else:
            groups.setdefault(f"pair {entry.pair}" if entry.pair else f"key {entry.key}", []).append(entry)
    return list(groups.values())


def _unfit(record: ImageRecord) -> str:
    """Why the record's names cannot stand in the database; "" when they can."""
    if any(len(name) > LONGEST_NAME for name in (record.key, record.subject, record.pair or "")):
        return f"The name is longer than {LONGEST_NAME} characters."
    if any("\x00" in name or not name.isprintable() for name in (record.key, record.subject)):
        return "The name has characters that cannot be printed; rename the file."
    return ""


def _verdict_of(problems: list[Problem]) -> tuple[str, str]:
    left_out = any(problem.skipped for problem in problems)
    return FileVerdict.LEFT_OUT if left_out else FileVerdict.NOTE, " ".join(dict.fromkeys(p.reason for p in problems))


def _other_split_applied(dataset: Dataset, layout: Layout, path: Path, split_file: Path | None) -> bool:
    """Whether somebody applied another list than the folder's own; then importing again must not undo that."""
    current = dataset.split_protocol
    if current is None:
        return False
    if current.origin != ProtocolOrigin.IMPORTED:
        return True
    return not any(
        not isinstance(entry, Problem) and entry.applies and entry.name == current.name
        for entry in layout.protocols(path, split_file=split_file)
    )


def _batches(groups: list[list[ImageRecord]]) -> Iterator[list[ImageRecord]]:
    rest = iter(groups)
    while some := list(islice(rest, BATCH)):
        yield [record for group in some for record in group]


def _pictures(
    run: DatasetImport,
    groups: list[list[ImageRecord]],
    notes: dict[str, list[Problem]],
    confine_to: Path | None,
    keep_split: bool,
    report: Report,
) -> int:
    """Read and write all pictures, batch by batch; returns how many are new."""
    total = sum(len(group) for group in groups)
    done = added = 0
    report(0, total, "")
    with ThreadPoolExecutor(THREADS) as pool:
        for records in _batches(groups):
            known = known_pictures(run.dataset, [record.key for record in records])
            futures: list[tuple[ImageRecord, Future[Stored | None]]] = [
                (record, pool.submit(file_read, run.dataset.slug, record, known.get(record.key), confine_to))
                for record in records
            ]
            batch = Batch()
            try:
                for record, future in futures:
                    _sort_out(record, future, known.get(record.key), notes.get(record.key, []), batch)
                    done += 1
                    report(done, total, record.key)
            except BaseException:
                for _, future in futures:
                    future.cancel()
                raise
            batch_write(run, batch, known, keep_split=keep_split)
            added += len(batch.fresh)
    return added


def _sort_out(
    record: ImageRecord, future: Future[Stored | None], before: Known | None, notes: list[Problem], batch: Batch
) -> None:
    """Note what became of one file."""
    remarks = [note.reason for note in notes]
    try:
        stored = future.result()
    except StoreFull:
        raise
    except InputError as error:
        batch.verdicts[record.key] = (FileVerdict.LEFT_OUT, " ".join([str(error), *remarks]))
        if before is not None:  # the picture of before stands, and stays in its pair
            batch.present.append(record)
        return
    size = stored or before
    assert size is not None
    if record.landmarks and not points_fit(record.landmarks, size.width, size.height):
        record = replace(record, landmarks=None)
        remarks.append(OTHER_POINTS)
    if before is not None:
        batch.present.append(record)
        verdict = FileVerdict.PRESENT if stored is None else FileVerdict.RESTORED
    else:
        assert stored is not None
        batch.fresh.append((record, stored))
        verdict = FileVerdict.ADDED
    batch.verdicts[record.key] = (verdict, " ".join(remarks))


def _protocols(
    run: DatasetImport, layout: Layout, path: Path, split_file: Path | None, check: Callable[[], None]
) -> None:
    """Store the lists that came with the folder. A list that is no use is a remark, never the end of the import."""
    check()
    try:
        remarks = protocols_import(dataset=run.dataset, lists=layout.protocols(path, split_file=split_file))
    except InputError as error:
        remarks = [Problem("protocols", str(error), skipped=False)]
    found: dict[str, list[Problem]] = {}
    for remark in remarks:
        found.setdefault(remark.path, []).append(remark)
    verdicts_write(run, {name: _verdict_of(problems) for name, problems in found.items()})


def _summary(run: DatasetImport, path: Path, official: dict[str, int], seconds: float) -> ImportReport:
    dataset = run.dataset
    images = Image.objects.filter(dataset=dataset).order_by()
    by_source: dict[str, dict[str, int]] = {}
    for source, n, pairs in images.values_list("source").annotate(n=Count("*"), pairs=Count("pair", distinct=True)):
        by_source[source] = {"images": n, "pairs": pairs}
    files = ImportedFile.objects.filter(run=run).order_by()
    counts: dict[str, int] = dict(files.values_list("verdict").annotate(n=Count("*")))
    problems = files.exclude(reason="").order_by("path").values_list("path", "reason", "verdict")
    present = [FileVerdict.PRESENT, FileVerdict.UPDATED, FileVerdict.RESTORED]
    return ImportReport(
        dataset=dataset.slug,
        layout=dataset.layout,
        path=str(path),
        images=images.count(),
        pairs=dataset.pairs.count(),
        subjects=dataset.subjects.count(),
        added=counts.get(FileVerdict.ADDED, 0),
        present=sum(counts.get(verdict, 0) for verdict in present),
        updated=counts.get(FileVerdict.UPDATED, 0),
        restored=counts.get(FileVerdict.RESTORED, 0),
        skipped=counts.get(FileVerdict.LEFT_OUT, 0),
        problems=tuple(Problem(name, reason, verdict == FileVerdict.LEFT_OUT) for name, reason, verdict in problems),
        by_source=by_source,
        by_split=dict(images.values_list("split").annotate(n=Count("*"))),
        by_modality=dict(images.values_list("modality").annotate(n=Count("*"))),
        official=dict(official),
        seconds=round(seconds, 2),
    )
