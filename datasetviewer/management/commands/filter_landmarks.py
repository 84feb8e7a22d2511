"""manage.py filter_landmarks FILE: what the filter keeps of a list of five points, without pictures."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from datasetviewer.services.landmark_lists import landmark_list_judge
from workers.engine.errors import InputError

from .align_dataset import chosen


class Command(BaseCommand):
    help = "Judge a tab-separated list of five points (person, file, x and y of each point) by the filter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="FILE", type=Path, help="the list, with a header")
        parser.add_argument(
            "--r", type=float, nargs="+", default=[0.05, 0.10, 0.15], metavar="R", help="default: 0.05 0.10 0.15"
        )
        parser.add_argument("--template", metavar="NAME", help="a template with five points (default: satnet)")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = landmark_list_judge(
                path=options["path"].expanduser(), template=chosen(None, options["template"]), rs=options["r"]
            )
        except InputError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        kinds = list(result["by_kind"])
        totals = ", ".join(f"{count} {kind}" for kind, count in result["by_kind"].items())
        self.stdout.write(f"{result['images']} images of {result['persons']} persons ({totals}).")
        for reason, count in result["structure"].items():
            self.stdout.write(f"Rejected whatever r is, {reason}: {count}")
        for tested, count in result["tests"].items():
            self.stdout.write(f"  {tested}: not so in {count}")
        self.stdout.write("\t".join(["r", "kept", *kinds, "too far", "persons"]))
        for row in result["rows"]:
            cells = [f"{row['r']:.2f}", row["kept"], *(row["by_kind"].get(kind, 0) for kind in kinds), row["too_far"]]
            self.stdout.write("\t".join(map(str, [*cells, row["persons"]])))
