"""Published results taken in: matched by name, reported before they are kept, stored with where they come from."""

from evaluation.services.published.names import APPENDED, COPIED, Fate, Found
from evaluation.services.published.report import Report, Selection, SentFile, report_of
from evaluation.services.published.sources import files_at, files_of_folder, files_of_upload
from evaluation.services.published.writing import (
    Provenance,
    PublishedInUse,
    published_clear,
    published_create,
    published_delete,
)

__all__ = [
    "APPENDED",
    "COPIED",
    "Fate",
    "Found",
    "Provenance",
    "PublishedInUse",
    "Report",
    "Selection",
    "SentFile",
    "files_at",
    "files_of_folder",
    "files_of_upload",
    "published_clear",
    "published_create",
    "published_delete",
    "report_of",
]
