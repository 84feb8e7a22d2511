"""manage.py stylize PHOTO --model ID -o OUT: draw one photo in this process, without the queue."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from stylized_face.offered import TRAINED, default_model, model_get, models_built_in
from workers.engine.errors import InputError
from workers.engine.images import read_photo, write_png


class Command(BaseCommand):
    help = "Draw the sketch of the face in a photo. The result is a PNG of 400x500 pixels with the eyes level."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(model.id for model in models_built_in()) + f", {TRAINED}ID"
        parser.add_argument("photo", metavar="PHOTO", type=Path, help="a JPEG, PNG or WebP picture of one face")
        parser.add_argument(
            "--model", metavar="ID", default=default_model(), help=f"what draws it: {known} (default %(default)s)"
        )
        parser.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help="PNG file to write")
        parser.add_argument("--aligned", metavar="FILE", type=Path, help="write the aligned photo there, too (PNG)")
        parser.add_argument("--seed", type=int, default=0, help="other strokes of the same drawing (default 0)")
        parser.add_argument("--strength", type=float, default=1.0, help="0.2 faint .. 2 bold (default 1)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        from stylized_face.jobs import draw

        outputs = [path.expanduser() for path in (options["output"], options["aligned"]) if path]
        try:
            for output in outputs:
                if output.suffix.lower() != ".png":
                    raise InputError(f"{output} would be written as PNG; give it a name that ends in .png.")
            model_get(model=options["model"])
            photo = read_photo(options["photo"].expanduser())
            drawing = draw(photo, model=options["model"], seed=options["seed"], strength=options["strength"])
            for output, picture in zip(outputs, (drawing.sketch, drawing.aligned), strict=False):
                try:
                    write_png(picture, output)
                except OSError as error:
                    raise InputError(f"{output} could not be written: {error.strerror or error}.") from error
        except InputError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            result = {
                "photo": str(options["photo"]),
                "output": str(outputs[0]),
                "model": options["model"],
                "seed": options["seed"],
                "strength": options["strength"],
                "width": drawing.sketch.width,
                "height": drawing.sketch.height,
                "face_box": [round(value, 1) for value in drawing.face.box],
                "eyes": [[round(value, 1) for value in eye] for eye in drawing.face.eyes],
            }
            self.stdout.write(json.dumps(result))
        else:
            self.stdout.write(
                f"{outputs[0]}: {drawing.sketch.width}x{drawing.sketch.height}, drawn by {options['model']}"
            )
