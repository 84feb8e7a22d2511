"""manage.py stylize PHOTO --model ID -o OUT: draw one photo in this process, without the queue."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from stylized_face.choosing import MOST_FACES, FaceUnclear, question
from stylized_face.offered import TRAINED, default_model, model_get, models_built_in
from stylized_face.uploads import MAX_SIDE
from workers.engine.errors import InputError
from workers.engine.images import read_photo, write_png

if TYPE_CHECKING:
    from PIL import Image

    from stylized_face.jobs import Drawing


class Command(BaseCommand):
    help = "Draw the sketch of the face in a photo. The result is a PNG of 400x500 pixels with the eyes level."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(model.id for model in models_built_in()) + f", {TRAINED}ID"
        parser.add_argument("photo", metavar="PHOTO", type=Path, help="a JPEG, PNG or WebP picture of a face")
        parser.add_argument(
            "--model", metavar="ID", default=default_model(), help=f"what draws it: {known} (default %(default)s)"
        )
        parser.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help="PNG file to write")
        parser.add_argument("--aligned", metavar="FILE", type=Path, help="write the aligned photo there, too (PNG)")
        parser.add_argument(
            "--face",
            metavar="N",
            type=int,
            help=f"which of the faces found is drawn, 0 (the largest) to {MOST_FACES - 1}",
        )
        parser.add_argument(
            "--points",
            nargs=5,
            metavar="X,Y",
            help="where the face is: left eye, right eye, nose tip, left and right mouth corner, as you see them, in "
            f"pixels of the photo, turned upright and at most {MAX_SIDE} a side. The face is then not searched for.",
        )
        # No defaults: a model that knows neither is told from one that was given neither.
        parser.add_argument("--seed", type=int, help="other strokes of the same drawing (default 0)")
        parser.add_argument("--strength", type=float, help="0.2 faint .. 2 bold (default 1)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        seed = 0 if options["seed"] is None else options["seed"]
        strength = 1.0 if options["strength"] is None else options["strength"]
        photo = options["photo"].expanduser()
        outputs = [path.expanduser() for path in (options["output"], options["aligned"]) if path]
        try:
            _check_outputs(photo, outputs)
            self._check_options(options, seed, strength)
            drawing = _draw(_read(photo), options, seed, strength)
            _write(drawing, outputs)
        except FaceUnclear as unclear:
            text = f"{unclear} {_option_to_use(unclear, options['face'])}".rstrip()
            raise CommandError(text, returncode=2) from unclear
        except InputError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            result = {
                "photo": str(options["photo"]),
                "output": str(outputs[0]),
                "model": options["model"],
                "seed": seed,
                "strength": strength,
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

    def _check_options(self, options: dict[str, Any], seed: int, strength: float) -> None:
        """InputError for an option that REST refuses, too; says so when the model ignores what was given."""
        from stylized_face.services.choice import Choice

        if options["points"] and options["face"] is not None:
            raise InputError("Give either --points or --face: the points say which face it is.")
        Choice(options["model"], seed, strength).checked(face_index=options["face"])
        given = [f"--{name}" for name in ("seed", "strength") if options[name] is not None]
        if given and not model_get(model=options["model"]).draws_by_chance:
            self.stderr.write(
                f"{options['model']} knows neither seed nor strength: {' and '.join(given)} will change nothing."
            )


def _check_outputs(photo: Path, outputs: list[Path]) -> None:
    """InputError for a file that could not be written, or would replace the photo or the other one."""
    taken = {photo.resolve(): "the photo itself"}
    for output in outputs:
        if output.suffix.lower() != ".png":
            raise InputError(f"{output} would be written as PNG; give it a name that ends in .png.")
        if other := taken.get(output.resolve()):
            raise InputError(f"{output} would overwrite {other}; give it a name of its own.")
        taken[output.resolve()] = "the sketch"
        _check_folder(output)


def _check_folder(output: Path) -> None:
    folder = output.parent
    try:
        there, other = folder.is_dir(), folder.exists()
    except OSError as error:  # a folder above it may not be entered
        raise _not_written(output, error) from error
    if not there and other:
        raise InputError(f"{output} could not be written: {folder} is not a folder.")
    if not there:
        raise InputError(f"There is no folder {folder}; make it first, or write {output.name} somewhere else.")


def _read(photo: Path) -> Image.Image:
    """As an upload is: so faces are counted, and points lie, as REST and the pages say."""
    return read_photo(photo, max_side=MAX_SIDE)


def _draw(photo: Image.Image, options: dict[str, Any], seed: int, strength: float) -> Drawing:
    """The drawing of the face that is meant in an RGB photo; FaceUnclear when that is not clear."""
    from stylized_face.jobs.drawing import Drawing, Watch, pose
    from stylized_face.jobs.renderers import Style, renderer

    points = [point.split(",") for point in options["points"]] if options["points"] else None
    render = renderer(options["model"])
    posed = pose(photo, render, points=points, index=options["face"], watch=Watch(), report=lambda progress, step: None)
    (sketch,) = render.draw([posed.picture], [Style(strength, seed)])
    return Drawing(posed.face, posed.aligned.image, posed.aligned.transform, sketch)


def _write(drawing: Drawing, outputs: list[Path]) -> None:
    for output, picture in zip(outputs, (drawing.sketch, drawing.aligned), strict=False):
        try:
            write_png(picture, output)
        except OSError as error:
            raise _not_written(output, error) from error


def _not_written(output: Path, error: OSError) -> InputError:
    return InputError(f"{output} could not be written: {error.strerror or error}.")


def _option_to_use(unclear: FaceUnclear, face: int | None) -> str:
    """The sentence that says how to answer here; "" where no option helps, as with a face that is too small."""
    count = len(unclear.found)
    if not count:
        return "Use --points x,y x,y x,y x,y x,y: left eye, right eye, nose tip, left and right mouth corner."
    asked = question(unclear.found) == "which" if face is None else face >= count
    if not asked:
        return ""
    return f"Use --face 0 to {count - 1}." if count > 1 else "Use --face 0."
