"""manage.py import_dataset LAYOUT PATH: bring a folder of pictures in as a dataset."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from datasetviewer.layouts import LAYOUTS
from datasetviewer.services import ImportReport, dataset_import
from workers.engine.errors import InputError

SHOWN_PROBLEMS = 20


class Command(BaseCommand):
    help = "Import a folder of pictures as a dataset. Running it again adds only what is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("layout", metavar="LAYOUT", help=f"how the folder is laid out: {', '.join(LAYOUTS)}")
        parser.add_argument("path", metavar="PATH", type=Path, help="the dataset's folder")
        parser.add_argument("--name", metavar="SLUG", default="", help="the dataset's short name (default: the layout)")
        parser.add_argument("--split-file", metavar="CSV", type=Path, help="table of splits (default: PATH/split.csv)")
        parser.add_argument("--public", action="store_true", help="let visitors see it; research datasets forbid that")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with progress(sys.stderr, quiet=options["json"]) as report:
                result = dataset_import(
                    layout=options["layout"],
                    path=options["path"].expanduser(),
                    slug=options["name"],
                    split_file=options["split_file"],
                    public=options["public"],
                    drawn=options["layout"] == "demo",
                    report=report,
                )
        except InputError as error:
            raise CommandError(str(error), returncode=2) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was stored stays; run the command again to go on.") from None
        if options["json"]:
            self.stdout.write(json.dumps(result.as_dict(), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(summary(result)))


@contextmanager
def progress(stream: Any, *, quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on a terminal, a line every few seconds elsewhere, nothing when quiet."""
    if quiet:
        yield lambda done, total, text: None
        return
    if stream.isatty():
        with tqdm(unit=" pictures", file=stream, dynamic_ncols=True) as bar:

            def advance(done: int, total: int, text: str) -> None:
                bar.total = total
                bar.update(done - bar.n)

            yield advance
        return
    last = time.monotonic()

    def line(done: int, total: int, text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= 5 or (total and done == total):
            last = time.monotonic()
            print(f"{done} of {total} pictures", file=stream, flush=True)

    yield line


def summary(result: ImportReport) -> Iterator[str]:
    """The report as lines of text."""
    yield f"Dataset {result.dataset}: {result.pairs} pairs, {result.images} images of {result.subjects} persons."
    yield (
        f"Added {result.added}, already there {result.present}, left out {result.skipped}, in {result.seconds:.1f} s."
        + (f" Brought up to date: {result.updated}." if result.updated else "")
        + (f" Files restored: {result.restored}." if result.restored else "")
    )
    if not result.added:
        yield "Nothing new was added."
    for source, counts in sorted(result.by_source.items()):
        if source:
            yield f"  {source}: {counts['pairs']} pairs, {counts['images']} images"
    splits = ", ".join(f"{split or 'none'} {count}" for split, count in sorted(result.by_split.items()))
    yield f"Images by split: {splits}."
    if result.official:
        if result.differences:
            parts = (
                f"{name} {difference:+d} (of {result.official[name]})"
                for name, difference in result.differences.items()
            )
            yield f"Against the complete dataset: {', '.join(parts)}."
        else:
            yield "This is the complete dataset."
    for problem in sorted(result.problems, key=lambda problem: not problem.skipped)[:SHOWN_PROBLEMS]:
        yield f"{'left out' if problem.skipped else 'note'}: {problem.path}: {problem.reason}"
    if len(result.problems) > SHOWN_PROBLEMS:
        yield f"... and {len(result.problems) - SHOWN_PROBLEMS} more; --json lists all."
