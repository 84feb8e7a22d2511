"""Which pictures: how a set is named, who may use it, and the pictures behind it. Import from here."""

# The specifications first: the rows of this app read them while the rest of this package waits for the rows.
from evaluation.sets.specs import (  # isort: skip
    ALL,
    HELD_OUT,
    MODALITIES,
    SPLITS,
    CheckpointSet,
    DatasetSet,
    FolderSet,
    HeldOutSet,
    NamedSet,
    PublishedSet,
    SetSpec,
    StylizerSet,
    UploadSpec,
    from_json,
    label,
    to_json,
)
from evaluation.sets.background import background_cautions
from evaluation.sets.checkpoints import checkpoints_usable_by, public_checkpoint
from evaluation.sets.contents import Contents, Outline, contents, images_of, made_by, outline, too_few
from evaluation.sets.floors import other_part
from evaluation.sets.folders import Suggestion, folder_suggestions
from evaluation.sets.matching import Matched, matched
from evaluation.sets.parsing import EXAMPLE, FORMS, parse, parse_text

__all__ = [
    "ALL",
    "EXAMPLE",
    "FORMS",
    "HELD_OUT",
    "MODALITIES",
    "SPLITS",
    "CheckpointSet",
    "Contents",
    "DatasetSet",
    "FolderSet",
    "HeldOutSet",
    "Matched",
    "NamedSet",
    "Outline",
    "PublishedSet",
    "SetSpec",
    "StylizerSet",
    "Suggestion",
    "UploadSpec",
    "background_cautions",
    "checkpoints_usable_by",
    "contents",
    "folder_suggestions",
    "from_json",
    "images_of",
    "label",
    "made_by",
    "matched",
    "other_part",
    "outline",
    "parse",
    "parse_text",
    "public_checkpoint",
    "to_json",
    "too_few",
]
