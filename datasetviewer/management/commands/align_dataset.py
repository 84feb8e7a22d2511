"""manage.py align_dataset SLUG: make an aligned dataset out of one with landmarks."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from datasetviewer.alignment_jobs import largest_face
from datasetviewer.models import AlignmentRun, Dataset
from datasetviewer.services.aligning import pictures_align
from datasetviewer.services.alignment import alignment_prepare
from datasetviewer.services.detection import images_without_landmarks, landmarks_detect
from workers.engine.alignment import template_by_crop, template_from_text
from workers.engine.errors import InputError
from workers.engine.filtering import REASONS
from workers.engine.geometry import PADDINGS, TEMPLATES, Template, template

from .import_dataset import progress

SHOWN = 20


class Command(BaseCommand):
    help = "Bring the faces of a dataset onto a template; makes the dataset SLUG-TEMPLATE, or brings it up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="the dataset to align")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--crop", metavar="WIDTHxHEIGHT", help="the template of that size, as in 200x232")
        which.add_argument(
            "--template", metavar="NAME", help=f"{', '.join(TEMPLATES)}, or a JSON file (default: satnet)"
        )
        parser.add_argument("--r", type=float, metavar="R", help="leave out what the filter rejects, as in 0.10")
        parser.add_argument("--padding", default="edge", metavar="KIND", help=f"{', '.join(PADDINGS)} (default: edge)")
        parser.add_argument("--name", metavar="SLUG", default="", help="the new dataset's short name")
        parser.add_argument("--detect", action="store_true", help="first find the faces in pictures without landmarks")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with progress(sys.stderr, quiet=options["json"]) as report:
                parent = Dataset.objects.filter(slug=options["slug"]).first()
                if parent is None:
                    known = ", ".join(Dataset.objects.values_list("slug", flat=True)[:20]) or "none"
                    raise InputError(f"There is no dataset {options['slug']!r}. Known: {known}.")
                target = chosen(options["crop"], options["template"])
                detected = None
                if options["detect"] and images_without_landmarks(parent, again=False).exists():
                    detected = landmarks_detect(dataset=parent, find=largest_face, report=report)
                dataset, created = alignment_prepare(
                    parent=parent,
                    template=target,
                    padding=options["padding"],
                    r=options["r"],
                    slug=options["name"],
                    owner=parent.owner,
                )
                outcome = pictures_align(dataset=dataset, report=report)
        except InputError as error:
            raise CommandError(str(error), returncode=2) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was stored stays; run the command again to go on.") from None
        result = outcome.as_dict() | {"dataset": dataset.slug, "recipe": dataset.recipe, "new": created}
        if detected is not None:
            result["detected"] = detected
        AlignmentRun.objects.create(dataset=dataset, report=outcome.as_dict())
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        if detected is not None:
            self.stdout.write(f"Faces found in {detected['found']} pictures, none in {detected['failed']}.")
        self.stdout.write(f"Dataset {dataset.slug}: {outcome.headline()} Pairs: {outcome.pairs}.")
        for reason, count in sorted(outcome.left_out.items(), key=lambda item: -item[1]):
            text = "filter: " if reason in REASONS else ""
            self.stdout.write(f"  left out, {text}{reason}: {count}")
        for entry in outcome.listed[:SHOWN]:
            self.stdout.write(f"left out: {entry['path']}: {entry['reason']} {entry['text']}".rstrip())


def chosen(crop: str | None, name: str | None) -> Template:
    """The template that was asked for: by its crop, its name, or a JSON file."""
    if crop:
        return template_by_crop(crop)
    if name and (name.endswith(".json") or "/" in name):
        try:
            text = Path(name).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"The template file {name} cannot be read: {error}.") from error
        return template_from_text(text)
    return template(name or "satnet")
