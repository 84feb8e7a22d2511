import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from evaluation.models import TrainingRun
from evaluation.sample_sheet import sample_sheet, sheet_rows
from workers.engine.errors import InputError
from workers.engine.whole_files import write_whole


class Command(BaseCommand):
    help = (
        "Write the faces that checkpoints drew as one PNG: the checkpoints of one run from first to last, or the last "
        "checkpoint of each of several runs. It shows what was drawn, never a picture of the dataset."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("runs", nargs="+", metavar="RUN", help="id of a training")
        parser.add_argument("-o", "--output", required=True, metavar="FILE", help="where to write, NAME.png")
        parser.add_argument("--faces", type=int, default=6, help="in a row (default: 6)")
        parser.add_argument("--rows", type=int, default=6, help="checkpoints of a single run (default: 6)")
        parser.add_argument("--height", type=int, default=160, help="of a face in pixels (default: 160)")

    def handle(self, *args: Any, **options: Any) -> None:
        file = Path(options["output"])
        try:
            if min(options["faces"], options["rows"], options["height"]) < 1:
                raise InputError("--faces, --rows and --height are at least 1.")
            if not file.parent.is_dir():
                raise InputError(f"There is no folder {file.parent}.")
            rows = sheet_rows([_run(text) for text in options["runs"]], options["faces"], options["rows"])
            if not rows:
                raise InputError("No checkpoint of these runs has sample faces.")
            sheet = sample_sheet(rows, options["height"])
        except InputError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(2)
        encoded = BytesIO()
        sheet.save(encoded, "PNG", optimize=True)
        write_whole(file, encoded.getvalue())
        self.stdout.write(f"{file} ({sheet.width}x{sheet.height}, {len(rows)} rows)")


def _run(text: str) -> TrainingRun:
    try:
        return TrainingRun.objects.get(pk=text)
    except (TrainingRun.DoesNotExist, ValidationError, ValueError):
        raise InputError(f"There is no training {text[:60]!r}; the ids stand on /trainings/.") from None
