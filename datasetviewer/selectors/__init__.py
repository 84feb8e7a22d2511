"""All reading of this app's rows; views, api, and other apps go through here."""

from .datasets import (
    CountRow,
    DatasetCounts,
    dataset_counts,
    dataset_may_publish,
    dataset_visible_to,
    incoming_folders,
    last_import,
    sample_images,
    with_counts,
)
from .grid import (
    Neighbours,
    Tile,
    grid_images,
    grid_page,
    neighbours,
    pair_partners,
    sorted_images,
    subject_images,
)
from .images import image_path, image_visible_to, images_select

__all__ = [
    "CountRow",
    "DatasetCounts",
    "Neighbours",
    "Tile",
    "dataset_counts",
    "dataset_may_publish",
    "dataset_visible_to",
    "grid_images",
    "grid_page",
    "image_path",
    "image_visible_to",
    "images_select",
    "incoming_folders",
    "last_import",
    "neighbours",
    "pair_partners",
    "sample_images",
    "sorted_images",
    "subject_images",
    "with_counts",
]
