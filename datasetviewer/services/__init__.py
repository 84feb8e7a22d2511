"""All writing of this app's rows and files."""

from .counts import dataset_recount, dataset_recount_changed
from .datasets import dataset_import, dataset_prepare, dataset_remove, dataset_set_public
from .duplicates import duplicate_search_submit, duplicates_found, duplicates_write, pictures_hash
from .importing import pictures_import
from .protocols import (
    amount_of,
    coverage_refresh,
    protocol_apply,
    protocol_create,
    protocol_cut_validation,
    protocol_from_csv,
    split_draw,
)
from .reports import ImportReport
from .selections import image_set_create, image_set_delete, image_set_restore, image_set_update
from .submissions import (
    DEMO_SLUG,
    SUBMITTED_LAYOUTS,
    archive_submit,
    dataset_import_submit,
    demo_enqueue,
    import_cancel,
    import_folder,
)
from .uploads import ArchiveUpload, IncomingArchive, archives_expire, too_large_text, upload_check, was_too_large

__all__ = [
    "DEMO_SLUG",
    "SUBMITTED_LAYOUTS",
    "ArchiveUpload",
    "ImportReport",
    "IncomingArchive",
    "amount_of",
    "archive_submit",
    "archives_expire",
    "coverage_refresh",
    "dataset_import",
    "dataset_import_submit",
    "dataset_prepare",
    "dataset_recount",
    "dataset_recount_changed",
    "dataset_remove",
    "dataset_set_public",
    "demo_enqueue",
    "duplicate_search_submit",
    "duplicates_found",
    "duplicates_write",
    "image_set_create",
    "image_set_delete",
    "image_set_restore",
    "image_set_update",
    "import_cancel",
    "import_folder",
    "pictures_hash",
    "pictures_import",
    "protocol_apply",
    "protocol_create",
    "protocol_cut_validation",
    "protocol_from_csv",
    "split_draw",
    "too_large_text",
    "upload_check",
    "was_too_large",
]
