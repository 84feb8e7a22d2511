"""What the grid's template writes of each tile: everything looked up and translated once a page, not once a tile."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ..filters import GridFilter
from ..models import Dataset, Modality, Split, Verdict, VerdictReason
from ..selectors import Tile
from ..thumbnails import Thumbnails


@dataclass(frozen=True)
class TileView:
    """A tile as words, addresses and markup. `rejected` is the reason; "" where there is nothing to say."""

    address: str
    pictures: SafeString
    name: str
    modality: str
    more: int
    split: str
    rejected: str
    pick: str
    pick_label: str


def tile_views(tiles: list[Tile], dataset: Dataset, shown: GridFilter, thumbnail_size: int) -> list[TileView]:
    """The first tile's pictures are loaded at once, the others when they come into view."""
    thumbnails = Thumbnails(dataset.slug, thumbnail_size)
    before, _zero, after = reverse("datasetviewer:image-detail", args=[dataset.slug, 0]).rpartition("/0/")
    query = f"?{shown.query}" if shown.query else ""
    modalities = {modality.value: str(modality.label) for modality in Modality}
    splits = {split.value: str(split.label) for split in Split}
    reasons = {reason.value: str(reason.label) for reason in VerdictReason}
    select = _("select %(name)s")
    views = []
    for place, tile in enumerate(tiles):
        name, image = tile.subject.name, tile.image
        if tile.whole_person or image is None:
            address = reverse("datasetviewer:subject-detail", args=[dataset.slug, name])
        else:
            address = f"{before}/{image.pk}/{after}"
        alone = image is not None and len(tile.pictures) == 1 and not shown.modality
        rejected = image is not None and image.verdict == Verdict.REJECTED
        views.append(
            TileView(
                address=address + query,
                pictures=mark_safe(  # each is markup already
                    "".join(thumbnails.markup(picture, name, eager=place == 0) for picture in tile.pictures)
                ),
                name=name,
                modality=modalities.get(image.modality, image.modality) if image is not None and alone else "",
                more=max(0, tile.more),
                split=splits.get(image.split, image.split) if image is not None and image.split else "",
                rejected=reasons.get(image.verdict_reason, image.verdict_reason) if image and rejected else "",
                pick=tile.pick,
                pick_label=select % {"name": name},
            )
        )
    return views
