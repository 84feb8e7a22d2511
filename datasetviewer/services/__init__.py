"""All writing of this app's rows and files."""

from .datasets import dataset_import, dataset_prepare, dataset_remove, dataset_set_public
from .importing import pictures_import
from .reports import ImportReport, Tally
from .submissions import DEMO_SLUG, SUBMITTED_LAYOUTS, dataset_import_submit, demo_enqueue, import_folder

__all__ = [
    "DEMO_SLUG",
    "SUBMITTED_LAYOUTS",
    "ImportReport",
    "Tally",
    "dataset_import",
    "dataset_import_submit",
    "dataset_prepare",
    "dataset_remove",
    "dataset_set_public",
    "demo_enqueue",
    "import_folder",
    "pictures_import",
]
