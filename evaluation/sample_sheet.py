"""The sample faces of checkpoints on one sheet: a row a checkpoint, a column a face. Drawn faces only, no photo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from evaluation import selectors
from evaluation.models import Checkpoint, TrainingRun

PAPER, INK = "white", "#333333"
LABEL_SIZE = 15  # of the letters, in pixels
GAP = 6


def sheet_rows(runs: Sequence[TrainingRun], faces: int, most: int) -> list[tuple[str, list[Path]]]:
    """Labels and sample files. One run: its checkpoints, at most `most`, evenly chosen, the first and last always.
    Several runs: the last checkpoint of each that has samples."""
    if len(runs) == 1:
        every = _with_samples(runs[0])
        count = min(most, len(every))
        places = [round(place * (len(every) - 1) / max(1, count - 1)) for place in range(count)] if every else []
        chosen = [(f"epoch {every[place].epoch}", every[place]) for place in places]
    else:
        chosen = [(run.name or run.preset, every[-1]) for run in runs if (every := _with_samples(run))]
    return [
        (label, [checkpoint.folder / "samples" / name for name in selectors.sample_names(checkpoint)[:faces]])
        for label, checkpoint in chosen
    ]


def sample_sheet(rows: Sequence[tuple[str, Sequence[Path]]], height: int) -> Image.Image:
    """The rows as one picture; every face gets `height` pixels."""
    font = ImageFont.load_default(LABEL_SIZE)
    margin = round(max(font.getlength(label) for label, _ in rows)) + 2 * GAP
    strips = []
    for label, files in rows:
        faces = []
        for file in files:
            with Image.open(file) as stored:
                width = round(stored.width * height / stored.height)
                faces.append(stored.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))
        strip = Image.new("RGB", (margin + sum(face.width + GAP for face in faces), height), PAPER)
        ImageDraw.Draw(strip).text((GAP, height / 2), label, fill=INK, font=font, anchor="lm")
        left = margin
        for face in faces:
            strip.paste(face, (left, 0))
            left += face.width + GAP
        strips.append(strip)
    sheet = Image.new("RGB", (max(strip.width for strip in strips), len(strips) * (height + GAP) + GAP), PAPER)
    for place, strip in enumerate(strips):
        sheet.paste(strip, (0, GAP + place * (height + GAP)))
    return sheet


def _with_samples(run: TrainingRun) -> list[Checkpoint]:
    every = Checkpoint.objects.filter(run=run, deleted=None).order_by("epoch")
    return [checkpoint for checkpoint in every if selectors.sample_names(checkpoint)]
