import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from workers.engine import catalogue, weights_fetching
from workers.engine.errors import InputError


class Command(BaseCommand):
    help = "Fetch trained weights from their publishers into WEIGHTS_DIR; without a name, list what is there and what is not."

    def add_arguments(self, parser) -> None:
        offered = sorted(stem for stem, entry in catalogue.WEIGHTS.items() if entry.url)
        parser.add_argument(
            "name", metavar="NAME", nargs="?", help=f"extractor.layer or file stem: {', '.join(offered)}; default: list"
        )
        parser.add_argument("--json", action="store_true", help="JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.WEIGHTS_DIR)
        try:
            if options["name"] is None:
                self._list(weights_fetching.statuses(folder), options["json"])
            else:
                self._fetch(options["name"], folder, options["json"])
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)
        except KeyboardInterrupt:
            self.stderr.write("stopped; run the command again to go on")
            sys.exit(130)

    def _fetch(self, name: str, folder: Path, as_json: bool) -> None:
        fetched = []
        for entry in weights_fetching.to_fetch(name, folder):
            if not as_json:
                self.stdout.write(f"{entry.url} ({entry.licence})")
            with _bar(entry.filename, silent=as_json) as bar:

                def show(done: int, total: int | None, bar=bar) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                file = weights_fetching.fetch(entry, folder, show)
            fetched.append({"file": str(file.path), "sha256": file.sha256, "bytes": file.path.stat().st_size})
        if as_json:
            self.stdout.write(json.dumps({"fetched": fetched}))
            return
        for each in fetched:
            self.stdout.write(f"Wrote {each['file']} (SHA-256 {each['sha256']}).")
        if not fetched:
            self.stdout.write(f"All that {name} needs is here already.")

    def _list(self, found: list[weights_fetching.Status], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"weights": [_row(status) for status in found]}))
            return
        for status in found:
            entry = status.entry
            self.stdout.write(f"{status.state:8} {entry.stem} ({entry.bytes / 2**20:,.1f} MiB): {entry.purpose}")
            serves = f"; for {', '.join(status.serves)}" if status.serves else ""
            self.stdout.write(f"         {entry.licence}{serves}")
            if status.state != "present":
                fetch = f"python manage.py fetch_weights {entry.stem}"
                self.stdout.write(f"         {fetch if entry.url else entry.how_to_get}")


def _row(status: weights_fetching.Status) -> dict[str, Any]:
    entry = status.entry
    return {
        "name": entry.stem,
        "state": status.state,
        "filename": entry.filename,
        "bytes": entry.bytes,
        "sha256": entry.sha256 or None,
        "licence": entry.licence,
        "purpose": entry.purpose,
        "url": entry.url or None,
        "how_to_get": entry.how_to_get or None,
        "serves": list(status.serves),
    }


def _bar(title: str, silent: bool) -> tqdm:
    disable = True if silent else None  # None: shown on a terminal alone
    return tqdm(desc=title, unit="B", unit_scale=True, unit_divisor=1024, disable=disable, file=sys.stderr)
