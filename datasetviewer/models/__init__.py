"""The rows of this app. Each file has one concept; import from here."""

from datasetviewer.models.alignment import (
    AlignedImage,
    AlignmentRun,
    Decision,
    DetectionFailure,
    DetectionRun,
    FilterRun,
    ImageDecision,
    ImageJudgement,
    LandmarkEdit,
)
from datasetviewer.models.bookmarks import Bookmarks
from datasetviewer.models.datasets import (
    GREY_MODES,
    SLUG_PATTERN,
    Dataset,
    Image,
    LandmarkSource,
    Modality,
    Pair,
    Split,
    Subject,
    Verdict,
    VerdictReason,
)
from datasetviewer.models.duplicates import DuplicateSearch, ImageHash, NearDuplicate
from datasetviewer.models.imports import DatasetImport, FileVerdict, ImportedFile
from datasetviewer.models.protocols import Protocol, ProtocolBody, ProtocolKind, ProtocolOrigin, ProtocolUnit
from datasetviewer.models.selections import ImageSet, ImageSetMember
from datasetviewer.models.summaries import DatasetSummary, Facet, PersonNames

__all__ = [
    "GREY_MODES",
    "SLUG_PATTERN",
    "AlignedImage",
    "AlignmentRun",
    "Bookmarks",
    "Dataset",
    "DatasetImport",
    "DatasetSummary",
    "Decision",
    "DetectionFailure",
    "DetectionRun",
    "DuplicateSearch",
    "Facet",
    "FileVerdict",
    "FilterRun",
    "Image",
    "ImageDecision",
    "ImageHash",
    "ImageJudgement",
    "ImageSet",
    "ImageSetMember",
    "ImportedFile",
    "LandmarkEdit",
    "LandmarkSource",
    "Modality",
    "NearDuplicate",
    "Pair",
    "PersonNames",
    "Protocol",
    "ProtocolBody",
    "ProtocolKind",
    "ProtocolOrigin",
    "ProtocolUnit",
    "Split",
    "Subject",
    "Verdict",
    "VerdictReason",
]
