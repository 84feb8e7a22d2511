import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from workers.engine import catalogue, weights
from workers.engine.errors import InputError


class Command(BaseCommand):
    help = "Check a file of trained weights and put it where the extractors look for it (WEIGHTS_DIR)."

    def add_arguments(self, parser) -> None:
        names = sorted(
            {*catalogue.EXTRACTORS, *catalogue.WEIGHTS} - {s for s, w in catalogue.WEIGHTS.items() if w.packaged}
        )
        parser.add_argument("name", metavar="NAME", help=f"extractor.layer or file stem: {', '.join(names)}")
        parser.add_argument("file", metavar="FILE", type=Path, help="the file, under any name")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            added = weights.add(options["name"], options["file"], Path(settings.WEIGHTS_DIR))
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)
        serves = [name for name in catalogue.EXTRACTORS if added.entry in catalogue.serving(name)]
        if options["json"]:
            entry = added.entry
            answer = {"file": str(added.path), "sha256": entry.sha256, "bytes": entry.bytes, "serves": serves}
            self.stdout.write(json.dumps(answer))
        else:
            self.stdout.write(f"Added {added.path} for {', '.join(serves)} ({added.entry.licence}).")
