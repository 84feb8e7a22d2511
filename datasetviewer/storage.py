"""Where the pictures lie: content-addressed files below DATA_DIR, so that the same bytes are stored once.

DATA_DIR/datasets/<slug>/files/<first two of sha>/<sha>.<ending>     the original bytes, never changed
DATA_DIR/datasets/<slug>/thumbs/<first two of sha>/<sha>-<size>.webp the longer side at most <size> pixels
"""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

THUMBNAIL_SIZES = (160, 320)

# Pillow's name of a format -> ending of the stored file, content type it is served as.
FORMATS = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "WEBP": ("webp", "image/webp"),
}


def dataset_folder(slug: str) -> Path:
    return Path(settings.DATA_DIR) / "datasets" / slug


def file_path(slug: str, sha256: str, image_format: str) -> Path:
    ending, _ = FORMATS[image_format]
    return dataset_folder(slug) / "files" / sha256[:2] / f"{sha256}.{ending}"


def thumbnail_path(slug: str, sha256: str, size: int) -> Path:
    return dataset_folder(slug) / "thumbs" / sha256[:2] / f"{sha256}-{size}.webp"


def content_type(image_format: str) -> str:
    return FORMATS[image_format][1]


def remove_dataset_folder(slug: str) -> None:
    shutil.rmtree(dataset_folder(slug), ignore_errors=True)
