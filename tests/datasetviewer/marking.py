"""Small drawn datasets with landmarks, for the tests of alignment and filter."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as Picture

from datasetviewer.models import Dataset, Image, Pair, Subject
from datasetviewer.pictures import read_picture
from datasetviewer.services.landmarks import landmark_fields
from datasetviewer.storage import THUMBNAIL_SIZES, file_path, thumbnail_path
from workers.engine.geometry import TEMPLATES
from workers.engine.whole_files import write_whole

# Five points of a frontal face in a picture of 140 x 150 pixels.
FIVE = [[round(float(x) + 12, 3), round(float(y) + 14, 3)] for x, y in TEMPLATES["sphereface"].array()]


def moved(index: int, dx: float, dy: float) -> list[list[float]]:
    five = [list(point) for point in FIVE]
    five[index] = [five[index][0] + dx, five[index][1] + dy]
    return five


SIDE = moved(2, -35, 0)  # the nose left of the mouth
FAR = moved(4, 46, 30)  # the right mouth corner: kept at r = 0.10, not at 0.05


def png(five: Sequence[Sequence[float]], number: int = 0, size=(140, 150), mode: str = "RGB") -> bytes:
    """A picture with a round blob at each point; `number` makes it different from others."""
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    blobs = np.max([np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18) for x, y in five], axis=0)
    grey = np.rint(40 + number % 40 + 150 * blobs).astype(np.uint8)
    stream = io.BytesIO()
    Picture.fromarray(grey).convert(mode).save(stream, format="PNG")
    return stream.getvalue()


def add_image(
    dataset: Dataset,
    key: str,
    *,
    points: Sequence[Sequence[float]] | None = FIVE,
    drawn: Sequence[Sequence[float]] | None = None,
    subject: str = "",
    modality: str = "photo",
    pair: str = "",
    split: str = "",
    source: str = "",
    mode: str = "RGB",
    landmark_source: str = "read",
) -> Image:
    """An image row with its files; `points` are its landmarks, `drawn` where the blobs are (default: there)."""
    number = Image.objects.filter(dataset=dataset).count()
    content = png(drawn or points or FIVE, number, mode=mode)
    picture = read_picture(content)
    for size in THUMBNAIL_SIZES:
        write_whole(thumbnail_path(dataset.slug, picture.sha256, size), picture.thumbnails[size])
    write_whole(file_path(dataset.slug, picture.sha256, picture.format), content)
    person, _new = Subject.objects.get_or_create(dataset=dataset, name=subject or Path(key).stem)
    link = None
    if pair:
        link, _new = Pair.objects.get_or_create(dataset=dataset, key=pair, defaults={"subject": person, "split": split})
    return Image.objects.create(
        dataset=dataset,
        subject=person,
        pair=link,
        modality=modality,
        split=split,
        source=source,
        key=key,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        mode=picture.mode,
        bytes=len(content),
        format=picture.format,
        **landmark_fields(points, landmark_source),
    )


def marked_dataset(owner, *, slug: str = "faces", public: bool = False) -> Dataset:
    """Four persons: a and b pairs that fit, c a side face, d a photo without landmarks and a sketch that fits."""
    dataset = Dataset.objects.create(
        slug=slug, name="Faces", layout="folders", owner=owner, public=public, terms="Research only.", citation="Us."
    )
    for name, photo, sketch, split in (
        ("a", FIVE, FIVE, "train"),
        ("b", FAR, FIVE, "test"),
        ("c", SIDE, FIVE, "test"),
        ("d", None, FIVE, "test"),
    ):
        common = {"subject": name, "pair": name, "split": split, "source": "X"}
        add_image(dataset, f"photos/{name}.png", points=photo, modality="photo", **common)
        add_image(dataset, f"sketches/{name}.png", points=sketch, modality="sketch", mode="L", **common)
    return dataset
