"""A row of a paper table: a candidate set, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from evaluation.sets import CheckpointSet, DatasetSet, SetSpec, StylizerSet, from_json, to_json

PHOTO = "photo"


@dataclass(frozen=True)
class Row:
    """A candidate set, and what its row is called ("" for its usual name)."""

    spec: SetSpec
    label: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"set": to_json(self.spec), "label": self.label}


def row_from(stored: dict[str, Any]) -> Row:
    return Row(from_json(stored["set"]), stored["label"])


def usual_name(spec: SetSpec, titles: dict[str, str]) -> str:
    """What a row is called when nobody gave it a name. `titles`: name of each checkpoint by its number."""
    if isinstance(spec, DatasetSet) and spec.modality == PHOTO:
        return _("Photo as sketch")
    if isinstance(spec, StylizerSet):
        return spec.stylizer
    if isinstance(spec, CheckpointSet):
        return titles.get(spec.checkpoint, f"checkpoint {spec.checkpoint}")
    if name := getattr(spec, "name", ""):
        return str(name)
    return str(spec)
