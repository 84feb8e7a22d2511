import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from datasetviewer.models import Dataset
from evaluation.models import SizeRule
from evaluation.services import published as services
from workers.engine.errors import InputError

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Bring in the pictures that the authors of a method published (a folder or a zip), matched with the pairs of a dataset "
        "by their names. They become a row of a paper table; every number is measured here."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("path", metavar="PATH", help="folder or zip with one picture a pair")
        parser.add_argument("--dataset", required=True, metavar="SLUG")
        parser.add_argument("--split", default="test", help="default: test")
        parser.add_argument("--modality", default="sketch", help="what the pictures should show (default: sketch)")
        parser.add_argument("--part", default="", metavar="SOURCE", help="one of the databases inside the dataset")
        sizes = (
            "for pictures larger than the real ones: leave them out (exact, default) or cut their centre out (centre)"
        )
        parser.add_argument("--size", choices=SizeRule.values, default=SizeRule.EXACT.value, help=sizes)
        parser.add_argument("--name", default="", help="of the method; needed unless --dry-run")
        parser.add_argument("--source", default="", metavar="URL", help="where the pictures come from")
        parser.add_argument("--citation", default="")
        parser.add_argument("--licence", default="")
        parser.add_argument("--dry-run", action="store_true", help="only say what would become of each file")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._work(options)
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)

    def _work(self, options: dict[str, Any]) -> None:
        dataset = Dataset.objects.filter(slug=options["dataset"]).first()
        if dataset is None:
            known = ", ".join(Dataset.objects.values_list("slug", flat=True)) or "none"
            raise InputError(f"There is no dataset {options['dataset']!r}. Known: {known}.")
        selection = services.Selection(dataset, options["split"], options["modality"], options["part"])
        with services.files_at(Path(options["path"]).expanduser()) as files:
            report = services.report_of(files, selection, options["size"])
            if options["dry_run"]:
                self._tell(report, options["json"])
                return
            said = services.Provenance(options["name"], options["citation"], options["source"], options["licence"])
            published, created = services.published_create(
                owner=None, files=files, selection=selection, provenance=said, size_rule=options["size"]
            )
        if options["json"]:
            told = {"published": str(published.pk), "created": created, "n": published.n, "pairs": published.n_pairs}
            self.stdout.write(json.dumps({**told, "counts": report.counts}))
            return
        self._tell(report, False)
        word = "Kept" if created else "Brought in before"
        self.stdout.write(
            f"{word}: {published.name}, {published.n} of {published.n_pairs} pairs\npublished:{published.pk}"
        )

    def _tell(self, report: services.Report, as_json: bool) -> None:
        if as_json:
            files = [
                {"file": each.file, "fate": each.fate, "key": each.key, "reason": each.reason} for each in report.files
            ]
            told = {
                "counts": report.counts,
                "pairs": report.n_pairs,
                "cut": report.cut,
                "missing": list(report.missing),
            }
            self.stdout.write(json.dumps({**told, "files": files}))
            return
        counts = ", ".join(f"{fate} {n}" for fate, n in report.counts.items() if n)
        self.stdout.write(f"{len(report.files)} files for {report.n_pairs} pairs of {report.selection}: {counts}")
        if report.cut:
            self.stdout.write(f"The centre of {report.cut} is cut out.")
        for each in report.left_out[:SHOWN]:
            self.stdout.write(f"  left out: {each.file}: {each.reason}")
        if len(report.left_out) > SHOWN:
            self.stdout.write(f"  and {len(report.left_out) - SHOWN} more; --json lists all")
        if report.missing:
            more = " ..." if len(report.missing) > SHOWN else ""
            self.stdout.write(f"  pairs without a picture: {', '.join(report.missing[:SHOWN])}{more}")
