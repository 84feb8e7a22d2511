"""All reading of this app's rows; views, api, and other apps go through here."""

from .bookmarks import keys_between, keys_over
from .counting import CountRow, DatasetCounts, Total, counted, counted_found, counted_over, dataset_counts
from .datasets import (
    dataset_may_publish,
    dataset_visible_to,
    incoming_folders,
    last_import,
    sample_images,
    with_counts,
)
from .duplicates import DuplicateGroup, duplicate_groups, last_duplicate_search
from .filtering import grid_images, grid_persons, matching_images, sorted_images
from .grid import Tile, grid_page, keys_found, pair_partners, subject_images
from .images import image_path, image_sources, image_visible_to, images_select
from .imports import import_managed_by, import_place, imported_files, imports_visible_to, verdict_counts
from .protocols import (
    holdings_of,
    newest_protocols,
    protocol_coverage,
    protocol_entries,
    protocol_get,
    protocol_rows,
    protocol_text,
    protocols_of,
    stored_coverage,
)
from .selections import (
    image_set_images,
    image_set_may_change,
    image_set_modalities,
    image_set_visible_to,
    picked_images,
)
from .statistics import DatasetStatistics, dataset_statistics
from .walking import Neighbours, neighbours, person_neighbours

__all__ = [
    "CountRow",
    "DatasetCounts",
    "DatasetStatistics",
    "DuplicateGroup",
    "Neighbours",
    "Tile",
    "Total",
    "counted",
    "counted_found",
    "counted_over",
    "dataset_counts",
    "dataset_may_publish",
    "dataset_statistics",
    "dataset_visible_to",
    "duplicate_groups",
    "grid_images",
    "grid_page",
    "grid_persons",
    "holdings_of",
    "image_path",
    "image_set_images",
    "image_set_may_change",
    "image_set_modalities",
    "image_set_visible_to",
    "image_sources",
    "image_visible_to",
    "images_select",
    "import_managed_by",
    "import_place",
    "imported_files",
    "imports_visible_to",
    "incoming_folders",
    "keys_between",
    "keys_found",
    "keys_over",
    "last_duplicate_search",
    "last_import",
    "matching_images",
    "neighbours",
    "newest_protocols",
    "pair_partners",
    "person_neighbours",
    "picked_images",
    "protocol_coverage",
    "protocol_entries",
    "protocol_get",
    "protocol_rows",
    "protocol_text",
    "protocols_of",
    "sample_images",
    "sorted_images",
    "stored_coverage",
    "subject_images",
    "verdict_counts",
    "with_counts",
]
