"""Pages; one file for each group of them."""

from .compare import image_detail
from .datasets import dataset_detail, dataset_list, dataset_publish, subject_detail
from .insight import dataset_duplicates, dataset_statistics
from .pictures import image_file, image_thumbnail
from .selections import (
    dataset_images_csv,
    dataset_select,
    image_set_csv,
    image_set_delete,
    image_set_detail,
    image_set_list,
    image_set_restore,
)

__all__ = [
    "dataset_detail",
    "dataset_duplicates",
    "dataset_images_csv",
    "dataset_list",
    "dataset_publish",
    "dataset_select",
    "dataset_statistics",
    "image_detail",
    "image_file",
    "image_set_csv",
    "image_set_delete",
    "image_set_detail",
    "image_set_list",
    "image_set_restore",
    "image_thumbnail",
    "subject_detail",
]
