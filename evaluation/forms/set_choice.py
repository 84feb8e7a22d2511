"""One side of a new evaluation as it is chosen on the page: where its pictures come from, in the address and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from evaluation import sets
from evaluation.sets import SetSpec

DATASET, CHECKPOINT, IMAGE_SET, UPLOAD, FOLDER = "dataset", "checkpoint", "image_set", "upload", "folder"
STYLIZER, PUBLISHED = "stylizer", "published"
KINDS = {
    DATASET: _("Dataset"),
    CHECKPOINT: _("Checkpoint"),
    STYLIZER: _("Built-in"),
    IMAGE_SET: _("Named set"),
    UPLOAD: _("Upload"),
    PUBLISHED: _("Published results"),
    FOLDER: _("Folder"),
}
# What each kind is told by; the first is what gives the kind away when an address does not name it.
PARTS = {
    DATASET: ("dataset", "split", "modality", "source"),
    CHECKPOINT: ("checkpoint", "dataset", "split", "source"),
    STYLIZER: ("stylizer", "dataset", "split", "source"),
    IMAGE_SET: ("image_set",),
    UPLOAD: ("upload",),
    PUBLISHED: ("published",),
    FOLDER: ("folder",),
}
ALL_PARTS = tuple(dict.fromkeys(part for parts in PARTS.values() for part in parts))
DEFAULT_MODALITY = {"reference": "sketch", "candidate": "photo", "probe": "sketch", "gallery": "photo"}


@dataclass(frozen=True)
class SetChoice:
    """What stands in the fields of one side: the kind, and every part, also those of the other kinds."""

    side: str
    kind: str
    parts: dict[str, str]

    def spec(self) -> SetSpec:
        """The chosen set; InputError when it is no specification of one."""
        return sets.parse({part: self.parts[part] for part in PARTS[self.kind]}, self.side)

    def address_parts(self) -> dict[str, str]:
        """What has to stand in an address for this choice to come back."""
        chosen = {part: self.parts[part] for part in PARTS[self.kind] if self.parts[part]}
        return {f"{self.side}_kind": self.kind} | {f"{self.side}_{part}": value for part, value in chosen.items()}


def choice_read(side: str, data: Any, defaults: Mapping[str, str]) -> SetChoice:
    """The choice for a side out of an address or a sent form (a QueryDict)."""
    kind = data.get(f"{side}_kind", "")
    if kind not in KINDS:
        given = (kind for kind, parts in PARTS.items() if kind != DATASET and data.get(f"{side}_{parts[0]}"))
        kind = next(given, DATASET)
    start = {"split": sets.ALL, "modality": DEFAULT_MODALITY[side]} | dict(defaults)
    return SetChoice(side, kind, {part: data.get(f"{side}_{part}", start.get(part, "")).strip() for part in ALL_PARTS})


def choice_of(side: str, spec: Mapping[str, str]) -> SetChoice:
    """The choice that stands for a stored specification."""
    kind = next(kind for kind in (CHECKPOINT, STYLIZER, IMAGE_SET, UPLOAD, PUBLISHED, FOLDER, DATASET) if kind in spec)
    return SetChoice(side, kind, {part: spec.get(part, "") for part in ALL_PARTS})
