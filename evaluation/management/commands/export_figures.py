import sys
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.http import QueryDict

from evaluation import study_json, study_queries, study_tables
from evaluation.study_figures import figure
from workers.engine.errors import InputError
from workers.engine.whole_files import write_whole

KINDS = ("curve", "scatter")
WORDS = {"epoch": "epoch", "floor": "real against real", "jump": "jump", "interval": "95 % interval"}


class Command(BaseCommand):
    help = (
        "Write a curve or a scatter as NAME.svg, NAME.png and NAME.csv. QUERY is what stands behind the question mark on the "
        'page, e.g. "run=ID&measure=fid:inception.mixed6e". Needs Chromium.'
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("--query", default="", metavar="QUERY")
        parser.add_argument("-o", "--output", default=".", metavar="FOLDER", help="where to write (default: here)")
        parser.add_argument("--name", default="", help="of the files, without ending (default: the kind)")
        parser.add_argument("--width", type=int, default=960, help="in CSS pixels (default: 960)")
        parser.add_argument("--height", type=int, default=520, help="in CSS pixels (default: 520)")
        parser.add_argument("--theme", choices=("light", "dark"), default="light")

    def handle(self, *args: Any, **options: Any) -> None:
        folder, kind = Path(options["output"]), options["kind"]
        everybody = get_user_model()(
            username="command line", is_active=True
        )  # never saved; sees what the signed-in see
        query = QueryDict(options["query"].lstrip("?"))
        try:
            if kind == "curve":
                curve = study_queries.curve_of(everybody, query)
                data, table, count = study_json.curve_json(curve), study_tables.curve_csv(curve), len(curve.points)
            else:
                scatter = study_queries.scatter_of(everybody, query)
                data, table, count = (
                    study_json.scatter_json(scatter),
                    study_tables.scatter_csv(scatter),
                    len(scatter.points),
                )
            if not count:
                raise InputError("There is nothing to draw: no checkpoint of these runs has such a value.")
            if not folder.is_dir():
                raise InputError(f"There is no folder {folder}.")
            size = {"width": options["width"], "height": options["height"], "theme": options["theme"]}
            files = {**figure(kind, {**data, "words": WORDS}, **size), "csv": table.encode()}
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)
        for ending, content in files.items():
            path = folder / f"{options['name'] or kind}.{ending}"
            write_whole(path, content)
            self.stdout.write(f"{path} ({len(content):,} bytes, {count} checkpoints)")
