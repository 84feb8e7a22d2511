"""The digests of a set's pictures as far as the rows know them, without opening a file: for looking up kept features."""

from __future__ import annotations

from typing import Any

from evaluation.sets import floors
from evaluation.sets.contents import _images, _published, _uploaded
from evaluation.sets.specs import DatasetSet, FolderSet, PublishedSet, SetSpec, StylizerSet, UploadSpec

MOST = 100_000  # pictures whose digests a form may ask for


def known_digests(spec: SetSpec, which: str, *, user: Any = None, everything: bool = False) -> list[str] | None:
    """SHA-256 sums of the pictures; None for folders, for what has to be drawn first, and for very large sets.

    InputError for unknown names.
    """
    if isinstance(spec, FolderSet):
        return None
    if isinstance(spec, UploadSpec):
        uploaded = _uploaded(spec, which, user, everything)
        return [sha256 for _key, sha256, _kind in uploaded.pictures]
    if isinstance(spec, PublishedSet):
        published = _published(spec, which, user, everything)
        return [sha256 for _key, _name, sha256, _kind in published.pictures]
    _dataset, checkpoint, images = _images(spec, which, user, everything)
    if checkpoint is not None or isinstance(spec, StylizerSet) or images.count() > MOST:
        return None
    return list(images.order_by().values_list("sha256", flat=True))


def other_digests(spec: SetSpec, *, user: Any = None, everything: bool = False) -> list[str]:
    """Those of the other real pictures that the reference is held against (floors.other_part); empty without any."""
    if not isinstance(spec, DatasetSet) or spec.split not in floors.OTHER:
        return []
    other = DatasetSet(spec.dataset, floors.OTHER[spec.split], spec.modality, spec.source)
    _dataset, _checkpoint, images = _images(other, "reference", user, everything)
    digests = images.order_by("sha256", "key").values_list("sha256", flat=True)[: floors.MOST]
    return list(digests) if len(digests) > 1 else []
