"""Writing: making, cancelling, deleting and expiring sketches."""

from .all_models import stylizations_all_models
from .creating import Submission, stylization_create, stylizations_create
from .expiring import (
    retention,
    stylization_cancel,
    stylization_delete,
    stylization_expire,
    stylizations_delete_photo,
)
from .limits import LimitReached
from .redrawing import stylization_redraw, stylizations_all_faces
from .sampling import sample_request, samples_request
from .variants import stylizations_variants

__all__ = [
    "LimitReached",
    "Submission",
    "retention",
    "sample_request",
    "samples_request",
    "stylization_cancel",
    "stylization_create",
    "stylization_delete",
    "stylization_expire",
    "stylization_redraw",
    "stylizations_all_faces",
    "stylizations_all_models",
    "stylizations_create",
    "stylizations_delete_photo",
    "stylizations_variants",
]
