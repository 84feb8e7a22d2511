import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from workers.engine import catalogue, weights_adding
from workers.engine.errors import InputError


class Command(BaseCommand):
    help = "Check a file of trained weights and put it where the extractors look for it (WEIGHTS_DIR)."

    def add_arguments(self, parser) -> None:
        packaged = {stem for stem, entry in catalogue.WEIGHTS.items() if entry.packaged}
        names = sorted({*catalogue.EXTRACTORS, *catalogue.WEIGHTS} - packaged)
        parser.add_argument("name", metavar="NAME", help=f"extractor.layer or file stem: {', '.join(names)}")
        parser.add_argument("file", metavar="FILE", type=Path, help="the file, under any name")
        parser.add_argument(
            "--name",
            dest="variant",
            default="",
            metavar="MINE",
            help="a fine-tuned file of the same shapes, to be used as extractor.layer@MINE (VGG-Face)",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        variant = options["variant"]
        try:
            added = weights_adding.add(options["name"], options["file"], Path(settings.WEIGHTS_DIR), variant)
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)
        entry = added.entry
        serves = [name for name in catalogue.EXTRACTORS if entry in catalogue.serving(name)]
        if variant:
            serves = [f"{name}@{variant}" for name in serves]
        if options["json"]:
            size = added.path.stat().st_size
            answer = {"file": str(added.path), "sha256": added.sha256, "bytes": size, "serves": serves}
            self.stdout.write(json.dumps(answer))
        else:
            self.stdout.write(f"Added {added.path} for {', '.join(serves) or entry.purpose} ({entry.licence}).")
